import type { RandomStream } from '../../host.ts';

/**
 * When requests come, at unit rate: a rate curve then stretches this time so that any arrivals follow any
 * shape over time (the time-rescaling theorem: a Poisson process stays one).
 */
export interface Arrivals {
  /** Distance from one request to the next, with mean 1; the first call gives the distance from the start. */
  gap(stream: RandomStream): number;
  /** A word for people: `Poisson`. */
  describe(): string;
}
