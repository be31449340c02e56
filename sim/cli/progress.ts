import { Presets, SingleBar } from 'cli-progress';
import type { SweepProgress } from '../experiment/sweep.ts';
import type { TrialReport } from '../experiment/worker.ts';

/** Shows a sweep as it runs: a bar on a terminal, a line every tenth of the way elsewhere, nothing if quiet. To stderr, so that stdout is the result alone. */
export function progressOf(label: string, quiet: boolean): SweepProgress {
  if (quiet) return { onStart: () => {}, onTrial: () => {} };
  return process.stderr.isTTY ? new BarProgress(label) : new LineProgress(label);
}

class BarProgress implements SweepProgress {
  readonly #bar: SingleBar;
  #trials = 0;

  constructor(label: string) {
    const format = `${label} {bar} {value}/{total} trials · {last} · {duration_formatted}`;
    this.#bar = new SingleBar(
      { format, hideCursor: true, clearOnComplete: true, stream: process.stderr },
      Presets.shades_classic,
    );
  }

  onStart(trials: number): void {
    this.#trials = trials;
    this.#bar.start(trials, 0, { last: 'starting' });
  }

  onTrial(report: TrialReport, finished: number): void {
    this.#bar.update(finished, { last: describe(report) });
    if (finished === this.#trials) this.#bar.stop();
  }

  onEnd(): void {
    this.#bar.stop();
  }
}

class LineProgress implements SweepProgress {
  readonly #label: string;
  #trials = 0;

  constructor(label: string) {
    this.#label = label;
  }

  onStart(trials: number): void {
    this.#trials = trials;
    process.stderr.write(`${this.#label}: ${trials} trials\n`);
  }

  onTrial(report: TrialReport, finished: number): void {
    const step = Math.max(1, Math.floor(this.#trials / 10));
    if (finished % step === 0 || finished === this.#trials)
      process.stderr.write(`${this.#label}: ${finished}/${this.#trials} ${describe(report)}\n`);
  }
}

function describe({ variant, seed, requests, violated }: TrialReport): string {
  return `${variant} seed ${seed}, ${requests} requests${violated.length === 0 ? '' : `, VIOLATED ${violated.join(' ')}`}`;
}
