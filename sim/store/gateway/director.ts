import type { NodeId } from '../../host.ts';
import type { ClusterMap } from '../model.ts';
import type { BackendPool, PooledBackend } from './backend-pool.ts';

/** Where requests for one partition may go. */
export interface Route {
  /** For reads: replicas that are up and not gray. */
  readonly sound: readonly PooledBackend[];
  /** For reads where no sound one can be had: suspect and gray replicas. */
  readonly doubtful: readonly PooledBackend[];
  /** For reads where nothing else is left: replicas that are thought to be down. */
  readonly down: readonly PooledBackend[];
  /** All of these. */
  readonly replicas: readonly PooledBackend[];
  /** For writes: first the replicas, then the joining nodes; none that is down, and none that takes no more data. */
  readonly writers: readonly PooledBackend[];
  /** How many of the writers, from the first on, are replicas: a joining node's acknowledgement does not count towards the quorum. */
  readonly voters: number;
  /** Replicas that would be writers if they had room. */
  readonly full: number;
}

const NOBODY: readonly PooledBackend[] = [];
const NOWHERE: Route = {
  sound: NOBODY,
  doubtful: NOBODY,
  down: NOBODY,
  replicas: NOBODY,
  writers: NOBODY,
  voters: 0,
  full: 0,
};

/**
 * Says where a request may go, by partition. Worked out once an epoch, so that directing a request is one array access.
 *
 * A failure detector may be wrong and a refusal costs less than an outage: that is why reads have a way to replicas that are
 * not up, and writes go to suspect and gray ones, which redundancy needs.
 */
export class Director {
  readonly #pool: BackendPool;
  #routes: readonly Route[] = [];

  constructor(pool: BackendPool) {
    this.#pool = pool;
  }

  /** Takes over a new map. The pool must have it already. */
  update(map: ClusterMap): void {
    const full = new Set(map.nodes.flatMap(({ id, fullness }) => (fullness === 'read-only' ? [id] : [])));
    const hasRoom = ({ id }: PooledBackend): boolean => !full.has(id);
    this.#routes = map.partitions.map(({ replicas, joining }) => {
      const all = this.#known(replicas);
      const alive = keep(all, isNotDown);
      const voters = keep(alive, hasRoom);
      const arriving = joining.length === 0 ? NOBODY : keep(keep(this.#known(joining), isNotDown), hasRoom);
      return {
        sound: keep(all, isSound),
        doubtful: keep(all, isDoubtful),
        down: keep(all, isDown),
        replicas: all,
        writers: arriving.length === 0 ? voters : [...voters, ...arriving],
        voters: voters.length,
        full: alive.length - voters.length,
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

  #known(ids: readonly NodeId[]): readonly PooledBackend[] {
    const known: PooledBackend[] = [];
    for (const id of ids) {
      const backend = this.#pool.get(id);
      if (backend !== undefined) known.push(backend);
    }
    return known;
  }
}

const isSound = ({ standing }: PooledBackend): boolean => standing === 'sound';
const isDoubtful = ({ standing }: PooledBackend): boolean => standing === 'doubtful';
const isDown = ({ standing }: PooledBackend): boolean => standing === 'down';
const isNotDown = ({ standing }: PooledBackend): boolean => standing !== 'down';

/** As `filter`, but shares the array where all or none are kept: there are as many routes as partitions, at each gateway. */
function keep(backends: readonly PooledBackend[], test: (backend: PooledBackend) => boolean): readonly PooledBackend[] {
  let kept = 0;
  for (const backend of backends) if (test(backend)) kept += 1;
  if (kept === backends.length) return backends;
  return kept === 0 ? NOBODY : backends.filter(test);
}
