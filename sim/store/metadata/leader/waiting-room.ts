import type { Exchange } from '../../../host.ts';
import type { MetadataRequest } from '../../messages/metadata.ts';

/** Requests that wait for the log, by tag. Places are used again, so waiting allocates nothing. */
export class WaitingRoom {
  readonly #requests: (MetadataRequest | undefined)[] = [];
  readonly #exchanges: (Exchange | undefined)[] = [];
  readonly #free: number[] = [];

  enter(request: MetadataRequest, exchange: Exchange): number {
    const tag = this.#free.pop() ?? this.#requests.length;
    this.#requests[tag] = request;
    this.#exchanges[tag] = exchange;
    return tag;
  }

  request(tag: number): MetadataRequest {
    const request = this.#requests[tag];
    if (request === undefined) throw new RangeError(`no request waits with tag ${tag}`);
    return request;
  }

  /** Whose request it was; the tag is free again. */
  leave(tag: number): Exchange {
    const exchange = this.#exchanges[tag];
    if (exchange === undefined) throw new RangeError(`no request waits with tag ${tag}`);
    this.#requests[tag] = undefined;
    this.#exchanges[tag] = undefined;
    this.#free.push(tag);
    return exchange;
  }
}
