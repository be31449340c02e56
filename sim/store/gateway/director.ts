import type { NodeId } from '../../host.ts';
import type { ClusterMap } from '../model.ts';
import type { BackendPool, PooledBackend } from './backend-pool.ts';

const NOBODY: readonly PooledBackend[] = [];

/**
 * Says where a request may go, by partition. Worked out once an epoch, so that directing a request is one array access.
 *
 * Reads go to live replicas; where none is thought to be up, to all of them, since a failure detector may be wrong and a
 * refusal costs less than an outage. Writes go to all replicas and joining nodes that are not down.
 */
export class Director {
  readonly #pool: BackendPool;
  #readers: readonly (readonly PooledBackend[])[] = [];
  #writers: readonly (readonly PooledBackend[])[] = [];
  #replicas: readonly ReadonlySet<NodeId>[] = [];

  constructor(pool: BackendPool) {
    this.#pool = pool;
  }

  update(map: ClusterMap): void {
    const liveness = new Map(map.nodes.map((node) => [node.id, node.liveness]));
    const backends = (ids: readonly NodeId[], allowed: (id: NodeId) => boolean): readonly PooledBackend[] =>
      ids.flatMap((id) => {
        const backend = allowed(id) ? this.#pool.get(id) : undefined;
        return backend === undefined ? [] : [backend];
      });
    this.#readers = map.partitions.map(({ replicas }) => {
      const up = backends(replicas, (id) => liveness.get(id) === 'up');
      return up.length > 0 ? up : backends(replicas, () => true);
    });
    this.#writers = map.partitions.map(({ replicas, joining }) =>
      backends([...replicas, ...joining], (id) => liveness.get(id) !== 'down'),
    );
    this.#replicas = map.partitions.map(({ replicas }) => new Set(replicas));
  }

  readers(partition: number): readonly PooledBackend[] {
    return this.#readers[partition] ?? NOBODY;
  }

  writers(partition: number): readonly PooledBackend[] {
    return this.#writers[partition] ?? NOBODY;
  }

  /** Does an acknowledgement of `node` count towards the write quorum? Joining nodes' do not. */
  isReplica(partition: number, node: NodeId): boolean {
    return this.#replicas[partition]?.has(node) ?? false;
  }
}
