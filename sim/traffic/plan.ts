import type { StoredObject } from './request.ts';
import type { Streams, TrafficSource } from './source.ts';

/** Traffic that is checked, read from its files, and ready to be played. Immutable: play it as often as you like. */
export interface TrafficPlan {
  /** No request is issued at or after this time, in ms. */
  readonly durationMs: number;
  /** Mean number of requests over the whole duration; exact for a recorded trace. */
  readonly expectedRequests: number;
  /** Number of objects that `keySpace` lists. */
  readonly keyCount: number;
  /** The objects that must be stored before the traffic starts; each key once. */
  readonly keySpace: Iterable<StoredObject>;
  /** A fresh source. Draws from streams named `traffic:*`. */
  source(streams: Streams): TrafficSource;
  /** One line for people: what is asked for, how often, of how many keys. */
  describe(): string;
}
