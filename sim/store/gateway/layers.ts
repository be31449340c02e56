import { closest, distance } from 'fastest-levenshtein';
import type { Host } from '../../host.ts';
import { AccessLog } from './layer/access-log.ts';
import { AdaptiveConcurrency } from './layer/adaptive-concurrency.ts';
import type { LayerSettings } from './layer/config.ts';
import { Deadline } from './layer/deadline.ts';
import { MaxBody } from './layer/max-body.ts';
import { MaxInFlight } from './layer/max-in-flight.ts';
import { MaxPerClient } from './layer/max-per-client.ts';
import type { Middleware } from './middleware.ts';

/** Builds a layer for one gateway. */
type LayerFactory = (host: Host, settings: LayerSettings) => Middleware;

const LAYERS: ReadonlyMap<string, LayerFactory> = new Map<string, LayerFactory>([
  ['access-log', (host, settings) => new AccessLog(host, settings.accessLog)],
  ['deadline', (host, settings) => new Deadline(host, settings.deadlineMarginMs)],
  ['max-body', (_host, settings) => new MaxBody(settings.maxBodyBytes)],
  ['max-per-client', (_host, settings) => new MaxPerClient(settings.maxInFlightPerClient, settings.retryAfterMs)],
  ['max-in-flight', (_host, settings) => new MaxInFlight(settings.maxInFlight, settings.retryAfterMs)],
  [
    'adaptive-concurrency',
    (host, settings) => new AdaptiveConcurrency(host, settings.adaptiveConcurrency, settings.retryAfterMs),
  ],
]);

/** What is wrong with the name at `position` of a list of layers: what was found and what is accepted. Undefined if it is sound. */
export function faultInLayer(names: readonly string[], position: number): string | undefined {
  const name = names[position] ?? '';
  if (!LAYERS.has(name)) {
    const accepted = [...LAYERS.keys()];
    const near = closest(name, accepted);
    const hint = distance(name, near) <= near.length / 3 ? `; did you mean '${near}'?` : '';
    return `found '${name}', accepted: ${accepted.join(', ')}${hint}`;
  }
  return names.indexOf(name) === position ? undefined : `found '${name}' twice, accepted: each layer once`;
}

/** Builds the layers that the settings name, outermost first. @throws RangeError on an unknown name or one that stands twice. */
export function createLayers(host: Host, names: readonly string[], settings: LayerSettings): readonly Middleware[] {
  return names.map((name, position) => {
    const fault = faultInLayer(names, position);
    const factory = LAYERS.get(name);
    if (fault !== undefined || factory === undefined) throw new RangeError(`middleware.${position}: ${fault}`);
    return factory(host, settings);
  });
}
