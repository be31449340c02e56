import type { GatewayReply } from '../../messages/gateway.ts';
import type { Middleware, Next } from '../middleware.ts';
import type { RequestContext } from '../request-context.ts';

/** Sheds what comes beyond a number of requests in progress. */
export class MaxInFlight implements Middleware {
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
