import type { RandomStream } from '../host.ts';
import type { KeySpace } from './keys.ts';
import type { RequestDetail, TrafficRequest } from './request.ts';
import type { RequestShape } from './shapes.ts';

const DELIMITER = '/';

/**
 * Draws what is particular about a request: which bytes, what to copy to, on what condition. Has a stream of its own, so
 * that no other draw moves.
 */
export class Details {
  readonly #keys: KeySpace;
  readonly #prefix: string;
  readonly #stream: RandomStream;

  /** @param prefix - Of all keys of `keys`, up to where their folders begin. */
  constructor(keys: KeySpace, prefix: string, stream: RandomStream) {
    this.#keys = keys;
    this.#prefix = prefix;
    this.#stream = stream;
  }

  /** Gives the request its detail; changes the key of a copy (to any of the key space) and of a list of folders (to their root). */
  add(request: TrafficRequest, { op, ranged, condition, grouped }: RequestShape): RequestDetail {
    if (ranged) return { range: this.#range(request.sizeBytes) };
    if (grouped) {
      request.key = this.#prefix;
      request.sizeBytes = 0;
      return { delimiter: DELIMITER };
    }
    if (op !== 'copy') return { condition };
    const from = request.key;
    request.key = this.#keys.name(this.#below(this.#keys.count));
    return { from, condition };
  }

  /** Any bytes of an object, at least one; undefined of an empty one. */
  #range(sizeBytes: number): RequestDetail['range'] {
    if (sizeBytes === 0) return undefined;
    const startBytes = this.#below(sizeBytes);
    return { startBytes, lengthBytes: 1 + this.#below(sizeBytes - startBytes) };
  }

  /** Objects may be larger than what a stream's own `below` takes. */
  #below(bound: number): number {
    return Math.floor(this.#stream.next() * bound);
  }
}
