import type { DataRefusal, DataReply } from '../messages/block.ts';
import type { DataNodeConfig } from './config.ts';
import type { DiskHealth } from './disk-health.ts';
import type { EpochFence } from './epoch-fence.ts';
import type { Lease } from './lease.ts';
import type { BlockLog } from './log.ts';

/** What an operation on a block may use of its data node. */
export interface ServiceCore {
  readonly config: DataNodeConfig;
  readonly log: BlockLog;
  readonly health: DiskHealth;
  readonly lease: Lease;
  readonly fence: EpochFence;
  /** An update or a delete has answered. */
  operationEnded(): void;
  /** An answer that says no, with the newest epoch known here. */
  refusal(refusal: DataRefusal, detail: string): DataReply;
  /** A client's request was answered: for the recorder. */
  served(op: 'read' | 'write', key: string, partition: number, sizeBytes: number, ok: boolean): void;
}
