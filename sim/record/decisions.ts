import { roundTime } from './round.ts';
import type { Decision, RunRecord } from './schema.ts';

const MOST_DECISIONS = 2_000;
const MOST_EPOCHS = 2_000;

/** What the cluster decided and why, and the epochs that followed. The first 2,000 of each are kept. */
export class Decisions {
  readonly #entries: Decision[] = [];
  readonly #epochs: RunRecord['epochs'] = [];
  #omitted = 0;
  #omittedEpochs = 0;
  #newest = -1;

  decide(decision: Decision): void {
    if (this.#entries.length < MOST_DECISIONS) this.#entries.push({ ...decision, atMs: roundTime(decision.atMs) });
    else this.#omitted++;
  }

  /** Each epoch counts once, whoever installs it. */
  epoch(atMs: number, epoch: number, why: string): void {
    if (epoch <= this.#newest) return;
    this.#newest = epoch;
    if (this.#epochs.length < MOST_EPOCHS) this.#epochs.push({ atMs: roundTime(atMs), epoch, why });
    else this.#omittedEpochs++;
  }

  get omittedEpochs(): number {
    return this.#omittedEpochs;
  }

  finish(): Pick<RunRecord, 'decisions' | 'epochs'> {
    return { decisions: { entries: this.#entries, omitted: this.#omitted }, epochs: this.#epochs };
  }
}
