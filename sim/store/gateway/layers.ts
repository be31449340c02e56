import { closest, distance } from 'fastest-levenshtein';
import type { Host } from '../../host.ts';
import type { GatewayReply } from '../messages/gateway.ts';
import type { LayerSettings, Middleware, MiddlewareFactory, Next } from './middleware.ts';
import type { RequestContext } from './request-context.ts';

/** Refuses what its caller has given up on: work for nobody is what keeps an overload alive. */
class Deadline implements Middleware {
  readonly name = 'deadline';
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  handle(context: RequestContext, next: Next): void {
    if (context.exchange.aborted || context.exchange.deadlineMs <= this.#host.clock.nowMs())
      context.refuse('timeout', 0, 0, 0);
    else next(context);
  }
}

/** Sheds what comes beyond a number of requests in progress. */
class MaxInFlight implements Middleware {
  readonly name = 'max-in-flight';
  readonly #limit: number;
  readonly #retryAfterMs: number;
  #inFlight = 0;

  constructor(limit: number, retryAfterMs: number) {
    this.#limit = limit;
    this.#retryAfterMs = retryAfterMs;
  }

  handle(context: RequestContext, next: Next): void {
    this.#inFlight += 1;
    if (this.#inFlight > this.#limit) context.refuse('overloaded', 0, 0, this.#retryAfterMs);
    else next(context);
  }

  modifyResponse(_context: RequestContext, reply: GatewayReply): GatewayReply {
    this.#inFlight -= 1;
    return reply;
  }
}

const LAYERS: ReadonlyMap<string, MiddlewareFactory> = new Map<string, MiddlewareFactory>([
  ['deadline', (host) => new Deadline(host)],
  ['max-in-flight', (_host, settings) => new MaxInFlight(settings.maxInFlight, settings.retryAfterMs)],
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
