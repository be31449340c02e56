import type { NodeId } from '../../host.ts';
import type { ClusterMap } from '../model.ts';
import type { BackendPool, PooledBackend } from './backend-pool.ts';

/** Where requests for one partition may go. */
export interface Route {
  /** For reads: the replicas that are up; where none is thought to be, all of them. */
  readonly readers: readonly PooledBackend[];
  /** All replicas, for reads that found nothing at the readers. */
  readonly replicas: readonly PooledBackend[];
  /** For writes: first the replicas that are not down, then the joining nodes that are not down. */
  readonly writers: readonly PooledBackend[];
  /** How many of the writers, from the first on, are replicas: a joining node's acknowledgement does not count towards the quorum. */
  readonly voters: number;
}

const NOWHERE: Route = { readers: [], replicas: [], writers: [], voters: 0 };

/**
 * Says where a request may go, by partition. Worked out once an epoch, so that directing a request is one array access.
 *
 * A failure detector may be wrong and a refusal costs less than an outage: that is why reads have a way to replicas that are
 * not up, and writes go to suspects.
 */
export class Director {
  readonly #pool: BackendPool;
  #routes: readonly Route[] = [];

  constructor(pool: BackendPool) {
    this.#pool = pool;
  }

  /** Takes over a new map. The pool must have it already. */
  update(map: ClusterMap): void {
    const liveness = new Map(map.nodes.map((node) => [node.id, node.liveness]));
    const backends = (ids: readonly NodeId[], allowed: (id: NodeId) => boolean): readonly PooledBackend[] =>
      ids.flatMap((id) => {
        const backend = allowed(id) ? this.#pool.get(id) : undefined;
        return backend === undefined ? [] : [backend];
      });
    const isUp = (id: NodeId): boolean => liveness.get(id) === 'up';
    const isNotDown = (id: NodeId): boolean => liveness.get(id) !== 'down';
    this.#routes = map.partitions.map(({ replicas, joining }) => {
      const all = backends(replicas, () => true);
      const up = backends(replicas, isUp);
      const voters = backends(replicas, isNotDown);
      return {
        readers: up.length > 0 ? up : all,
        replicas: all,
        writers: [...voters, ...backends(joining, isNotDown)],
        voters: voters.length,
      };
    });
  }

  /** Is there such a partition? */
  has(partition: number): boolean {
    return this.#routes[partition] !== undefined;
  }

  /** Leads nowhere if there is no such partition. */
  route(partition: number): Route {
    return this.#routes[partition] ?? NOWHERE;
  }
}
