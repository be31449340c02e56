import type { NodeId, TimerHandler, TimerId } from '../../host.ts';
import type { NodeCommand, TransferReport } from '../messages/node.ts';
import { type ArrivalOwner, BlockArrival } from './block-arrival.ts';
import type { DataNodeConfig } from './config.ts';
import type { DiskHealth } from './disk-health.ts';
import type { EpochFence } from './epoch-fence.ts';
import type { BlockLog } from './log.ts';
import type { PeerHealth } from './peer-health.ts';

export type TransferCommand = Extract<NodeCommand, { kind: 'transfer' }>;

/** What a transfer may use of its data node. */
export interface TransferCore {
  readonly log: BlockLog;
  readonly health: DiskHealth;
  readonly fence: EpochFence;
  readonly peers: PeerHealth;
}

export interface TransferListener {
  onTransferEnded(transfer: Transfer): void;
}

/**
 * Fills this node with the blocks of one partition, for a repair or a move: those that are missing or bad here are
 * copied from the given sources, a few at a time, at no more than `bytesPerSecond`. It ends as `done` when every block
 * is here, verified and durable, else as `failed` with those that are.
 */
export class Transfer implements TimerHandler, ArrivalOwner {
  readonly command: TransferCommand;
  readonly log: BlockLog;
  readonly health: DiskHealth;
  readonly fence: EpochFence;
  readonly peers: PeerHealth;
  readonly sources: readonly NodeId[];
  readonly #listener: TransferListener;
  #state: 'copying' | 'done' | 'failed' | 'cancelled' = 'copying';
  readonly #arrivals = new Set<BlockArrival>();
  /** Index of the block to begin next. */
  #next = 0;
  /** Before this moment nothing more is asked of a source. */
  #pacedUntilMs = 0;
  #timer: TimerId = 0;
  #bytesPerSecond: number;
  #pumping = false;
  readonly #verified: string[] = [];
  #copiedBlocks = 0;
  #copiedBytes = 0;
  #failed = 0;
  #detail = '';

  /** Goes at the rate of its command, and no faster than `paceBytesPerSecond`. */
  constructor(command: TransferCommand, core: TransferCore, paceBytesPerSecond: number, listener: TransferListener) {
    this.command = command;
    this.log = core.log;
    this.health = core.health;
    this.fence = core.fence;
    this.peers = core.peers;
    this.sources = command.sources.filter((source) => source !== core.log.host.id);
    this.#bytesPerSecond = Math.min(command.bytesPerSecond, paceBytesPerSecond);
    this.#listener = listener;
  }

  get state(): string {
    return this.#state;
  }

  get config(): DataNodeConfig {
    return this.log.config;
  }

  get report(): TransferReport {
    const copying = this.#state === 'copying';
    return {
      transferId: this.command.transferId,
      partition: this.command.partition,
      state: this.#state === 'cancelled' ? 'failed' : this.#state,
      verified: copying ? [] : this.#verified,
      copiedBlocks: this.#copiedBlocks,
      copiedBytes: this.#copiedBytes,
      detail: this.#detail,
    };
  }

  start(): void {
    this.#pump();
  }

  /** Stops asking; what is being written already is finished and stays. */
  cancel(): void {
    if (this.#state !== 'copying') return;
    this.#state = 'cancelled';
    this.log.host.timers.cancel(this.#timer);
    for (const arrival of this.#arrivals) arrival.cancel();
    this.#arrivals.clear();
  }

  /** From now on no faster than this. What is being waited for already is waited for at the new rate. */
  pace(paceBytesPerSecond: number): void {
    const bytesPerSecond = Math.min(this.command.bytesPerSecond, paceBytesPerSecond);
    const { clock, timers } = this.log.host;
    const nowMs = clock.nowMs();
    const waitMs = Math.max(0, this.#pacedUntilMs - nowMs);
    this.#pacedUntilMs = nowMs + (waitMs * this.#bytesPerSecond) / bytesPerSecond;
    this.#bytesPerSecond = bytesPerSecond;
    timers.cancel(this.#timer);
    this.#timer = 0;
    if (this.#state === 'copying') this.#pump();
  }

  onTimer(): void {
    this.#timer = 0;
    this.#pump();
  }

  /** A block is about to be copied: what follows has to wait until the bandwidth allows it. */
  pay(sizeBytes: number): void {
    const nowMs = this.log.host.clock.nowMs();
    const costMs = (1000 * sizeBytes) / this.#bytesPerSecond;
    this.#pacedUntilMs = Math.max(this.#pacedUntilMs, nowMs) + costMs;
  }

  /** A good copy of a block has arrived, and is being written. */
  copied(from: NodeId, sizeBytes: number): void {
    const { transferId, cause, partition } = this.command;
    this.#copiedBlocks += 1;
    this.#copiedBytes += sizeBytes;
    this.health.emit({ kind: 'copied', transferId, cause, partition, from, sizeBytes });
  }

  /** A block is here, verified and durable, if there is no `failure`. */
  arrivalEnded(arrival: BlockArrival, failure: string | undefined): void {
    if (!this.#arrivals.delete(arrival) || this.#state !== 'copying') return;
    if (failure === undefined) this.#verified.push(arrival.block.id);
    else {
      this.#failed += 1;
      if (this.#failed === 1) this.#detail = `${arrival.block.id}: ${failure}`;
    }
    this.#pump();
  }

  /** Begins as much as may begin now. Blocks that end at once come back here: they are left to the loop. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#begin();
    this.#pumping = false;
    if (this.#state !== 'copying' || this.#next < this.command.blocks.length || this.#arrivals.size > 0) return;
    if (this.#failed > 0) this.#detail = `${this.#failed} blocks not copied; ${this.#detail}`;
    this.#state = this.#failed === 0 ? 'done' : 'failed';
    this.#listener.onTransferEnded(this);
  }

  #begin(): void {
    const { blocks } = this.command;
    const { clock, timers } = this.log.host;
    while (this.#state === 'copying' && this.#next < blocks.length) {
      if (this.#arrivals.size >= this.config.transferWindow || this.#timer !== 0) return;
      const block = blocks[this.#next];
      if (block === undefined) return;
      const waitMs = this.#pacedUntilMs - clock.nowMs();
      if (waitMs > 0) {
        this.#timer = timers.after(waitMs, this, 0);
        return;
      }
      this.#next += 1;
      const arrival = new BlockArrival(this, block);
      this.#arrivals.add(arrival);
      arrival.start();
    }
  }
}
