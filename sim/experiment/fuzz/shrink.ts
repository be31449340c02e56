/** One way to make a value smaller. */
export interface Reducer<T> {
  readonly name: string;
  /** Smaller values, the boldest step first. Always the same for the same value. */
  candidates(value: T): Iterable<T>;
}

/** What shrinking came to. */
export interface Shrunk<T> {
  readonly value: T;
  /** Times that the test was asked. */
  readonly runs: number;
  /** True if no single step of any reducer leads to a smaller value that still fails; false if the budget was used up before. */
  readonly minimal: boolean;
}

/**
 * Makes a failing value smaller as long as it fails: takes the first candidate that does, and starts over from there, until none
 * does. With the parts of a list as candidates this is delta debugging (Zeller and Hildebrandt, "Simplifying and isolating
 * failure-inducing input", IEEE TSE 2002): the result is 1-minimal. Deterministic if `fails` is.
 *
 * @param identity - Equal for equal values: none is tested twice.
 * @param budget - How often `fails` may be asked at the most.
 */
export async function shrink<T>(
  value: T,
  reducers: readonly Reducer<T>[],
  identity: (value: T) => string,
  fails: (candidate: T) => Promise<boolean>,
  budget: number,
): Promise<Shrunk<T>> {
  const seen = new Set([identity(value)]);
  let smallest = value;
  let runs = 0;
  for (;;) {
    let progress = false;
    for (const { candidates } of reducers) {
      for (let smaller = true; smaller; ) {
        smaller = false;
        for (const candidate of candidates(smallest)) {
          const id = identity(candidate);
          if (seen.has(id)) continue;
          if (runs >= budget) return { value: smallest, runs, minimal: false };
          seen.add(id);
          runs += 1;
          if (!(await fails(candidate))) continue;
          smallest = candidate;
          progress = true;
          smaller = true;
          break;
        }
      }
    }
    if (!progress) return { value: smallest, runs, minimal: true };
  }
}

/** A list without a part of it: halves first, then quarters, down to single items. */
export function* parts<T>(list: readonly T[]): Generator<T[]> {
  for (let size = list.length; size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let from = 0; from < list.length; from += size) yield [...list.slice(0, from), ...list.slice(from + size)];
  }
}

/** Smaller whole numbers: the least that is accepted, then halfway to it, ever closer, at last one less. */
export function* smallerNumbers(found: number, least: number): Generator<number> {
  for (let gap = found - least; gap >= 1; gap = Math.floor(gap / 2)) yield found - gap;
}
