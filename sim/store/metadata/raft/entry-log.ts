import { type Entry, entryBytes, type Snapshot } from './entry.ts';

/** What a log begins with after a start: the point that its snapshot stands for, and the entries after it. */
export interface LogStart {
  readonly index: number;
  readonly term: number;
  readonly commit: number;
  readonly entries: readonly Entry[];
}

/**
 * The log in memory. Five marks go up over its entries: base (cut away below, a snapshot stands for it) ≤ applied ≤
 * committed ≤ last, and stable (durable here) ≤ last, which falls back where a leader replaces entries.
 */
export class EntryLog {
  #entries: Entry[];
  #baseIndex: number;
  #baseTerm: number;
  #applied: number;
  #committed: number;
  #stable: number;
  #snapshot: Snapshot | undefined;

  constructor(start: LogStart) {
    this.#entries = [...start.entries];
    this.#baseIndex = start.index;
    this.#baseTerm = start.term;
    this.#applied = start.index;
    this.#stable = this.lastIndex;
    this.#committed = Math.min(Math.max(start.commit, start.index), this.lastIndex);
  }

  get firstIndex(): number {
    return this.#baseIndex + 1;
  }

  get lastIndex(): number {
    return this.#baseIndex + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#baseTerm;
  }

  get committed(): number {
    return this.#committed;
  }

  /** The last entry that is durable here. */
  get durable(): { readonly index: number; readonly term: number } {
    return { index: this.#stable, term: this.term(this.#stable) ?? 0 };
  }

  get applied(): number {
    return this.#applied;
  }

  /** A snapshot that was received and is yet to be written and restored. */
  get pendingSnapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Term of the entry at `index`, undefined where the log does not reach. */
  term(index: number): number | undefined {
    if (index === this.#baseIndex) return this.#baseTerm;
    return this.#entries[index - this.#baseIndex - 1]?.term;
  }

  /** Entries from `first`, at least one if there is one, and no more than fit into `maxBytes`. */
  from(first: number, maxBytes: number): readonly Entry[] {
    const start = first - this.#baseIndex - 1;
    let end = start;
    for (let bytes = 0; end < this.#entries.length; end++) {
      const entry = this.#entries[end];
      if (entry === undefined) break;
      bytes += entryBytes(entry);
      if (bytes > maxBytes && end > start) break;
    }
    return this.#entries.slice(start, end);
  }

  /** A candidate whose log ends there has all that this one may have helped to commit. */
  isUpToDate(lastIndex: number, lastTerm: number): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex);
  }

  /** Appends the entry or entries a leader made itself. */
  append(entries: readonly Entry[]): void {
    for (const entry of entries) this.#entries.push(entry);
  }

  /** Takes over a leader's entries after `prevIndex`. Gives the last index that now agrees, undefined if `prev` does not. */
  merge(prevIndex: number, prevTerm: number, entries: readonly Entry[], commit: number): number | undefined {
    if (this.term(prevIndex) !== prevTerm) return undefined;
    const agrees = prevIndex + entries.length;
    const conflict = entries.findIndex((entry) => this.term(entry.index) !== entry.term);
    const first = entries[conflict];
    if (first !== undefined) {
      if (first.index <= this.#committed) throw new Error(`raft: entry ${first.index} is committed and was to change`);
      this.#entries.length = first.index - this.#baseIndex - 1;
      this.#stable = Math.min(this.#stable, first.index - 1);
      this.append(entries.slice(conflict));
    }
    this.commitTo(Math.min(commit, agrees));
    return agrees;
  }

  /**
   * The highest index, not above `index`, whose term is not above `term`: where a log that has `term` at `index` can
   * agree with this one at the best. Term 0: not known.
   */
  lastNotAbove(index: number, term: number): { readonly index: number; readonly term: number } {
    for (let at = index; at > 0; at--) {
      const own = this.term(at);
      if (own === undefined) return { index: at, term: 0 };
      if (own <= term) return { index: at, term: own };
    }
    return { index: 0, term: 0 };
  }

  commitTo(index: number): void {
    if (index > this.lastIndex) throw new Error(`raft: commit ${index} is beyond the last entry, ${this.lastIndex}`);
    this.#committed = Math.max(this.#committed, index);
  }

  /** Entries that are not durable here. */
  unstable(): readonly Entry[] {
    return this.#entries.slice(this.#stable - this.#baseIndex);
  }

  /** All up to `index` is durable, if it has not been replaced meanwhile. */
  stableTo(index: number, term: number): void {
    if (this.term(index) === term) this.#stable = Math.max(this.#stable, index);
  }

  /** Committed and not applied; none while a snapshot is yet to be restored. */
  applicable(): readonly Entry[] {
    if (this.#snapshot !== undefined) return [];
    return this.#entries.slice(this.#applied - this.#baseIndex, this.#committed - this.#baseIndex);
  }

  appliedTo(index: number): void {
    this.#applied = Math.max(this.#applied, Math.min(index, this.#committed));
  }

  /** Replaces everything: the snapshot holds more than this log. */
  restore(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#entries = [];
    this.#baseIndex = snapshot.index;
    this.#baseTerm = snapshot.term;
    this.#committed = snapshot.index;
    this.#stable = snapshot.index;
  }

  /** The pending snapshot is durable and restored, unless a newer one has come. */
  restored(index: number): void {
    this.#applied = Math.max(this.#applied, index);
    if (this.#snapshot?.index === index) this.#snapshot = undefined;
  }

  /** Forgets what is applied, up to `index`. */
  compactTo(index: number): void {
    const cut = Math.min(index, this.#applied);
    const term = this.term(cut);
    if (cut <= this.#baseIndex || term === undefined) return;
    this.#entries.splice(0, cut - this.#baseIndex);
    this.#baseIndex = cut;
    this.#baseTerm = term;
  }
}
