/** One append-only file of the log. Plain bookkeeping: the log itself reads and writes. */
export class Segment {
  /** Counts up for ever: a record in a segment with a larger number is newer. */
  readonly number: number;
  readonly file: string;
  /** Real length of the file. */
  lengthBytes = 0;
  /** What the file is charged for. */
  chargedBytes = 0;
  /** The part of `chargedBytes` that is still needed. */
  liveBytes = 0;
  state: 'active' | 'sealed' | 'compacting' = 'active';

  constructor(number: number) {
    this.number = number;
    this.file = segmentFile(number);
  }
}

const PREFIX = 'segment-';

/** File names ascend with the segments' numbers. */
export function segmentFile(number: number): string {
  return PREFIX + number.toString().padStart(10, '0');
}

/** The number of the segment that `file` is, or undefined if it is none. */
export function segmentNumber(file: string): number | undefined {
  if (!/^segment-\d{10}$/.test(file)) return undefined;
  return Number(file.slice(PREFIX.length));
}
