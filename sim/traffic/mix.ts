import type { RandomStream } from '../host.ts';
import { notNegative, strict } from './fields.ts';
import { type RequestShape, type ShapeName, shapeNames, shapes } from './shapes.ts';

type Weights = { readonly [name in ShapeName]?: number | undefined };

const weight = notNegative.optional();

const someWeight = (mix: Weights) => shapeNames.some((name) => (mix[name] ?? 0) > 0);
const noWeight = { message: 'all weights are 0; accepted: at least one above 0' };

const operationWeights = { get: weight, put: weight, head: weight, delete: weight, list: weight };

/** How often each operation occurs, as weights of any scale; what isn't named doesn't occur. */
export const mixSchema = strict(operationWeights).refine(someWeight, noWeight);

/** The same, with the forms of operations that no recorded trace tells of. */
export const shapedMixSchema = strict({
  ...operationWeights,
  copy: weight.describe('of any key to any other'),
  getRange: weight.describe('a get of some of the bytes'),
  putIfAbsent: weight,
  putIfMatch: weight.describe('a put over the version that the client knows'),
  deleteIfMatch: weight.describe('a delete of the version that the client knows'),
  copyIfAbsent: weight,
  listFolders: weight.describe('a list with a delimiter, page after page to its end'),
}).refine(someWeight, noWeight);

/** Draws requests by weight. */
export class Mix {
  readonly #names: readonly ShapeName[];
  readonly #upTo: readonly number[];
  readonly #total: number;

  constructor(weights: Weights) {
    this.#names = shapeNames.filter((name) => (weights[name] ?? 0) > 0);
    let sum = 0;
    this.#upTo = this.#names.map((name) => {
      sum += weights[name] ?? 0;
      return sum;
    });
    this.#total = sum;
  }

  /** Are all that it draws plain, so that an operation is all there is to say of a request? */
  get plain(): boolean {
    return this.#names.every((name) => shapes[name].plain);
  }

  draw(stream: RandomStream): RequestShape {
    const at = stream.next() * this.#total;
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i];
      if (name && at < (this.#upTo[i] ?? 0)) return shapes[name];
    }
    return shapes[this.#names[this.#names.length - 1] ?? 'get'];
  }

  /** `get 90 %, put 10 %` */
  describe(): string {
    return this.#names
      .map((name, i) => `${name} ${percent(((this.#upTo[i] ?? 0) - (this.#upTo[i - 1] ?? 0)) / this.#total)}`)
      .join(', ');
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
