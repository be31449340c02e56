/** One draw: which stream, which of its methods, and what came out. */
interface Draw {
  readonly stream: string;
  readonly method: string;
  readonly value: number;
  /** Where the draw was made; undefined outside the log's window of stacks. */
  readonly stack: string | undefined;
}

/** Which draws have their stacks kept: those from the first index up to, not including, the end. */
interface StackWindow {
  readonly first: number;
  readonly end: number;
}

/**
 * Every random draw of a run in order, for {@link expectSameDraws}. Stacks take about a kilobyte each, so
 * they are kept for a window of draws only.
 */
export class DrawLog {
  readonly #streams: string[] = [];
  readonly #methods: string[] = [];
  readonly #values: number[] = [];
  /** Errors, because these take their stack at once and write it out only when asked. */
  readonly #stacks: Error[] = [];
  readonly #window: StackWindow;

  constructor(window: StackWindow = { first: 0, end: STACKS }) {
    this.#window = window;
  }

  get length(): number {
    return this.#values.length;
  }

  record(stream: string, method: string, value: number): void {
    const index = this.#values.length;
    this.#streams.push(stream);
    this.#methods.push(method);
    this.#values.push(value);
    if (index >= this.#window.first && index < this.#window.end) this.#stacks.push(new Error('draw'));
  }

  at(index: number): Draw | undefined {
    const stream = this.#streams[index];
    const method = this.#methods[index];
    const value = this.#values[index];
    if (stream === undefined || method === undefined || value === undefined) return undefined;
    const error = index >= this.#window.first ? this.#stacks[index - this.#window.first] : undefined;
    // Its first lines are the message, `record` and the stream's method.
    return { stream, method, value, stack: error?.stack?.split('\n').slice(3).join('\n') };
  }

  /** Index of the first draw that differs, or that only one log has; -1 if there is none. */
  firstDifference(other: DrawLog): number {
    const length = Math.max(this.length, other.length);
    for (let i = 0; i < length; i++) {
      const isSame =
        Object.is(this.#values[i], other.#values[i]) &&
        this.#streams[i] === other.#streams[i] &&
        this.#methods[i] === other.#methods[i];
      if (!isSame) return i;
    }
    return NONE;
  }
}

/** Two runs of the same thing drew differently. */
export class DrawsDifferError extends Error {
  /** Counted from 0. */
  readonly index: number;
  readonly first: Draw | undefined;
  readonly second: Draw | undefined;

  constructor(index: number, first: Draw | undefined, second: Draw | undefined) {
    super(
      `draw ${index} differs between two runs of the same thing\n` +
        `first run:  ${describe(first)}\nsecond run: ${describe(second)}`,
    );
    this.name = 'DrawsDifferError';
    this.index = index;
    this.first = first;
    this.second = second;
  }
}

/**
 * Runs the same thing twice and compares every random draw.
 *
 * @param run builds a fresh kernel, calls `kernel.traceDraws(log)` before anything is drawn, and runs.
 * @returns the number of draws of a run.
 * @throws DrawsDifferError at the first draw that differs, with the stacks of both.
 */
export function expectSameDraws(run: (log: DrawLog) => void): number {
  let window: StackWindow = { first: 0, end: STACKS };
  let [first, second] = runTwice(run, window);
  let index = first.firstDifference(second);
  if (index >= window.end) {
    // Beyond the window: once more, with the stacks from around there.
    window = { first: index - STACKS / 2, end: index + STACKS / 2 };
    const again = runTwice(run, window);
    const indexAgain = again[0].firstDifference(again[1]);
    if (indexAgain !== NONE) {
      [first, second] = again;
      index = indexAgain;
    }
  }
  if (index !== NONE) throw new DrawsDifferError(index, first.at(index), second.at(index));
  return first.length;
}

function runTwice(run: (log: DrawLog) => void, window: StackWindow): [DrawLog, DrawLog] {
  const first = new DrawLog(window);
  run(first);
  const second = new DrawLog(window);
  run(second);
  return [first, second];
}

function describe(draw: Draw | undefined): string {
  if (draw === undefined) return 'ended before it';
  return `${draw.method} of stream "${draw.stream}" gave ${draw.value}\n${draw.stack ?? '    (stack not kept: the runs did not differ there again)'}`;
}

const NONE = -1;
/** How many draws have their stacks kept. */
const STACKS = 20_000;
