import type { Middleware, Next } from '../middleware.ts';
import type { RequestContext } from '../request-context.ts';

/** Refuses blocks of a declared size beyond a limit (413), before any data node is asked. */
export class MaxBody implements Middleware {
  readonly name = 'max-body';
  readonly #limitBytes: number;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  handle(context: RequestContext, next: Next): void {
    const { request } = context;
    const tooLarge = request.kind === 'gateway.put' && request.body.sizeBytes > this.#limitBytes;
    if (tooLarge) context.refuse('bad-request', 0, 0, 0);
    else next(context);
  }
}
