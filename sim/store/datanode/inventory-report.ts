import type { MetadataReply } from '../messages/metadata.ts';
import type { InventoryBlock } from '../messages/node.ts';
import type { MetadataChannel, MetadataHandler } from '../metadata/channel.ts';
import type { BlockLog } from './log.ts';

const FIXED_BYTES = 32;
const BYTES_PER_BLOCK = 20;

export interface InventoryListener {
  /** Metadata has noted it; or has not been found, and will ask again. */
  onInventoryEnded(commandId: number, noted: boolean): void;
}

/** Tells metadata of all blocks of one partition that are here and not known to be bad, on its order. */
export class InventoryReport implements MetadataHandler {
  readonly #log: BlockLog;
  readonly #channel: MetadataChannel;
  readonly #commandId: number;
  readonly #partition: number;
  readonly #listener: InventoryListener;

  constructor(
    log: BlockLog,
    channel: MetadataChannel,
    commandId: number,
    partition: number,
    listener: InventoryListener,
  ) {
    this.#log = log;
    this.#channel = channel;
    this.#commandId = commandId;
    this.#partition = partition;
    this.#listener = listener;
  }

  start(): void {
    const { host, config, index } = this.#log;
    const nowMs = host.clock.nowMs();
    const blocks: InventoryBlock[] = [];
    let controlBytes = FIXED_BYTES;
    for (const entry of index.partition(this.#partition).entries.values()) {
      const { id, sizeBytes, checksum, sinceMs, quarantined } = entry;
      // What might not survive a crash is not here yet.
      if (quarantined || !this.#log.isDurable(entry)) continue;
      blocks.push({ id, sizeBytes, checksum, ageMs: nowMs - sinceMs });
      controlBytes += id.length + BYTES_PER_BLOCK;
    }
    this.#channel.ask(
      {
        kind: 'node.inventory',
        id: host.id,
        incarnation: host.incarnation,
        commandId: this.#commandId,
        partition: this.#partition,
        blocks,
        controlBytes,
      },
      nowMs + config.registerTimeoutMs,
      this,
      0,
    );
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    this.#listener.onInventoryEnded(this.#commandId, reply.kind === 'inventory.noted');
  }

  onMetadataFailed(): void {
    this.#listener.onInventoryEnded(this.#commandId, false);
  }
}
