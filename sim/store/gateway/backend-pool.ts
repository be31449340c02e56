import type { NodeId } from '../../host.ts';
import type { Backend, Balancer } from '../balancer/balancer.ts';
import type { ClusterMap, MapNode } from '../model.ts';
import type { PeerHealth } from '../passive-health.ts';
import { TrafficWindow } from './traffic-window.ts';

/**
 * What the map says of a data node as a source of reads: `sound` (up and not gray), `doubtful` (suspect or gray: read only
 * where no sound one can be), `down` (the last resort, for a failure detector may be wrong).
 */
export type Standing = 'sound' | 'doubtful' | 'down';

/** Bits of {@link PooledBackend.bars}: why a policy of this gateway leaves the backend out. */
export const EJECTED = 1;
export const CIRCUIT_OPEN = 2;

/** A data node with what this gateway knows of it. */
export class PooledBackend implements Backend, PeerHealth {
  readonly id: NodeId;
  index = 0;
  zone: string;
  /** What balancers see: the map's weight times {@link ramp}. */
  weight: number;
  inFlight = 0;
  /** Retries among the requests in flight. */
  retriesInFlight = 0;
  standing: Standing;
  /** Why it is left out, as bits; 0 if it is not. */
  bars = 0;
  /** Share of its weight that it may take by now: 1 unless it is starting slowly. */
  ramp = 1;
  fails = 0;
  failedMs = 0;
  checkedMs = 0;
  /** Since the last report. */
  readonly traffic = new TrafficWindow();

  constructor(node: MapNode) {
    this.id = node.id;
    this.zone = node.zone;
    this.weight = node.weight;
    this.standing = standingOf(node);
  }
}

/** The data nodes that may be sent requests, by id. Entries outlive changes of the map, so that counts of open requests do too. */
export class BackendPool {
  readonly #balancer: Balancer;
  readonly #byId = new Map<NodeId, PooledBackend>();
  #table: readonly PooledBackend[] = [];
  #weights = new Map<NodeId, number>();

  constructor(balancer: Balancer) {
    this.#balancer = balancer;
  }

  /** All backends, each at its `index`. */
  get table(): readonly PooledBackend[] {
    return this.#table;
  }

  get(id: NodeId): PooledBackend | undefined {
    return this.#byId.get(id);
  }

  /**
   * Takes over the nodes of a new map; nodes that left are forgotten. The balancer is told by {@link reweigh}, when the
   * policies have had their say on the newcomers' weights.
   *
   * @throws RangeError if a node stands twice or has no finite weight above 0, naming it. Nothing is changed then.
   */
  update(map: ClusterMap): void {
    checkNodes(map);
    const table: PooledBackend[] = [];
    this.#weights = new Map(map.nodes.map(({ id, weight }) => [id, weight]));
    for (const node of map.nodes) {
      if (node.membership === 'left') continue;
      let backend = this.#byId.get(node.id);
      if (backend === undefined) {
        backend = new PooledBackend(node);
        this.#byId.set(node.id, backend);
      }
      backend.zone = node.zone;
      backend.standing = standingOf(node);
      backend.index = table.length;
      table.push(backend);
    }
    for (const [id, backend] of [...this.#byId]) if (table[backend.index] !== backend) this.#byId.delete(id);
    this.#table = table;
  }

  /** Works the weights out anew and tells the balancer of the table. */
  reweigh(): void {
    for (const backend of this.#table)
      backend.weight = (this.#weights.get(backend.id) ?? backend.weight) * backend.ramp;
    this.#balancer.update(this.#table);
  }
}

function standingOf({ liveness, gray }: MapNode): Standing {
  if (liveness === 'down') return 'down';
  return liveness === 'suspect' || gray ? 'doubtful' : 'sound';
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
