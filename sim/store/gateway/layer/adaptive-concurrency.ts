import type { Host } from '../../../host.ts';
import type { GatewayReply } from '../../messages/gateway.ts';
import type { Middleware, Next } from '../middleware.ts';
import type { RequestContext } from '../request-context.ts';
import type { AdaptiveConcurrencyConfig } from './config.ts';
import { GradientLimit } from './gradient-limit.ts';

/**
 * Sheds load by a limit that follows latency ({@link GradientLimit}). Writes are shed first, beyond a share of the limit: a
 * write costs every replica a sync where a read costs one replica a look-up, and a reader waits for its answer now.
 */
export class AdaptiveConcurrency implements Middleware {
  readonly name = 'adaptive-concurrency';
  readonly #host: Host;
  readonly #limit: GradientLimit;
  readonly #writeShare: number;
  readonly #retryAfterMs: number;
  #inFlight = 0;

  constructor(host: Host, config: AdaptiveConcurrencyConfig, retryAfterMs: number) {
    this.#host = host;
    this.#limit = new GradientLimit(config);
    this.#writeShare = config.writeShare;
    this.#retryAfterMs = retryAfterMs;
  }

  handle(context: RequestContext, next: Next): void {
    this.#inFlight += 1;
    context.arrivedMs = this.#host.clock.nowMs();
    const share = context.request.kind === 'gateway.put' ? this.#writeShare : 1;
    if (this.#inFlight > this.#limit.limit * share) context.refuse('overloaded', 0, 0, this.#retryAfterMs);
    else next(context);
  }

  modifyResponse({ request, arrivedMs }: RequestContext, reply: GatewayReply): GatewayReply {
    // What was refused before it was sent says nothing of how long things take.
    if (reply.attempts > 0) {
      const kind = request.kind === 'gateway.put' ? 'write' : 'read';
      this.#limit.sample(kind, this.#host.clock.nowMs() - arrivedMs, this.#inFlight);
    }
    this.#inFlight -= 1;
    return reply;
  }
}
