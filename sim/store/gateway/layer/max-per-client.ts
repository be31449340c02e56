import type { NodeId } from '../../../host.ts';
import type { GatewayReply } from '../../messages/gateway.ts';
import type { Middleware, Next } from '../middleware.ts';
import type { RequestContext } from '../request-context.ts';

/** Sheds what one client sends beyond a number of requests in progress, so that none can take the whole gateway. */
export class MaxPerClient implements Middleware {
  readonly name = 'max-per-client';
  readonly #limit: number;
  readonly #retryAfterMs: number;
  /** Clients with requests in progress only: the table does not grow with the number of clients ever seen. */
  readonly #inFlight = new Map<NodeId, number>();

  constructor(limit: number, retryAfterMs: number) {
    this.#limit = limit;
    this.#retryAfterMs = retryAfterMs;
  }

  handle(context: RequestContext, next: Next): void {
    const { from } = context.exchange;
    const inFlight = (this.#inFlight.get(from) ?? 0) + 1;
    this.#inFlight.set(from, inFlight);
    if (inFlight > this.#limit) context.refuse('overloaded', 0, 0, this.#retryAfterMs);
    else next(context);
  }

  modifyResponse({ exchange: { from } }: RequestContext, reply: GatewayReply): GatewayReply {
    const left = (this.#inFlight.get(from) ?? 0) - 1;
    if (left > 0) this.#inFlight.set(from, left);
    else this.#inFlight.delete(from);
    return reply;
  }
}
