import type { Verdict } from './judge.ts';

/** How often something happened, by name. */
export type Counts = ReadonlyMap<string, number>;

/** What the trials of a search came to, all together. */
export class Tallies {
  trials = 0;
  failed = 0;
  requests = 0;
  readonly #faults = new Map<string, number>();
  readonly #judged = new Map<string, number>();
  readonly #violated = new Map<string, number>();

  add({ requests, failures, faults, checks }: Verdict): void {
    this.trials += 1;
    this.requests += requests;
    if (failures.length > 0) this.failed += 1;
    for (const [kind, count] of Object.entries(faults)) raise(this.#faults, kind, count);
    for (const [id, verdict] of Object.entries(checks)) raise(this.#judged, id, verdict === 'not-judged' ? 0 : 1);
    for (const { check } of failures) raise(this.#violated, check, 1);
  }

  /** Faults that struck and touched something, by kind. */
  get faults(): Counts {
    return sorted(this.#faults);
  }

  /** Trials in which a check had something to judge, by id. */
  get judged(): Counts {
    return sorted(this.#judged);
  }

  /** Trials in which a check was violated, by id; `exception`, `start` and `hang` among them. */
  get violated(): Counts {
    return sorted(this.#violated);
  }
}

function raise(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

function sorted(counts: Counts): Counts {
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
