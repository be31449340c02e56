import type { BlockEntry } from './block-index.ts';
import { type BlockLog, chargedBytes } from './log.ts';
import { headerBytes } from './record-format.ts';
import { comparePositions, type LogPosition, type ScrubProgress } from './scrub-checkpoint.ts';
import type { Segment } from './segment.ts';

/** Neighbouring blocks that one read covers. */
export interface ScrubBatch {
  readonly segment: Segment;
  readonly offset: number;
  readonly lengthBytes: number;
  readonly chargedBytes: number;
  readonly entries: readonly BlockEntry[];
}

/**
 * One look at every block that was here when it began, in the order of the log, going round from where it began. What is
 * written later was verified as it arrived, and is for the next pass; what is removed meanwhile is left out; what
 * compaction moves meanwhile it has verified itself.
 */
export class ScrubPass {
  readonly beganMs: number;
  readonly from: LogPosition;
  readonly #log: BlockLog;
  /** In the order in which they are looked at. */
  readonly #entries: readonly BlockEntry[];
  #next = 0;
  #upTo: LogPosition;
  /** The end of the log when this began: what stands beyond it was moved or written since. */
  readonly #end: LogPosition;
  blocks = 0;
  corrupt = 0;

  private constructor(log: BlockLog, entries: readonly BlockEntry[], from: LogPosition) {
    this.beganMs = log.host.clock.nowMs();
    this.#log = log;
    this.#entries = entries;
    this.from = from;
    this.#upTo = from;
    const last = log.segments.at(-1);
    this.#end = { segment: last?.number ?? 0, offset: last?.lengthBytes ?? 0 };
  }

  /** Begins at a block that `draw` chooses. */
  static begin(log: BlockLog, draw: (bound: number) => number): ScrubPass {
    const entries = inOrder(log);
    const first = entries.length === 0 ? 0 : draw(entries.length);
    const from = entries[first] === undefined ? { segment: 1, offset: 0 } : positionOf(entries[first]);
    return new ScrubPass(log, [...entries.slice(first), ...entries.slice(0, first)], from);
  }

  /** Goes on with the pass of the process before this one. */
  static resume(log: BlockLog, { from, upTo, blocks, corrupt }: ScrubProgress): ScrubPass {
    const left = (entry: BlockEntry): boolean => {
      const position = positionOf(entry);
      // Before it has gone round what remains lies on both sides: after the place and before the beginning.
      if (comparePositions(upTo, from) >= 0)
        return comparePositions(position, upTo) >= 0 || comparePositions(position, from) < 0;
      return comparePositions(position, upTo) >= 0 && comparePositions(position, from) < 0;
    };
    const entries = inOrder(log).filter(left);
    const first = entries.findIndex((entry) => comparePositions(positionOf(entry), upTo) >= 0);
    const split = first < 0 ? 0 : first;
    const pass = new ScrubPass(log, [...entries.slice(split), ...entries.slice(0, split)], from);
    pass.#upTo = upTo;
    pass.blocks = blocks;
    pass.corrupt = corrupt;
    return pass;
  }

  get isEmpty(): boolean {
    return this.blocks === 0 && this.#entries.length === 0;
  }

  get progress(): ScrubProgress {
    return { from: this.from, upTo: this.#upTo, blocks: this.blocks, corrupt: this.corrupt };
  }

  /** The next blocks, of at most `windowBytes` unless one alone is larger; undefined at the end. */
  next(windowBytes: number): ScrubBatch | undefined {
    const { index } = this.#log;
    const entries: BlockEntry[] = [];
    let charge = 0;
    let endOffset = 0;
    let first: BlockEntry | undefined;
    for (; this.#next < this.#entries.length; this.#next++) {
      const entry = this.#entries[this.#next];
      if (entry === undefined) break;
      if (entry.quarantined || index.get(entry.partition, entry.id) !== entry) continue;
      if (comparePositions(positionOf(entry), this.#end) >= 0) {
        this.blocks += 1;
        continue;
      }
      const extra = chargedBytes(entry);
      if (first !== undefined) {
        const adjoins = entry.segment === first.segment && entry.offset === endOffset;
        if (!adjoins || charge + extra > windowBytes) break;
      }
      first ??= entry;
      entries.push(entry);
      charge += extra;
      endOffset = entry.offset + recordBytes(entry);
    }
    if (first === undefined) return undefined;
    const { segment, offset } = first;
    this.#upTo = { segment: segment.number, offset: endOffset };
    return { segment, offset, lengthBytes: endOffset - offset, chargedBytes: charge, entries };
  }
}

/** Real length of a block's record. */
export function recordBytes(entry: BlockEntry): number {
  return headerBytes(entry.id.length, entry.lengthBytes) + entry.lengthBytes;
}

function positionOf({ segment, offset }: BlockEntry): LogPosition {
  return { segment: segment.number, offset };
}

function inOrder(log: BlockLog): BlockEntry[] {
  const entries: BlockEntry[] = [];
  for (const inventory of log.index.inventories()) {
    for (const entry of inventory.entries.values()) entries.push(entry);
  }
  return entries.sort((a, b) => comparePositions(positionOf(a), positionOf(b)));
}
