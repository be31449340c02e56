import { Inflight } from './inflight.ts';

/**
 * How a leader sends to one follower. `probe`: one append at a time, until it is known where the logs part;
 * `replicate`: appends follow each other without waiting; `snapshot`: none, until the snapshot is answered.
 */
export type ProgressState = 'probe' | 'replicate' | 'snapshot';

/** What a leader knows of one member's log, as in etcd's raft (design notes "Progress", 2015). */
export class Progress {
  state: ProgressState = 'probe';
  /** The member has all up to here, durably. */
  match = 0;
  /** Where the next append begins; always above `match`. */
  next: number;
  /** Something was heard of it since quorum was last checked. */
  recentlyActive: boolean;
  /** Ticks since anything was heard of it. */
  silentTicks = 0;
  /** Index of the snapshot under way, 0 without. */
  pendingSnapshot = 0;
  readonly inflight: Inflight;
  #waits = false;
  #snapshotIsOld = false;
  /** The highest commit index that is on its way or there. */
  #sentCommit = 0;

  constructor(next: number, maxInflight: number, recentlyActive: boolean) {
    this.next = next;
    this.recentlyActive = recentlyActive;
    this.inflight = new Inflight(maxInflight);
  }

  /** Nothing may be sent until it answers. */
  get paused(): boolean {
    return this.#waits || this.state === 'snapshot';
  }

  becomeProbe(): void {
    // A snapshot that went through lets the log be probed right behind it.
    const next = Math.max(this.match, this.state === 'snapshot' ? this.pendingSnapshot : 0) + 1;
    this.#reset('probe');
    this.next = next;
    this.#sentCommit = Math.min(this.#sentCommit, next - 1);
  }

  becomeReplicate(): void {
    this.#reset('replicate');
    this.next = this.match + 1;
  }

  becomeSnapshot(index: number): void {
    this.#reset('snapshot');
    this.pendingSnapshot = index;
    this.next = index + 1;
    this.#sentCommit = index;
  }

  /** Part of the snapshot has arrived. */
  renewSnapshot(): void {
    this.#snapshotIsOld = false;
  }

  /** Called at intervals: a snapshot that was sent before the last one seems to be lost, and is to be sent again. */
  ageSnapshot(): void {
    if (this.state !== 'snapshot') return;
    if (this.#snapshotIsOld) {
      this.pendingSnapshot = 0;
      this.becomeProbe();
      this.#waits = true;
    } else {
      this.#snapshotIsOld = true;
    }
  }

  /** A heartbeat was answered: one more append may be risked, though those before it are not answered. */
  resume(): void {
    this.#waits = false;
  }

  /** An append with so many entries was sent. */
  sent(entries: number, commit: number): void {
    if (this.state === 'replicate') {
      if (entries > 0) {
        this.next += entries;
        this.inflight.add(this.next - 1);
      }
      this.#waits = this.inflight.full;
    } else if (this.state === 'probe' && entries > 0) {
      this.#waits = true;
    }
    this.sentCommit(commit);
  }

  sentCommit(commit: number): void {
    this.#sentCommit = commit;
  }

  /** It would learn something from being told of this commit index. */
  lacksCommit(commit: number): boolean {
    return commit > this.#sentCommit && this.#sentCommit < this.next - 1;
  }

  /** It has all up to `index`. False if that was known. */
  acknowledge(index: number): boolean {
    if (index <= this.match) return false;
    this.match = index;
    this.next = Math.max(this.next, index + 1);
    this.#waits = false;
    return true;
  }

  /** It refused an append after `index`; the logs may agree at `hint`. False if the refusal is out of date. */
  refuse(index: number, hint: number): boolean {
    if (this.state === 'replicate') {
      if (index <= this.match) return false;
      this.next = this.match + 1;
    } else {
      if (this.next - 1 !== index) return false;
      this.next = Math.max(Math.min(index, hint + 1), this.match + 1);
      this.#waits = false;
    }
    this.#sentCommit = Math.min(this.#sentCommit, this.next - 1);
    return true;
  }

  #reset(state: ProgressState): void {
    this.state = state;
    this.#waits = false;
    this.#snapshotIsOld = false;
    this.pendingSnapshot = 0;
    this.inflight.clear();
  }
}
