import type { NodeId } from '../host.ts';
import type { ClusterMap } from '../store/model.ts';
import type { World } from '../world/world.ts';

/** Knows whether the cluster is whole: every partition with N complete replicas on running processes, and nothing on its way. */
export class Wholeness {
  readonly #world: World;
  /** Replicas that lack blocks, by partition. */
  readonly #incomplete = new Map<number, Set<NodeId>>();
  #map: ClusterMap | undefined;
  #verdict: boolean | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  get holds(): boolean {
    this.#verdict ??= this.#judge();
    return this.#verdict;
  }

  setMap(map: ClusterMap): void {
    this.#map = map;
    this.changed();
  }

  setReplica(partition: number, node: NodeId, complete: boolean): void {
    const nodes = this.#incomplete.get(partition);
    if (complete) nodes?.delete(node);
    else if (nodes === undefined) this.#incomplete.set(partition, new Set([node]));
    else nodes.add(node);
    this.changed();
  }

  /** Something happened that may change the answer, which is worked out again when it is asked for. */
  changed(): void {
    this.#verdict = undefined;
  }

  #judge(): boolean {
    const map = this.#map;
    if (map === undefined) return false;
    return map.partitions.every(
      ({ replicas, joining }, partition) =>
        joining.length === 0 &&
        replicas.length === map.replication &&
        replicas.every(
          (id) => this.#world.node(id).state === 'up' && this.#incomplete.get(partition)?.has(id) !== true,
        ),
    );
  }
}
