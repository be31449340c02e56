import type { AdaptiveConcurrencyConfig } from './config.ts';

/** Room that the limit keeps for bursts, so that it can grow at all. */
const HEADROOM = 4;
/** One sample shrinks the limit at most by half. */
const LEAST_GRADIENT = 0.5;
/** When samples fall this far below the usual latency, that was learned in an overload that is over. */
const RECOVERED = 2;
const RECOVERY_DECAY = 0.95;

/** What is usual for one kind of request, and the sample being gathered. */
class LatencyTrend {
  #usualMs = 0;
  #sumMs = 0;
  #count = 0;

  /** Returns how the new sample compares with what is usual, above 1 when it is shorter; undefined while it is being gathered. */
  add(latencyMs: number, windowRequests: number, longWindows: number): number | undefined {
    this.#sumMs += latencyMs;
    this.#count += 1;
    if (this.#count < windowRequests) return undefined;
    const sampleMs = this.#sumMs / this.#count;
    this.#sumMs = 0;
    this.#count = 0;
    if (this.#usualMs === 0) this.#usualMs = sampleMs;
    else this.#usualMs += (2 / (longWindows + 1)) * (sampleMs - this.#usualMs);
    if (sampleMs <= 0) return undefined;
    if (this.#usualMs > RECOVERED * sampleMs) this.#usualMs *= RECOVERY_DECAY;
    return this.#usualMs / sampleMs;
  }
}

/**
 * How many requests may be in progress, found from latency alone: while it is as usual the limit grows, when it rises a
 * queue has formed somewhere behind, and the limit shrinks by as much. It grows only while it is used, so that quiet times
 * don't lift it out of reach.
 *
 * Source: Netflix's concurrency-limits, Gradient2Limit; samples are means of a window, as in its WindowedLimit. Reads and
 * writes have each their own usual latency, since a write takes many times as long.
 */
export class GradientLimit {
  readonly #config: AdaptiveConcurrencyConfig;
  readonly #reads = new LatencyTrend();
  readonly #writes = new LatencyTrend();
  #limit: number;

  constructor(config: AdaptiveConcurrencyConfig) {
    this.#config = config;
    this.#limit = Math.min(config.maxLimit, Math.max(config.minLimit, config.initialLimit));
  }

  get limit(): number {
    return this.#limit;
  }

  /** A request has ended. `inFlight`: how many were in progress, it included. */
  sample(kind: 'read' | 'write', latencyMs: number, inFlight: number): void {
    const { windowRequests, longWindows, tolerance, smoothing, minLimit, maxLimit } = this.#config;
    const trend = kind === 'read' ? this.#reads : this.#writes;
    const ratio = trend.add(latencyMs, windowRequests, longWindows);
    if (ratio === undefined || inFlight < this.#limit / 2) return;
    const gradient = Math.max(LEAST_GRADIENT, Math.min(1, tolerance * ratio));
    const wanted = this.#limit * gradient + HEADROOM;
    const moved = this.#limit + smoothing * (wanted - this.#limit);
    this.#limit = Math.min(maxLimit, Math.max(minLimit, moved));
  }
}
