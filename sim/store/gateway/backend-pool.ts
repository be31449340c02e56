import type { NodeId } from '../../host.ts';
import type { Backend, Balancer } from '../balancer/balancer.ts';
import type { ClusterMap, MapNode } from '../model.ts';
import type { PeerHealth } from '../passive-health.ts';

/** A data node with what this gateway knows of it. */
export class PooledBackend implements Backend, PeerHealth {
  readonly id: NodeId;
  index = 0;
  zone: string;
  weight: number;
  inFlight = 0;
  fails = 0;
  failedMs = 0;
  checkedMs = 0;

  constructor(node: MapNode) {
    this.id = node.id;
    this.zone = node.zone;
    this.weight = node.weight;
  }
}

/** The data nodes that may be sent requests, by id. Entries outlive changes of the map, so that counts of open requests do too. */
export class BackendPool {
  readonly #balancer: Balancer;
  readonly #byId = new Map<NodeId, PooledBackend>();

  constructor(balancer: Balancer) {
    this.#balancer = balancer;
  }

  get(id: NodeId): PooledBackend | undefined {
    return this.#byId.get(id);
  }

  /**
   * Takes over the nodes of a new map; nodes that left are forgotten.
   *
   * @throws RangeError if a node stands twice or has no finite weight above 0, naming it. Nothing is changed then.
   */
  update(map: ClusterMap): void {
    checkNodes(map);
    const present = new Set<NodeId>();
    const table: PooledBackend[] = [];
    for (const node of map.nodes) {
      if (node.membership === 'left') continue;
      present.add(node.id);
      let backend = this.#byId.get(node.id);
      if (backend === undefined) {
        backend = new PooledBackend(node);
        this.#byId.set(node.id, backend);
      }
      backend.zone = node.zone;
      backend.weight = node.weight;
      backend.index = table.length;
      table.push(backend);
    }
    for (const id of [...this.#byId.keys()]) if (!present.has(id)) this.#byId.delete(id);
    this.#balancer.update(table);
  }
}

function checkNodes({ epoch, nodes }: ClusterMap): void {
  const seen = new Set<NodeId>();
  for (const { id, weight } of nodes) {
    if (seen.has(id)) throw new RangeError(`map ${epoch}: nodes: found ${id} twice, accepted: distinct ids`);
    seen.add(id);
    if (!(weight > 0 && Number.isFinite(weight)))
      throw new RangeError(`map ${epoch}: node ${id}: weight: found ${weight}, accepted: a finite number above 0`);
  }
}
