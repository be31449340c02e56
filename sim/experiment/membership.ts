import type { PartitionBytes } from '../check/partition-bytes.ts';
import type { NodeId } from '../host.ts';
import type { ClusterMap } from '../store/model.ts';
import { leastMoveBytes } from '../store/rebalance/lower-bound.ts';

/**
 * Works out the least bytes that the changes of membership of a run had to move: what a leaving node held when it went, and
 * what a joining node must be given for its fair share. A byte that goes from a leaver to a joiner counts once.
 */
export class MembershipBytes {
  readonly #stored: PartitionBytes;
  /** What each node owned when it was last seen to go down or to be drained. */
  readonly #heldAtDeparture = new Map<NodeId, number>();
  #first: ClusterMap | undefined;
  #map: ClusterMap | undefined;

  constructor(stored: PartitionBytes) {
    this.#stored = stored;
  }

  setMap(map: ClusterMap): void {
    const before = this.#map;
    this.#map = map;
    if (before === undefined) return;
    const stayed = new Set(staying(before));
    const remain = new Set(staying(map));
    for (const id of stayed) if (!remain.has(id)) this.#heldAtDeparture.set(id, this.#ownedBytes(before, id));
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
    const gained =
      joined.length === 0
        ? 0
        : leastMoveBytes({
            before: after.filter(({ id }) => known.has(id)),
            after,
            replication: last.replication,
            replicaBytes: this.#stored.total * last.replication,
          });
    const least = Math.round(Math.max(left, gained));
    return least > 0 ? least : null;
  }

  #ownedBytes(map: ClusterMap, node: NodeId): number {
    let sum = 0;
    for (const [partition, { replicas }] of map.partitions.entries()) {
      if (replicas.includes(node)) sum += this.#stored.bytes(partition);
    }
    return sum;
  }
}

/** Nodes of which nothing needs to be moved away. */
function staying(map: ClusterMap): readonly NodeId[] {
  return map.nodes
    .filter(({ membership, liveness }) => membership === 'active' && liveness !== 'down')
    .map(({ id }) => id);
}

/** Nodes that are to hold data: one that is down counts for as long as nobody has taken its place. */
function members(map: ClusterMap) {
  const owners = new Set(map.partitions.flatMap(({ replicas }) => replicas));
  return map.nodes.filter(
    ({ id, membership, liveness }) => membership === 'active' && (liveness !== 'down' || owners.has(id)),
  );
}
