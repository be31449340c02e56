import type { RandomStream } from '../../host.ts';

/** Which object a request is for. */
export interface Popularity {
  /** A rank of popularity in [0, count), 0 the hottest. */
  rank(stream: RandomStream): number;
  /** A few words for people: `Zipf 0.99`. */
  describe(): string;
}
