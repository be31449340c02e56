import type { Clock } from '../../host.ts';
import type { NodeLoad, ProbeReply } from '../messages/block.ts';

/** Reads that are remembered. */
const REMEMBERED = 64;

/** Of these, as many as are like the one to come are enough for a median. */
const ENOUGH = 5;

/**
 * What a data node tells balancers of its load. It remembers how long the latest reads took and how busy each found the
 * node: a probe is told the median of those that found it about as busy as it is now.
 *
 * Only reads that were asked to tell are measured: where no balancer wants to know, this costs nothing.
 *
 * Source: Prequal (NSDI ’24), the server's side.
 */
export class LoadMeter {
  readonly #clock: Clock;
  readonly #latencies = new Float64Array(REMEMBERED);
  /** Requests in flight when each of them came. */
  readonly #found = new Int32Array(REMEMBERED);
  readonly #sorted = new Float64Array(REMEMBERED);
  #seen = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /**
   * A read is about to be answered.
   *
   * @param startedMs - When it was taken up.
   * @param found - Requests in flight when it came, itself not counted.
   * @param inFlight - Requests that will be left when it is answered.
   */
  measured(startedMs: number, found: number, inFlight: number): NodeLoad {
    const serviceMs = this.#clock.nowMs() - startedMs;
    const at = this.#seen++ % REMEMBERED;
    this.#latencies[at] = serviceMs;
    this.#found[at] = found;
    return { kind: 'answer', inFlight, serviceMs };
  }

  /** The answer to a probe. */
  tell(inFlight: number): ProbeReply {
    return { kind: 'block.load', inFlight, latencyMs: this.#estimate(inFlight) };
  }

  #estimate(inFlight: number): number {
    const known = Math.min(this.#seen, REMEMBERED);
    if (known === 0) return 0;
    let alike = 0;
    for (let reach = 0; alike < Math.min(ENOUGH, known); reach = reach * 2 + 1) {
      alike = 0;
      for (let at = 0; at < known; at++)
        if (Math.abs((this.#found[at] ?? 0) - inFlight) <= reach) this.#sorted[alike++] = this.#latencies[at] ?? 0;
    }
    return this.#sorted.subarray(0, alike).sort()[(alike - 1) >> 1] ?? 0;
  }
}
