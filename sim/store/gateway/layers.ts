import { closest } from 'fastest-levenshtein';
import type { Host } from '../../host.ts';
import type { GatewayReply } from '../messages.ts';
import type { GatewayConfig } from './config.ts';
import type { Middleware, MiddlewareFactory, Next } from './middleware.ts';
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
      context.refuse('timeout', 0, 0);
    else next(context);
  }
}

/** Sheds what comes beyond a number of requests in progress. */
class MaxInFlight implements Middleware {
  readonly name = 'max-in-flight';
  readonly #limit: number;
  #inFlight = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  handle(context: RequestContext, next: Next): void {
    this.#inFlight += 1;
    if (this.#inFlight > this.#limit) context.refuse('overloaded', 0, 0, RETRY_AFTER_MS);
    else next(context);
  }

  modifyResponse(_context: RequestContext, reply: GatewayReply): GatewayReply {
    this.#inFlight -= 1;
    return reply;
  }
}

const RETRY_AFTER_MS = 100;

const LAYERS: Readonly<Record<string, MiddlewareFactory>> = {
  deadline: (host) => new Deadline(host),
  'max-in-flight': (_host, config) => new MaxInFlight(config.maxInFlight),
};

/** Names that `middleware` in the gateway's settings accepts. */
export const MIDDLEWARE_NAMES: readonly string[] = Object.keys(LAYERS);

/** Builds the layers that the settings name, outermost first. @throws RangeError on an unknown name or one that stands twice. */
export function createLayers(host: Host, config: GatewayConfig): readonly Middleware[] {
  return config.middleware.map((name, position) => {
    const factory = LAYERS[name];
    if (factory === undefined) {
      throw new RangeError(
        `middleware.${position}: unknown '${name}', did you mean '${closest(name, [...MIDDLEWARE_NAMES])}'? Accepted: ${MIDDLEWARE_NAMES.join(', ')}`,
      );
    }
    if (config.middleware.indexOf(name) !== position)
      throw new RangeError(`middleware.${position}: '${name}' stands twice`);
    return factory(host, config);
  });
}
