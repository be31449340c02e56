import type { MetadataReply, MetadataRequest } from '../messages/metadata.ts';
import type { ObjectVersion } from '../model.ts';
import type { ClientCore } from './client-core.ts';

/**
 * Which version of a key is the newest: asked of metadata, and remembered. Where the caller takes an answer that is a
 * little old, what is remembered will do, or what any member of the metadata service has.
 */
export class Lookup {
  readonly #client: ClientCore;
  readonly #key: string;
  readonly #staleWithinMs: number;
  #askedMs = 0;

  /** @param staleWithinMs - How old an answer may be; 0: nothing acknowledged before may be missing from it. */
  constructor(client: ClientCore, key: string, staleWithinMs: number) {
    this.#client = client;
    this.#key = key;
    this.#staleWithinMs = staleWithinMs;
  }

  /** The version that will do without asking, if there is one. */
  remembered(): ObjectVersion | undefined {
    const { cache, host } = this.#client;
    if (cache === undefined || this.#staleWithinMs === 0) return undefined;
    return cache.newest(this.#key, host.clock.nowMs() - this.#staleWithinMs);
  }

  /** What to ask. Where answers are remembered a fresh one is asked for: it then serves for as long as the caller allows. */
  request(): MetadataRequest {
    const { cache, host } = this.#client;
    const key = this.#key;
    this.#askedMs = host.clock.nowMs();
    if (this.#staleWithinMs === 0 || cache !== undefined) return { kind: 'object.lookup', key };
    return { kind: 'object.lookup', key, staleWithinMs: this.#staleWithinMs };
  }

  /** Takes the answer to {@link request}, and remembers it; undefined if it is none. */
  learn(reply: MetadataReply): ObjectVersion | 'missing' | undefined {
    const { cache } = this.#client;
    if (reply.kind === 'object.found') {
      cache?.confirm(reply.version, this.#askedMs);
      return reply.version;
    }
    if (reply.kind !== 'object.missing') return undefined;
    cache?.missing(this.#key, this.#askedMs);
    return 'missing';
  }
}
