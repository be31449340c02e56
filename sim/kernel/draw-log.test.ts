import { describe, expect, it } from 'vitest';
import { type DrawLog, DrawsDifferError, expectSameDraws } from './draw-log.ts';
import { type EventHandler, Kernel } from './kernel.ts';

/** Draws at every event; at event `oddAt` it draws from whatever `odd` says. */
class Drawing implements EventHandler {
  readonly #kernel: Kernel;
  readonly #oddAt: number;
  readonly #odd: (kernel: Kernel) => void;

  constructor(kernel: Kernel, oddAt: number, odd: (kernel: Kernel) => void) {
    this.#kernel = kernel;
    this.#oddAt = oddAt;
    this.#odd = odd;
    kernel.schedule(0, this, 0, undefined);
  }

  onEvent(): void {
    if (this.#kernel.eventCount === this.#oddAt) this.#odd(this.#kernel);
    this.#kernel.schedule(this.#kernel.stream('steps').exponential(1), this, 0, undefined);
  }
}

function traced(log: DrawLog, events: number, oddAt: number, odd: (kernel: Kernel) => void): void {
  const kernel = new Kernel('draws');
  kernel.traceDraws(log);
  new Drawing(kernel, oddAt, odd);
  kernel.runUntil(() => kernel.eventCount === events, Number.POSITIVE_INFINITY);
}

function failureOf(run: (log: DrawLog) => void): DrawsDifferError {
  try {
    expectSameDraws(run);
  } catch (error) {
    if (error instanceof DrawsDifferError) return error;
    throw error;
  }
  throw new Error('the runs drew the same');
}

describe('expectSameDraws', () => {
  it('passes what draws the same, and counts the draws', () => {
    const draws = expectSameDraws((log) => traced(log, 100, 50, (kernel) => kernel.stream('odd').normal()));
    expect(draws).toBe(101);
  });

  it('names the first draw that differs with both stacks', () => {
    let run = 0;
    function drawsOnceMore(kernel: Kernel): void {
      if (run === 2) kernel.stream('odd').below(10);
    }
    const failure = failureOf((log) => {
      run++;
      traced(log, 100, 50, drawsOnceMore);
    });
    expect(failure.index).toBe(49);
    expect(failure.first).toMatchObject({ stream: 'steps', method: 'exponential' });
    expect(failure.second).toMatchObject({ stream: 'odd', method: 'below' });
    expect(failure.first?.stack).toContain('onEvent');
    expect(failure.first?.stack).not.toContain('drawsOnceMore');
    expect(failure.second?.stack).toContain('drawsOnceMore');
    expect(failure.message).toContain('draw 49 differs');
  });

  it('notices a run that ends early', () => {
    let run = 0;
    const failure = failureOf((log) => traced(log, run++ === 0 ? 20 : 10, 0, () => undefined));
    expect(failure.index).toBe(10);
    expect(failure.first?.stream).toBe('steps');
    expect(failure.second).toBeUndefined();
  });

  it('has the stacks of a difference far into the run, if it comes again', () => {
    let run = 0;
    const failure = failureOf((log) => {
      const odd = run++ % 2 === 1;
      traced(log, 30_000, 25_000, (kernel) => odd && kernel.stream('odd').next());
    });
    expect(failure.index).toBe(24_999);
    expect(failure.first?.stack).toContain('onEvent');
    expect(failure.second?.stack).toContain('onEvent');
  });
});
