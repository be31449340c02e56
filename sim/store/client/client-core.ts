import type { Host, RandomStream } from '../../host.ts';
import type { MetadataChannel } from '../metadata/channel.ts';
import type { RetryBudget } from '../retry-budget.ts';
import type { ClientConfig } from './config.ts';
import type { GatewayChoice } from './gateway-choice.ts';

/** What an operation in progress may use of its client. */
export interface ClientCore {
  readonly host: Host;
  readonly config: ClientConfig;
  readonly metadata: MetadataChannel;
  readonly budget: RetryBudget;
  readonly jitter: RandomStream;
  readonly gateways: GatewayChoice;
  readonly epoch: number;
  /** Unique for ever over all clients: an idempotency token or a block's id. */
  nextId(): string;
  noticeEpoch(epoch: number): void;
  /** An operation is over. */
  ended(): void;
}
