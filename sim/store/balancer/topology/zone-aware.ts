import { z } from 'zod';
import type { RandomStream } from '../../../host.ts';
import type {
  AttemptOutcome,
  Backend,
  Balancer,
  BalancerContext,
  BalancerDefinition,
  GatewaySeat,
  LoadFeedback,
  PickRequest,
} from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { createWithin, type InnerBalancers, withinOptions } from './within.ts';
import { type ZoneShares, zoneShares } from './zone-shares.ts';

/** Options of the balancer `zone-aware`, beside the balancer inside. */
interface ZoneAwareOptions {
  readonly within: string;
  readonly withinOptions: Readonly<Record<string, unknown>>;
  readonly minClusterSize: number;
  readonly routingEnabled: number;
}

/**
 * Chooses a zone for each request, and leaves the choice among the eligible of that zone to another balancer. Shares come from the whole
 * table; a request goes only to zones that have an eligible backend, the own one first, then one of those with room, then any.
 */
class ZoneAware implements Balancer {
  readonly #random: RandomStream;
  readonly #seat: GatewaySeat;
  readonly #options: ZoneAwareOptions;
  readonly #inner: Balancer;
  readonly #chosen: Backend[] = [];
  #shares: ZoneShares = { local: undefined, residual: [] };
  /** Position of the own zone among the zones; −1 if no backend is there. */
  #home = -1;
  /** Zone of each backend, by place in the table. */
  #zoneOf = new Int32Array(0);
  /** Eligible backends of each zone, during a pick. */
  #counts = new Int32Array(0);

  constructor(context: BalancerContext, chosen: ZoneAwareOptions, inner: Balancer) {
    this.#random = context.random;
    this.#seat = context.seat ?? { zone: '', position: 0, zones: [''] };
    this.#options = chosen;
    this.#inner = inner;
  }

  update(backends: readonly Backend[]): void {
    const zones = [...new Set(backends.map(({ zone }) => zone))].sort();
    const { zone: own, zones: gateways } = this.#seat;
    const counts = zones.map((zone) => backends.filter((backend) => backend.zone === zone).length);
    this.#shares = zoneShares(zones, counts, gateways, own, this.#options.minClusterSize);
    this.#home = zones.indexOf(own);
    this.#zoneOf = new Int32Array(backends.length);
    for (const { index, zone } of backends) this.#zoneOf[index] = zones.indexOf(zone);
    this.#counts = new Int32Array(zones.length);
    this.#inner.update(backends);
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    if (this.#shares.local === undefined || this.#random.below(100) >= this.#options.routingEnabled) {
      return this.#inner.pick(eligible, request);
    }
    this.#counts.fill(0);
    for (const backend of eligible) {
      const zone = this.#zoneOf[backend.index] ?? 0;
      this.#counts[zone] = (this.#counts[zone] ?? 0) + 1;
    }
    const zone = this.#drawZone(this.#shares.local);
    if (zone < 0) return this.#inner.pick(eligible, request);
    this.#chosen.length = 0;
    for (const backend of eligible) if (this.#zoneOf[backend.index] === zone) this.#chosen.push(backend);
    return this.#inner.pick(this.#chosen, request);
  }

  onDone(backend: Backend, outcome: AttemptOutcome, latencyMs: number): void {
    this.#inner.onDone(backend, outcome, latencyMs);
  }

  onFeedback(backend: Backend, feedback: LoadFeedback): void {
    this.#inner.onFeedback?.(backend, feedback);
  }

  /** A zone that has an eligible backend; −1 where no zone with an eligible one has room. */
  #drawZone(local: number): number {
    const counts = this.#counts;
    if ((counts[this.#home] ?? 0) > 0 && this.#random.below(10_000) < local) return this.#home;
    const { residual } = this.#shares;
    let room = 0;
    for (let zone = 0; zone < counts.length; zone++) if ((counts[zone] ?? 0) > 0) room += residual[zone] ?? 0;
    if (room === 0) return -1;
    let drawn = this.#random.below(room);
    for (let zone = 0; zone < counts.length; zone++) {
      if ((counts[zone] ?? 0) === 0) continue;
      drawn -= residual[zone] ?? 0;
      if (drawn < 0) return zone;
    }
    return -1;
  }
}

/** The balancer `zone-aware` over these. */
export function zoneAwareOver(inner: InnerBalancers): BalancerDefinition<ZoneAwareOptions> {
  return {
    name: 'zone-aware',
    summary:
      'Keeps requests in the gateway’s zone as far as the backends there can take them, and spills the rest over zones with room.',
    source: 'Envoy, zone-aware routing, load_balancer_impl.cc: local percentage and residual capacity.',
    complexity: 'Pick O(eligible + zones) and that of the balancer inside; memory O(backends).',
    weakness:
      'Takes all gateways to have as much traffic, and all backends to be as strong; a hot zone stays hot. Where no zone with an eligible backend has room, zones no longer count.',
    options: z.strictObject({
      ...withinOptions(inner, 'random'),
      minClusterSize: z.int().min(1).default(6).describe('Backends, with fewer of which zones are not looked at.'),
      routingEnabled: z.int().min(0).max(100).default(100).describe('% of the requests for which zones are looked at.'),
    }),
    create: (context, chosen) => new ZoneAware(context, chosen, createWithin(inner, chosen, context)),
  };
}
