import { Piscina } from 'piscina';
import type { FuzzTrial } from './fuzz-trial.ts';
import type { Verdict } from './judge.ts';
import type { FuzzTask, Unrunnable } from './worker.ts';

/** Worker threads that judge trials. A trial is a pure function of itself, so it does not matter which of them does it. */
export class Judges {
  readonly #root: string;
  readonly #timeoutMs: number;
  readonly #interrupt: AbortSignal;
  readonly #pool: Piscina<FuzzTask, Verdict | Unrunnable>;

  /** @param timeoutMs - Of the machine's time: a trial that takes longer is taken to hang. */
  constructor(root: string, jobs: number, timeoutMs: number, interrupt: AbortSignal) {
    this.#root = root;
    this.#timeoutMs = timeoutMs;
    this.#interrupt = interrupt;
    this.#pool = new Piscina<FuzzTask, Verdict | Unrunnable>({
      filename: new URL('./worker-entry.mjs', import.meta.url).href,
      minThreads: 1,
      maxThreads: jobs,
      concurrentTasksPerWorker: 1,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 64 },
    });
  }

  /**
   * Judges one trial; `hang` is a failure like others.
   *
   * @throws Error with name `AbortError` after an interrupt.
   */
  async judge(trial: FuzzTrial): Promise<Verdict | Unrunnable> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), this.#timeoutMs);
    try {
      return await this.#pool.run(
        { root: this.#root, trial },
        { signal: AbortSignal.any([limit.signal, this.#interrupt]) },
      );
    } catch (error) {
      if (limit.signal.aborted && !this.#interrupt.aborted) return hung(this.#timeoutMs);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function hung(timeoutMs: number): Verdict {
  const detail = `the trial had not ended after ${timeoutMs / 1_000} s`;
  return {
    failures: [{ check: 'hang', kind: 'liveness', detail }],
    requests: 0,
    faults: {},
    checks: {},
    fingerprint: '',
  };
}
