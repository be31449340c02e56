import type { GatewayRequest } from '../messages/gateway.ts';

/** Maps by which one request may be directed: that of its arrival, and once a newer one if that turned out to be old. */
const MAPS = 2;

/**
 * The most requests to data nodes that a gateway makes for one of a client's, whatever happens. A read tries each replica at
 * most once by each map, and at most `maxAttempts`; a write goes to each owner at most once by each map. Over all requests,
 * those beyond the first round are bounded by the retry budget: `burst + ratio × requests`.
 *
 * @param owners - Of the partition: its replicas, for a write its joining nodes too; the larger number of the two maps.
 */
export function mostAttempts(
  request: GatewayRequest['kind'],
  { maxAttempts }: { readonly maxAttempts: number },
  owners: number,
): number {
  return MAPS * (request === 'gateway.get' ? Math.min(maxAttempts, owners) : owners);
}
