import type { StoreEvent } from '../events.ts';
import type { BlockEntry } from './block-index.ts';
import type { EventSink } from './event-sink.ts';
import type { BlockLog } from './log.ts';
import { LogWrite } from './log-write.ts';

/** Tombstones in one append. */
const BATCH_BLOCKS = 1_024;

/** Why metadata wants blocks gone. */
export type RemovalReason = Extract<StoreEvent, { kind: 'block-removed' }>['why'];

export interface RemovalListener {
  /** All are gone, durably; or the disk had no room even for a tombstone. */
  onRemovalEnded(commandId: number, removed: boolean): void;
}

/** The removal of many blocks on metadata's order, a batch at a time. Blocks that are not here count as removed. */
export class Removal extends LogWrite {
  readonly #log: BlockLog;
  readonly #commandId: number;
  readonly #blocks: readonly { readonly id: string; readonly partition: number }[];
  readonly #why: RemovalReason;
  readonly #events: EventSink;
  readonly #listener: RemovalListener;
  #state: 'removing' | 'settling' | 'ended' = 'removing';
  #next = 0;
  #batch: BlockEntry[] = [];

  constructor(
    log: BlockLog,
    commandId: number,
    blocks: readonly { readonly id: string; readonly partition: number }[],
    why: RemovalReason,
    events: EventSink,
    listener: RemovalListener,
  ) {
    super();
    this.#log = log;
    this.#commandId = commandId;
    this.#blocks = blocks;
    this.#why = why;
    this.#events = events;
    this.#listener = listener;
  }

  get state(): string {
    return this.#state;
  }

  start(): void {
    this.#removeBatch();
  }

  #removeBatch(): void {
    const batch: BlockEntry[] = [];
    while (this.#next < this.#blocks.length && batch.length < BATCH_BLOCKS) {
      const block = this.#blocks[this.#next];
      this.#next += 1;
      const entry = block === undefined ? undefined : this.#log.index.get(block.partition, block.id);
      if (entry !== undefined && !batch.includes(entry)) batch.push(entry);
    }
    this.#batch = batch;
    if (batch.length > 0) this.#log.remove(batch, this);
    else {
      // Somebody else's tombstones may still be on their way to the disk.
      this.#state = 'settling';
      this.#log.settle(this);
    }
  }

  override onDurable(): void {
    if (this.#state === 'settling') this.#end(true);
    else super.onDurable();
  }

  protected override onStored(): void {
    for (const { id, partition } of this.#batch) {
      this.#events.emit({ kind: 'block-removed', id, partition, why: this.#why });
    }
    this.#removeBatch();
  }

  protected override onNoSpace(): void {
    this.#end(false);
  }

  protected override undo(): void {
    this.#log.undoRemove(this.#batch);
  }

  #end(removed: boolean): void {
    this.#state = 'ended';
    this.#listener.onRemovalEnded(this.#commandId, removed);
  }
}
