import type { RandomStream } from '../host.ts';
import type { Arrivals } from './arrivals/arrivals.ts';
import { createArrivals } from './arrivals/registry.ts';
import { Details } from './details.ts';
import { folderOf, KeySpace } from './keys.ts';
import { Mix } from './mix.ts';
import type { PhaseContext, Redirect } from './phases/phase.ts';
import { phaseEffect } from './phases/registry.ts';
import type { TrafficPlan } from './plan.ts';
import type { Popularity } from './popularity/popularity.ts';
import { createPopularity } from './popularity/registry.ts';
import { RateCurve, type RateWalk } from './rate-curve.ts';
import type { TrafficRequest } from './request.ts';
import type { GeneratedSpec } from './schema.ts';
import { createSizes } from './sizes/registry.ts';
import type { Streams, TrafficSource } from './source.ts';

/** Traffic drawn from distributions. The seed decides which keys are hot and how large each object is. */
export class GeneratedPlan implements TrafficPlan {
  readonly durationMs: number;
  readonly expectedRequests: number;
  readonly keySpace: KeySpace;
  readonly #spec: GeneratedSpec;
  readonly #curve: RateCurve;
  readonly #redirects: readonly Redirect[];
  readonly #parts: { readonly arrivals: Arrivals; readonly popularity: Popularity; readonly mix: Mix };
  readonly #sizes: string;

  constructor(spec: GeneratedSpec, durationMs: number, seed: number) {
    const context: PhaseContext = { rate: spec.rate, keyCount: spec.keys.count };
    const effects = spec.phases.map((phase) => phaseEffect(phase, context));
    const sizes = createSizes(spec.sizes);
    const factors = effects.map((effect) => effect.factor);
    this.#spec = spec;
    this.#sizes = sizes.describe();
    this.#curve = RateCurve.of(spec.rate, factors, durationMs);
    this.#redirects = effects.flatMap((effect) => effect.redirect ?? []);
    this.#parts = {
      arrivals: createArrivals(spec.arrivals),
      popularity: createPopularity(spec.keys.popularity, spec.keys.count),
      mix: new Mix(spec.mix),
    };
    this.durationMs = durationMs;
    this.expectedRequests = this.#curve.total;
    this.keySpace = new KeySpace(spec.keys.count, spec.keys.prefix, sizes, seed);
  }

  get keyCount(): number {
    return this.keySpace.count;
  }

  source(streams: Streams): TrafficSource {
    const { arrivals, popularity, mix } = this.#parts;
    return new GeneratedSource(
      this.#curve.walk(),
      arrivals,
      popularity,
      mix,
      this.keySpace,
      this.#redirects,
      this.#spec.clients,
      streams,
      // A stream that nobody draws from would still show in a run's fingerprint.
      mix.plain ? undefined : new Details(this.keySpace, this.#spec.keys.prefix, streams('traffic:details')),
    );
  }

  describe(): string {
    const { arrivals, popularity, mix } = this.#parts;
    const phases = this.#spec.phases.map((phase) => phase.kind).join(', ');
    const count = grouped(this.#spec.keys.count);
    return (
      `${this.#spec.rate} requests/s, ${arrivals.describe()}; ${count} keys, ${popularity.describe()}; ` +
      `${this.#sizes}; ${mix.describe()}${phases ? `; ${phases}` : ''}`
    );
  }
}

class GeneratedSource implements TrafficSource {
  readonly #walk: RateWalk;
  readonly #arrivals: Arrivals;
  readonly #popularity: Popularity;
  readonly #mix: Mix;
  readonly #keys: KeySpace;
  readonly #redirects: readonly Redirect[];
  readonly #clients: number;
  readonly #details: Details | undefined;
  readonly #arrivalStream: RandomStream;
  readonly #keyStream: RandomStream;
  readonly #redirectStream: RandomStream;
  readonly #mixStream: RandomStream;
  readonly #clientStream: RandomStream;
  readonly #request: TrafficRequest = { atMs: 0, op: 'get', key: '', sizeBytes: 0, client: 0 };
  #expected = 0;

  constructor(
    walk: RateWalk,
    arrivals: Arrivals,
    popularity: Popularity,
    mix: Mix,
    keys: KeySpace,
    redirects: readonly Redirect[],
    clients: number,
    streams: Streams,
    details: Details | undefined,
  ) {
    this.#walk = walk;
    this.#arrivals = arrivals;
    this.#popularity = popularity;
    this.#mix = mix;
    this.#keys = keys;
    this.#redirects = redirects;
    this.#clients = clients;
    this.#details = details;
    this.#arrivalStream = streams('traffic:arrivals');
    this.#keyStream = streams('traffic:keys');
    this.#redirectStream = streams('traffic:hot-keys');
    this.#mixStream = streams('traffic:mix');
    this.#clientStream = streams('traffic:clients');
  }

  next(): TrafficRequest | undefined {
    this.#expected += this.#arrivals.gap(this.#arrivalStream);
    const atMs = this.#walk.timeOf(this.#expected);
    if (atMs === Infinity) return undefined;
    const request = this.#request;
    // The rank is drawn even where a phase overrules it: the phase then moves no other draw.
    const rank = this.#redirected(atMs, this.#popularity.rank(this.#keyStream));
    request.atMs = atMs;
    const shape = this.#mix.draw(this.#mixStream);
    request.op = shape.op;
    request.key = this.#keys.name(rank);
    request.sizeBytes = this.#keys.sizeBytes(rank);
    request.client = this.#clientStream.below(this.#clients);
    if (this.#details !== undefined) request.detail = shape.plain ? undefined : this.#details.add(request, shape);
    if (shape.plain && shape.op === 'list') {
      request.key = folderOf(request.key);
      request.sizeBytes = 0;
    }
    return request;
  }

  #redirected(atMs: number, rank: number): number {
    for (const redirect of this.#redirects) {
      if (atMs < redirect.fromMs || atMs >= redirect.untilMs) continue;
      if (this.#redirectStream.next() < redirect.share) return redirect.rank;
    }
    return rank;
  }
}

/** 1,234,567: written out, since what the platform thinks of digits differs between machines. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
