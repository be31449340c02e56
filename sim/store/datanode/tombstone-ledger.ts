import type { Segment } from './segment.ts';

/** One tombstone that is still needed. */
interface Tombstone {
  readonly segment: Segment;
  readonly firstCovered: number;
  readonly lastCovered: number;
  readonly lengthBytes: number;
}

/**
 * Which tombstones are still needed. A tombstone says which segments may hold older records of its id; once they are
 * all gone nothing could come back to life at the next start, and the tombstone is garbage like any other.
 */
export class TombstoneLedger {
  readonly #segments: readonly Segment[];
  #tombstones: Tombstone[] = [];

  /** `segments` are those of the log, ascending; the ledger looks at them anew each time. */
  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
  }

  get size(): number {
    return this.#tombstones.length;
  }

  /** Notes a tombstone and counts it as live in its segment. */
  add(segment: Segment, firstCovered: number, lastCovered: number, lengthBytes: number): void {
    segment.liveBytes += lengthBytes;
    this.#tombstones.push({ segment, firstCovered, lastCovered, lengthBytes });
  }

  /** Is there a segment, besides `except`, that the range covers? */
  isNeeded(firstCovered: number, lastCovered: number, except?: Segment): boolean {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle]?.number ?? 0) < firstCovered) low = middle + 1;
      else high = middle;
    }
    if (this.#segments[low] === except && except !== undefined) low += 1;
    const segment = this.#segments[low];
    return segment !== undefined && segment.number <= lastCovered;
  }

  /** A segment has left the log: drops what stood in it and what only it had needed. */
  onRemoved(removed: Segment): void {
    this.#tombstones = this.#tombstones.filter((tombstone) => {
      if (tombstone.segment === removed) return false;
      if (this.isNeeded(tombstone.firstCovered, tombstone.lastCovered)) return true;
      tombstone.segment.liveBytes -= tombstone.lengthBytes;
      return false;
    });
  }
}
