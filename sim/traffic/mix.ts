import type { z } from 'zod';
import type { RandomStream } from '../host.ts';
import { notNegative, strict } from './fields.ts';
import { type Operation, operations } from './request.ts';

/** How often each operation occurs, as weights of any scale; what isn't named doesn't occur. */
export const mixSchema = strict({
  get: notNegative.optional(),
  put: notNegative.optional(),
  head: notNegative.optional(),
  delete: notNegative.optional(),
  list: notNegative.optional(),
}).refine((mix) => operations.some((op) => (mix[op] ?? 0) > 0), {
  message: 'all weights are 0; accepted: at least one above 0',
});

/** Draws operations by weight. */
export class Mix {
  readonly #ops: readonly Operation[];
  readonly #upTo: readonly number[];
  readonly #total: number;

  constructor(weights: z.output<typeof mixSchema>) {
    this.#ops = operations.filter((op) => (weights[op] ?? 0) > 0);
    let sum = 0;
    this.#upTo = this.#ops.map((op) => {
      sum += weights[op] ?? 0;
      return sum;
    });
    this.#total = sum;
  }

  draw(stream: RandomStream): Operation {
    const at = stream.next() * this.#total;
    for (let i = 0; i < this.#ops.length; i++) {
      const op = this.#ops[i];
      if (op && at < (this.#upTo[i] ?? 0)) return op;
    }
    return this.#ops[this.#ops.length - 1] ?? 'get';
  }

  /** `get 90 %, put 10 %` */
  describe(): string {
    return this.#ops
      .map((op, i) => `${op} ${percent(((this.#upTo[i] ?? 0) - (this.#upTo[i - 1] ?? 0)) / this.#total)}`)
      .join(', ');
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
