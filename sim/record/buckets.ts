/** Widths that a reader can count in, in ms: from 10 ms to a day. */
const NICE_WIDTHS_MS = [
  10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
  1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
];

const MOST_BUCKETS = 300;

/** The narrowest width, in ms, that cuts a run of `durationMs` into at most 300 buckets and is easy to read. */
export function niceBucketWidthMs(durationMs: number): number {
  for (const widthMs of NICE_WIDTHS_MS) if (widthMs * MOST_BUCKETS >= durationMs) return widthMs;
  const dayMs = 86_400_000;
  return Math.ceil(durationMs / MOST_BUCKETS / dayMs) * dayMs;
}

/** The time axis of a record's series. */
export class Buckets {
  readonly widthMs: number;
  readonly count: number;

  constructor(durationMs: number, widthMs: number = niceBucketWidthMs(durationMs)) {
    this.widthMs = widthMs;
    this.count = Math.max(1, Math.ceil(durationMs / widthMs));
  }

  /** Start of bucket `index`, which is the end of the one before. */
  startMs(index: number): number {
    return index * this.widthMs;
  }

  /** Number of the bucket that holds a time; the ends' for times beyond them. */
  at(nowMs: number): number {
    return Math.min(this.count - 1, Math.max(0, Math.floor(nowMs / this.widthMs)));
  }

  /** A series of zeros. */
  zeros(): number[] {
    return new Array<number>(this.count).fill(0);
  }

  /** A series in which nothing was measured yet. */
  gaps(): (number | null)[] {
    return new Array<number | null>(this.count).fill(null);
  }
}
