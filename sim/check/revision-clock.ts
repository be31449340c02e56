/** Steps that are remembered. A power of two. */
const REMEMBERED = 1_024;
/** Two instants nearer than this are one: times are differences of floats. */
const SAME_INSTANT_MS = 1e-6;

/** How far the metadata's log had come for sure at what time: it only grows, and every answer with a revision tells of it. */
export class RevisionClock {
  readonly #timesMs = new Float64Array(REMEMBERED);
  readonly #revisions = new Float64Array(REMEMBERED);
  #count = 0;
  #newest = 0;

  /** At `nowMs` the log had come to `revision`, or beyond. */
  note(revision: number, nowMs: number): void {
    if (revision <= this.#newest) return;
    this.#newest = revision;
    const slot = this.#count++ & (REMEMBERED - 1);
    this.#timesMs[slot] = nowMs;
    this.#revisions[slot] = revision;
  }

  /** The newest revision that was certain before `calledMs`; 0 if none is remembered. */
  before(calledMs: number): number {
    const oldest = Math.max(0, this.#count - REMEMBERED);
    for (let i = this.#count - 1; i >= oldest; i--) {
      const slot = i & (REMEMBERED - 1);
      if ((this.#timesMs[slot] ?? 0) < calledMs - SAME_INSTANT_MS) return this.#revisions[slot] ?? 0;
    }
    return 0;
  }
}
