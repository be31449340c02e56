import type { Host, RandomStream } from '../../host.ts';
import type { MetadataChannel } from '../metadata/channel.ts';
import type { PeerRotation } from '../peer-rotation.ts';
import type { RetryBudget } from '../retry-budget.ts';
import type { ClientConfig } from './config.ts';
import type { Hedging } from './hedging.ts';
import type { ObjectCache } from './object-cache.ts';

/** What an operation in progress may use of its client. */
export interface ClientCore {
  readonly host: Host;
  readonly config: ClientConfig;
  readonly metadata: MetadataChannel;
  readonly budget: RetryBudget;
  readonly jitter: RandomStream;
  /** Which of them takes the next block. */
  readonly gateways: PeerRotation;
  /** Undefined where nothing is to be remembered. */
  readonly cache: ObjectCache | undefined;
  /** Undefined where gets are not hedged. */
  readonly hedging: Hedging | undefined;
  readonly epoch: number;
  /** Unique for ever over all clients: an idempotency token or a block's id. */
  nextId(): string;
  noticeEpoch(epoch: number): void;
  /** An operation is over. */
  ended(): void;
}
