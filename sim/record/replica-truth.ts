import type { NodeId } from '../host.ts';
import type { ClusterMap, PartitionEntry } from '../store/model.ts';

/** What is wrong with one replica. */
type Flaw = 'incomplete' | 'destroyed';

/**
 * Who really holds what: the cluster map, minus the replicas that lack blocks, sit on a node that doesn't run, or
 * went with their disk. Kept up to date event by event; counts are of partitions.
 */
export class ReplicaTruth {
  readonly #down = new Set<NodeId>();
  readonly #flaws = new Map<number, Map<NodeId, Flaw>>();
  readonly #reportedLost = new Set<number>();
  #partitions: readonly PartitionEntry[] = [];
  #replication = 0;
  #epoch = -1;
  /** 0 whole, 1 under-replicated, 2 unavailable, 3 lost: by partition. */
  #levels: Uint8Array = new Uint8Array(0);
  readonly #counts = [0, 0, 0, 0];

  /** Partitions with fewer than N complete replicas on running nodes; the unavailable and lost among them. */
  get underReplicated(): number {
    return this.unavailable + (this.#counts[1] ?? 0);
  }

  /** Partitions without any complete replica on a running node; the lost among them. */
  get unavailable(): number {
    return this.lost + (this.#counts[2] ?? 0);
  }

  /** Partitions that are stated as lost, or all of whose replicas went with their disks. */
  get lost(): number {
    return this.#counts[3] ?? 0;
  }

  /** N of the newest map; 0 before the first. */
  get replication(): number {
    return this.#replication;
  }

  /** Takes a newer map; older ones and repetitions are ignored. */
  setMap(map: ClusterMap): void {
    if (map.epoch <= this.#epoch) return;
    this.#epoch = map.epoch;
    this.#replication = map.replication;
    this.#partitions = map.partitions;
    for (const [partition, flaws] of this.#flaws) {
      const entry = map.partitions[partition];
      for (const node of flaws.keys()) {
        if (entry === undefined || !(entry.replicas.includes(node) || entry.joining.includes(node))) flaws.delete(node);
      }
      if (flaws.size === 0) this.#flaws.delete(partition);
    }
    this.#judgeAll();
  }

  setComplete(partition: number, node: NodeId, complete: boolean): void {
    if (complete) this.#flaws.get(partition)?.delete(node);
    else this.#flaw(partition, node, 'incomplete');
    this.#judge(partition);
  }

  /** `running` in truth: crashed and paused nodes are not, whatever the cluster believes. */
  setRunning(node: NodeId, running: boolean): void {
    if (running === !this.#down.has(node)) return;
    if (running) this.#down.delete(node);
    else this.#down.add(node);
    this.#judgeAll();
  }

  /** The node's disk is gone, and all replicas on it. */
  destroy(node: NodeId): void {
    for (const [partition, entry] of this.#partitions.entries()) {
      if (entry.replicas.includes(node)) this.#flaw(partition, node, 'destroyed');
    }
    this.#judgeAll();
  }

  /** The cluster says that blocks of this partition are gone for good. */
  reportLost(partition: number): void {
    this.#reportedLost.add(partition);
    this.#judge(partition);
  }

  isReportedLost(partition: number): boolean {
    return this.#reportedLost.has(partition);
  }

  /** Partitions of which at least `least` replicas went with their disks, and are not replaced yet. */
  withDestroyed(least: number): number[] {
    const found: number[] = [];
    for (const [partition, flaws] of this.#flaws) {
      let destroyed = 0;
      for (const flaw of flaws.values()) if (flaw === 'destroyed') destroyed++;
      if (destroyed >= least) found.push(partition);
    }
    return found;
  }

  /** Up to `limit` partitions that are not whole, ascending. */
  notWhole(limit: number): number[] {
    const found: number[] = [];
    for (const [partition, level] of this.#levels.entries()) {
      if (level === 0) continue;
      if (found.push(partition) >= limit) break;
    }
    return found;
  }

  #flaw(partition: number, node: NodeId, flaw: Flaw): void {
    const flaws = this.#flaws.get(partition) ?? new Map<NodeId, Flaw>();
    if (flaws.get(node) !== 'destroyed') flaws.set(node, flaw);
    this.#flaws.set(partition, flaws);
  }

  #judgeAll(): void {
    if (this.#levels.length !== this.#partitions.length) {
      this.#levels = new Uint8Array(this.#partitions.length);
      this.#counts.fill(0);
      this.#counts[0] = this.#partitions.length;
    }
    for (let partition = 0; partition < this.#levels.length; partition++) this.#judge(partition);
  }

  #judge(partition: number): void {
    const before = this.#levels[partition];
    if (before === undefined) return;
    const after = this.#levelOf(partition);
    if (after === before) return;
    this.#levels[partition] = after;
    this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    this.#counts[after] = (this.#counts[after] ?? 0) + 1;
  }

  #levelOf(partition: number): 0 | 1 | 2 | 3 {
    if (this.#reportedLost.has(partition)) return 3;
    const replicas = this.#partitions[partition]?.replicas ?? [];
    const flaws = this.#flaws.get(partition);
    let whole = 0;
    let destroyed = 0;
    for (const node of replicas) {
      const flaw = flaws?.get(node);
      if (flaw === 'destroyed') destroyed++;
      else if (flaw === undefined && !this.#down.has(node)) whole++;
    }
    if (whole >= this.#replication) return 0;
    if (whole > 0) return 1;
    return replicas.length > 0 && destroyed === replicas.length ? 3 : 2;
  }
}
