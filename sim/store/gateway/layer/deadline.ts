import type { Host } from '../../../host.ts';
import type { Middleware, Next } from '../middleware.ts';
import type { RequestContext } from '../request-context.ts';

/** Refuses what its caller has given up on, or will have before an answer can reach it: work for nobody keeps an overload alive. */
export class Deadline implements Middleware {
  readonly name = 'deadline';
  readonly #host: Host;
  readonly #marginMs: number;

  constructor(host: Host, marginMs: number) {
    this.#host = host;
    this.#marginMs = marginMs;
  }

  handle(context: RequestContext, next: Next): void {
    const { aborted, deadlineMs } = context.exchange;
    if (aborted || deadlineMs - this.#marginMs <= this.#host.clock.nowMs()) context.refuse('timeout', 0, 0, 0);
    else next(context);
  }
}
