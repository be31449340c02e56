/** One knot of a rate factor over time; between knots the factor is linear. Two knots at one time make a step. */
export interface FactorKnot {
  readonly atMs: number;
  readonly factor: number;
}

/** For a while, a share of the requests is for one key. */
export interface Redirect {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Share of the requests, 0 to 1. */
  readonly share: number;
  /** The key's rank, from 0. */
  readonly rank: number;
}

/** What a phase does to the traffic. Phases that overlap multiply their factors. */
export interface PhaseEffect {
  /** Sorted by time. 1 before the first knot; the last knot's factor after the last. */
  readonly factor: readonly FactorKnot[];
  readonly redirect?: Redirect;
}

/** What a phase may refer to. */
export interface PhaseContext {
  /** The traffic's base rate, requests per second. */
  readonly rate: number;
  readonly keyCount: number;
}
