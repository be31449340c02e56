/** How a gateway spreads its requests over the zones of the backends. */
export interface ZoneShares {
  /** Of 10,000 requests, how many stay in the gateway's own zone; undefined where zones are not looked at. */
  readonly local: number | undefined;
  /** What each zone can take beyond what its own gateways send, in 1/10,000 of all; 0 for the own zone. */
  readonly residual: readonly number[];
}

const WHOLE = 10_000;
const blind: ZoneShares = { local: undefined, residual: [] };

/**
 * Envoy's zone-aware routing. A zone with at least as large a share of the backends as of the gateways keeps all its requests; one with a
 * smaller share keeps what its backends can take of them, and spills the rest over the zones that have room, in proportion to it. If all
 * gateways have as much traffic, all backends then get as much.
 *
 * Source: Envoy, `load_balancer_impl.cc`, `regenerateLocalityRoutingStructures`, with its whole-number shares.
 *
 * @param zones - The zones of the backends, the gateway's own anywhere among them or not at all.
 * @param backends - How many backends each of these zones has.
 * @param gateways - The zones of all gateways.
 * @param own - The zone of this one.
 * @param minClusterSize - Fewer backends than that are too few to look at zones.
 */
export function zoneShares(
  zones: readonly string[],
  backends: readonly number[],
  gateways: readonly string[],
  own: string,
  minClusterSize: number,
): ZoneShares {
  const total = backends.reduce((sum, count) => sum + count, 0);
  if (zones.length < 2 || new Set(gateways).size < 2 || !gateways.includes(own) || total < minClusterSize) return blind;
  const upstream = backends.map((count) => Math.floor((WHOLE * count) / total));
  const local = zones.map((zone) =>
    Math.floor((WHOLE * gateways.filter((other) => other === zone).length) / gateways.length),
  );
  const home = zones.indexOf(own);
  const [here, wanted] = [upstream[home] ?? 0, local[home] ?? 0];
  const residual = zones.map((_, i) => (i === home ? 0 : Math.max(0, (upstream[i] ?? 0) - (local[i] ?? 0))));
  if (home >= 0 && here > 0 && here >= wanted) return { local: WHOLE, residual };
  return { local: wanted > 0 ? Math.floor((here * WHOLE) / wanted) : 0, residual };
}
