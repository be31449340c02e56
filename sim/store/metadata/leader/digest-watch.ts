import type { NodeId } from '../../../host.ts';
import { blockDigest } from '../../datanode/block-digest.ts';
import type { Heartbeat } from '../../messages/node.ts';
import type { Partition } from '../state/partition.ts';
import type { MetadataState } from '../state/state.ts';

/** What else is known of garbage: whether a node has confirmed that it deleted it. */
export interface Confirmations {
  hasConfirmed(node: NodeId, id: string): boolean;
}

/**
 * Compares the digests that ride on heartbeats with what the state expects, in one step for each partition. Writes under way
 * make any digest differ for a moment, so what counts is for how long one has differed at every beat.
 */
export class DigestWatch {
  readonly #state: MetadataState;
  readonly #confirmations: Confirmations;
  /** By node and partition, since when it differs. */
  readonly #differsSince = new Map<NodeId, Map<number, number>>();
  /** By node, the partitions of which its last beat said that it has blocks. */
  readonly #told = new Map<NodeId, ReadonlySet<number>>();

  constructor(state: MetadataState, confirmations: Confirmations) {
    this.#state = state;
    this.#confirmations = confirmations;
  }

  /** A node beats, and what it reported was applied. */
  onBeat({ id, digests }: Heartbeat, nowMs: number): void {
    const told = new Set<number>();
    for (const [number, digest] of digests) {
      told.add(number);
      this.#compare(id, number, digest, nowMs);
    }
    for (const number of this.#differsSince.get(id)?.keys() ?? []) {
      if (!told.has(number)) this.#compare(id, number, 0, nowMs);
    }
    this.#told.set(id, told);
  }

  /** A node that tells nothing of a partition has no block of it: seen here, for beats tell only of what there is. */
  lookForAbsent(nowMs: number): void {
    for (const partition of this.#state.partitions) {
      for (const node of partition.holders()) {
        const told = this.#told.get(node);
        if (told !== undefined && !told.has(partition.number)) this.#compare(node, partition.number, 0, nowMs);
      }
    }
  }

  /** Partitions of a node that have differed since before `beforeMs`, the first to differ first. */
  *persistent(node: NodeId, beforeMs: number): Generator<number, void> {
    for (const [partition, sinceMs] of this.#differsSince.get(node) ?? []) if (sinceMs <= beforeMs) yield partition;
  }

  /** The node has a new process. */
  forget(node: NodeId): void {
    this.#differsSince.delete(node);
    this.#told.delete(node);
  }

  #compare(node: NodeId, number: number, digest: number, nowMs: number): void {
    const partition = this.#state.partition(number);
    if (partition === undefined) return;
    let differs = this.#differsSince.get(node);
    if (partition.dropping.has(node) || this.#fits(partition, node, digest)) {
      differs?.delete(number);
      return;
    }
    if (differs === undefined) {
      differs = new Map();
      this.#differsSince.set(node, differs);
    }
    if (!differs.has(number)) differs.set(number, nowMs);
  }

  #fits(partition: Partition, node: NodeId, digest: number): boolean {
    let expected = partition.expectedDigest(node);
    if (digest === expected) return true;
    if (partition.garbage.size === 0 || !partition.isHolder(node)) return false;
    for (const { id, checksum } of partition.garbage.values()) {
      if (this.#confirmations.hasConfirmed(node, id)) expected = (expected ^ blockDigest(id, checksum)) >>> 0;
    }
    return digest === expected;
  }
}
