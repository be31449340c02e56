import type { DiskHandler, DiskResult, Host } from '../../host.ts';
import type { Segment } from './segment.ts';

/** Who waits until what it wrote, or what it found, survives a crash. */
export interface CommitWaiter {
  onDurable(): void;
}

/** Appends to one segment that one sync will make durable. */
interface CommitGroup {
  sequence: number;
  segment: Segment;
  readonly waiters: CommitWaiter[];
}

/**
 * Group commit: while one sync is under way, all appends that follow gather in the next group, so the cost of a sync
 * is shared by as many writes as arrive during one (DeWitt et al., "Implementation techniques for main memory
 * database systems", SIGMOD 1984). Groups become durable in the order of the log, never a later before an earlier one.
 *
 * A failed sync ends the process: what the operating system has dropped by then, a second sync would not bring back
 * (Rebello et al., "Can applications recover from fsync failures?", ATC 2020).
 */
export class CommitQueue implements DiskHandler {
  readonly #host: Host;
  readonly #groups: CommitGroup[] = [];
  readonly #spare: CommitGroup[] = [];
  #syncing = false;
  #sequence = 0;
  #durable = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Tells `waiter` when what was last appended to `segment` is durable. Returns the group, for {@link isDurable}. */
  join(segment: Segment, waiter: CommitWaiter): number {
    const group = this.#openGroup(segment);
    group.waiters.push(waiter);
    if (!this.#syncing) this.#sync();
    return group.sequence;
  }

  isDurable(sequence: number): boolean {
    return sequence <= this.#durable;
  }

  /** Tells `waiter` when the group is durable, which it is not yet. */
  wait(sequence: number, waiter: CommitWaiter): void {
    const group = this.#groups.find((candidate) => candidate.sequence === sequence);
    if (group === undefined) throw new RangeError(`commit group ${sequence} is not open`);
    group.waiters.push(waiter);
  }

  /** The newest group that is not durable yet; 0 if all is. */
  get pending(): number {
    return this.#groups.at(-1)?.sequence ?? 0;
  }

  /** True if nothing that waits stands in a segment other than `segment`. */
  awaitsOnly(segment: Segment): boolean {
    const oldest = this.#groups[0];
    return oldest === undefined || oldest.segment === segment;
  }

  onDisk(_sequence: number, result: DiskResult): void {
    const group = this.#groups.shift();
    if (group === undefined) return;
    // Nothing was ever written to a file that is not there: its first append had found no space.
    if (!result.ok && result.error !== 'not-found') {
      this.#host.abort(`sync of ${group.segment.file} failed: ${result.error}`);
      return;
    }
    this.#durable = group.sequence;
    this.#syncing = false;
    if (this.#groups.length > 0) this.#sync();
    for (const waiter of group.waiters) waiter.onDurable();
    group.waiters.length = 0;
    this.#spare.push(group);
  }

  #openGroup(segment: Segment): CommitGroup {
    const last = this.#groups.at(-1);
    const beingSynced = this.#syncing && this.#groups.length === 1;
    if (last !== undefined && !beingSynced && last.segment === segment) return last;
    this.#sequence += 1;
    const group = this.#spare.pop() ?? { sequence: 0, segment, waiters: [] };
    group.sequence = this.#sequence;
    group.segment = segment;
    this.#groups.push(group);
    return group;
  }

  #sync(): void {
    const group = this.#groups[0];
    if (group === undefined) return;
    this.#syncing = true;
    this.#host.disk.sync(group.segment.file, this, group.sequence);
  }
}
