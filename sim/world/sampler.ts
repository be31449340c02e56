import type { RandomStream } from '../host.ts';
import type { CpuSpec, Distribution, ServiceTime } from './spec.ts';

/** Compared by number on the hot path. */
const KINDS: readonly Distribution['kind'][] = ['fixed', 'exponential', 'lognormal'];

/** A {@link Distribution} made ready to be drawn from. */
export class Sampler {
  readonly #kind: number;
  readonly #meanMs: number;
  readonly #mu: number;
  readonly #sigma: number;

  constructor(distribution: Distribution) {
    this.#kind = KINDS.indexOf(distribution.kind);
    this.#meanMs = distribution.meanMs;
    this.#sigma = distribution.kind === 'lognormal' ? distribution.sigma : 0;
    // The mean of a log-normal is exp(μ + σ²/2).
    this.#mu = Math.log(distribution.meanMs) - (this.#sigma * this.#sigma) / 2;
  }

  /** Draws one duration, in ms. */
  sample(stream: RandomStream): number {
    switch (this.#kind) {
      case 0:
        return this.#meanMs;
      case 1:
        return stream.exponential(this.#meanMs);
      default:
        return Math.exp(this.#mu + this.#sigma * stream.normal());
    }
  }
}

/** A {@link ServiceTime} made ready to be drawn from. */
export class ServiceSampler {
  readonly #base: Sampler;
  readonly #perByteMs: number;

  constructor(time: ServiceTime) {
    this.#base = new Sampler(time);
    this.#perByteMs = (time.perKiBMs ?? 0) / 1024;
  }

  /** Draws the time for work on `sizeBytes`, in ms at speed 1. */
  sample(stream: RandomStream, sizeBytes: number): number {
    return this.#base.sample(stream) + sizeBytes * this.#perByteMs;
  }
}

/** What each kind of message costs the CPU. `undefined` stands for nothing at all. */
export class CpuCosts {
  readonly #named = new Map<string, ServiceSampler | undefined>();
  readonly #default: ServiceSampler | undefined;

  constructor(costs: CpuSpec['costs']) {
    for (const [kind, time] of Object.entries(costs)) this.#named.set(kind, compile(time));
    this.#default = compile(costs.default);
    this.#named.delete('default');
  }

  /** Of a request or a one-way message. */
  ofRequest(kind: string): ServiceSampler | undefined {
    const sampler = this.#named.get(kind);
    return sampler !== undefined || this.#named.has(kind) ? sampler : this.#default;
  }

  /** Of a reply: only those named cost anything. */
  ofReply(kind: string): ServiceSampler | undefined {
    return this.#named.get(kind);
  }
}

function compile(time: ServiceTime): ServiceSampler | undefined {
  return time.meanMs === 0 && (time.perKiBMs ?? 0) === 0 ? undefined : new ServiceSampler(time);
}
