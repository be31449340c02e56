import type { PartitionBytes } from '../check/partition-bytes.ts';
import type { NodeId } from '../host.ts';
import type { ClusterMap, MapNode } from '../store/model.ts';
import { leastMoveBytes } from '../store/rebalance/lower-bound.ts';

/**
 * Works out the least bytes that the changes of membership of a run had to move: what a leaving node held when it went, and
 * what a joining node must be given for its fair share. A byte that goes from a leaver to a joiner counts once.
 */
export class MembershipBytes {
  readonly #stored: PartitionBytes;
  /** What each node owned when it was last seen to go down or to be drained. */
  readonly #heldAtDeparture = new Map<NodeId, number>();
  #demandedBytes = 0;
  #first: ClusterMap | undefined;
  #map: ClusterMap | undefined;

  constructor(stored: PartitionBytes) {
    this.#stored = stored;
  }

  setMap(map: ClusterMap): void {
    const before = this.#map;
    this.#map = map;
    if (before === undefined) return;
    const stayed = new Set(staying(before).map(({ id }) => id));
    const remaining = staying(map);
    const remain = new Set(remaining.map(({ id }) => id));
    for (const id of stayed) {
      if (remain.has(id)) continue;
      const heldBytes = this.#ownedBytes(before, id);
      this.#heldAtDeparture.set(id, heldBytes);
      if (this.#first !== undefined) this.#demandedBytes += heldBytes;
    }
    const known = remaining.filter(({ id }) => stayed.has(id));
    if (this.#first !== undefined && known.length < remaining.length)
      this.#demandedBytes += this.#gainedBytes(known, remaining, map.replication);
  }

  /** Membership counts from here. */
  begin(): void {
    this.#first = this.#map;
  }

  /** Null if the members are the same as in the beginning. */
  least(): number | null {
    const [first, last] = [this.#first, this.#map];
    if (first === undefined || last === undefined) return null;
    const before = members(first);
    const after = members(last);
    const ids = new Set(after.map(({ id }) => id));
    const left = before
      .filter(({ id }) => !ids.has(id))
      .reduce((sum, { id }) => sum + (this.#heldAtDeparture.get(id) ?? 0), 0);
    const known = new Set(before.map(({ id }) => id));
    const joined = after.filter(({ id }) => !known.has(id));
    const stayed = after.filter(({ id }) => known.has(id));
    const gained = joined.length === 0 ? 0 : this.#gainedBytes(stayed, after, last.replication);
    const least = Math.round(Math.max(left, gained));
    return least > 0 ? least : null;
  }

  /**
   * The same one change after another, as they came: who leaves hands over what it holds to those who are there then, and who
   * joins gets its share from them. What a node does that knows nothing of changes to come; null as for {@link least}.
   */
  demanded(): number | null {
    const least = this.least();
    return least === null ? null : Math.max(least, Math.round(this.#demandedBytes));
  }

  #gainedBytes(before: readonly MapNode[], after: readonly MapNode[], replication: number): number {
    return leastMoveBytes({ before, after, replication, replicaBytes: this.#stored.total * replication });
  }

  #ownedBytes(map: ClusterMap, node: NodeId): number {
    let sum = 0;
    for (const [partition, { replicas }] of map.partitions.entries()) {
      if (replicas.includes(node)) sum += this.#stored.bytes(partition);
    }
    return sum;
  }
}

/** Nodes of which nothing needs to be moved away, those that are still being given their share among them. */
function staying(map: ClusterMap): readonly MapNode[] {
  return map.nodes.filter((node) => belongs(node) && node.liveness !== 'down');
}

/** Nodes that are to hold data: one that is down counts for as long as nobody has taken its place. */
function members(map: ClusterMap): readonly MapNode[] {
  const owners = new Set(map.partitions.flatMap(({ replicas }) => replicas));
  return map.nodes.filter((node) => belongs(node) && (node.liveness !== 'down' || owners.has(node.id)));
}

function belongs({ membership }: MapNode): boolean {
  return membership === 'active' || membership === 'joining';
}
