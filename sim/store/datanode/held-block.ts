import { type BlockLog, chargedBytes } from './log.ts';

/** One block in a node's log, as it stands at the moment. */
export interface HeldBlock {
  readonly id: string;
  readonly partition: number;
  readonly generation: number;
  /** Declared size. */
  readonly sizeBytes: number;
  /** What it is charged for on disk: its declared size and its header. */
  readonly diskBytes: number;
  /** CRC32C of its real bytes, as its header says. */
  readonly checksum: number;
  /** Since it was stored, or found at the start of the process. */
  readonly ageMs: number;
  /** It would survive a crash now. */
  readonly durable: boolean;
  /** It failed its checksum: kept, but shown to nobody. */
  readonly quarantined: boolean;
}

/** All blocks of a log, partitions ascending. Changes nothing, and must be read before the node goes on. */
export function* heldBlocks(log: BlockLog): Generator<HeldBlock, void> {
  const nowMs = log.host.clock.nowMs();
  for (const { entries } of log.index.inventories()) {
    for (const entry of entries.values()) {
      const { id, partition, generation, sizeBytes, checksum, quarantined } = entry;
      const durable = log.isDurable(entry);
      const ageMs = nowMs - entry.sinceMs;
      yield {
        id,
        partition,
        generation,
        sizeBytes,
        diskBytes: chargedBytes(entry),
        checksum,
        ageMs,
        durable,
        quarantined,
      };
    }
  }
}
