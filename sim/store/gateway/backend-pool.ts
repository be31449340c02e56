import type { NodeId } from '../../host.ts';
import type { Backend, Balancer } from '../balancer/balancer.ts';
import type { ClusterMap, MapNode } from '../model.ts';

/** A data node with what this gateway knows of it. */
export class PooledBackend implements Backend {
  readonly id: NodeId;
  index = 0;
  zone: string;
  weight: number;
  inFlight = 0;

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

  /** Takes over the nodes of a new map; nodes that left are forgotten. */
  update(map: ClusterMap): void {
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
