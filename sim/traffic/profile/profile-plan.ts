import type { RandomStream } from '../../host.ts';
import { mixPair, toUnit } from '../hash.ts';
import { folderOf, KeySpace } from '../keys.ts';
import { Mix } from '../mix.ts';
import type { TrafficPlan } from '../plan.ts';
import { RateCurve, type RatePiece, type RateWalk } from '../rate-curve.ts';
import type { StoredObject, TrafficRequest } from '../request.ts';
import type { ProfileSpec } from '../schema.ts';
import type { SizeModel } from '../sizes/size-model.ts';
import type { Streams, TrafficSource } from '../source.ts';
import { countsOf } from './popularity-curve.ts';
import { Quantiles } from './quantiles.ts';
import { ReferenceProcess } from './references.ts';
import type { Profile, ProfileClass } from './schema.ts';

/** A class of keys, ready to be drawn from. */
interface KeyClass {
  readonly gaps: Quantiles;
  readonly sizes: Quantiles;
  readonly mix: Mix;
  readonly bornByPut: number;
}

/** The keys of a profile by rank. */
class ProfileKeys implements SizeModel {
  readonly counts: Uint32Array;
  readonly total: number;
  readonly #profile: Profile;
  readonly #classes: readonly KeyClass[];
  readonly #classOf: Uint8Array;
  readonly #birthSeed: number;

  constructor(profile: Profile, seed: number) {
    this.#profile = profile;
    this.counts = countsOf(profile.popularity);
    this.total = this.counts.reduce((sum, count) => sum + count, 0);
    this.#classes = profile.classes.map(prepare);
    this.#classOf = Uint8Array.from(this.counts, (count) => classOf(profile.classes, count));
    this.#birthSeed = mixPair(seed, 3);
  }

  gaps(rank: number): Quantiles {
    return this.#class(rank).gaps;
  }

  mix(rank: number): Mix {
    return this.#class(rank).mix;
  }

  /** True if the key's first request puts it; the other keys are stored before. */
  isBornByPut(rank: number): boolean {
    return toUnit(mixPair(this.#birthSeed, rank)) < this.#class(rank).bornByPut;
  }

  sizeBytes(hash: number, rank: number): number {
    return this.#profile.hottestBytes[rank] ?? Math.round(this.#class(rank).sizes.at(toUnit(hash)));
  }

  describe(): string {
    return 'recorded';
  }

  #class(rank: number): KeyClass {
    const found = this.#classes[this.#classOf[rank] ?? 0];
    if (!found) throw new RangeError(`no class for rank ${rank}`);
    return found;
  }
}

function prepare(spec: ProfileClass): KeyClass {
  return {
    gaps: new Quantiles(spec.gaps),
    sizes: new Quantiles(spec.sizes),
    mix: new Mix(spec.mix ?? { put: 1 }),
    bornByPut: spec.bornByPut,
  };
}

/** Index of the last class that begins at or below this count. */
function classOf(classes: readonly ProfileClass[], count: number): number {
  let index = 0;
  while ((classes[index + 1]?.fromCount ?? Infinity) <= count) index++;
  return index;
}

/** Traffic drawn from a profile. */
export class ProfilePlan implements TrafficPlan {
  readonly durationMs: number;
  readonly expectedRequests: number;
  readonly keyCount: number;
  readonly #profile: Profile;
  readonly #spec: ProfileSpec;
  readonly #seed: number;
  readonly #keys: ProfileKeys;
  readonly #names: KeySpace;
  readonly #rateFactor: number;

  constructor(profile: Profile, spec: ProfileSpec, limitMs: number, seed: number) {
    const recordedPerSecond = (profile.requests / profile.durationMs) * 1000 * spec.timeScale;
    this.#profile = profile;
    this.#spec = spec;
    this.#seed = seed;
    this.#keys = new ProfileKeys(profile, seed);
    this.#names = new KeySpace(profile.keys, 'object/', this.#keys, seed);
    this.#rateFactor = (spec.rate ?? recordedPerSecond) / recordedPerSecond;
    this.durationMs = Math.min(limitMs, profile.durationMs / spec.timeScale);
    this.expectedRequests = this.#curve(undefined).total;
    this.keyCount = this.#countStored();
  }

  get keySpace(): Iterable<StoredObject> {
    return stored(this.#names, this.#keys);
  }

  source(streams: Streams): TrafficSource {
    const walk = this.#curve(streams('traffic:bursts')).walk();
    const clients = this.#profile.clients || this.#spec.clients;
    return new ProfileSource(walk, this.#keys, this.#names, clients, this.#seed, streams);
  }

  describe(): string {
    const { name, requests, keys } = this.#profile;
    const rate = (this.expectedRequests / this.durationMs) * 1000;
    return `profile ${name}: ${Number(rate.toPrecision(3))} requests/s (recorded: ${requests} requests, ${keys} keys)`;
  }

  #countStored(): number {
    let count = 0;
    for (let rank = 0; rank < this.#names.count; rank++) if (!this.#keys.isBornByPut(rank)) count++;
    return count;
  }

  /** The recorded rate over time, with random bursts inside its bins if there is a stream to draw them from. */
  #curve(bursts: RandomStream | undefined): RateCurve {
    const { binMs, requests, windowMs, burstiness } = this.#profile.rate;
    const { timeScale } = this.#spec;
    const pieces: RatePiece[] = [];
    requests.forEach((count, bin) => {
      const fromMs = bin * binMs;
      const lengthMs = Math.min(binMs, this.#profile.durationMs - fromMs);
      const perMs = (count / lengthMs) * timeScale * this.#rateFactor;
      const factors = bursts && burstiness > 0 ? burstFactors(bursts, Math.ceil(lengthMs / windowMs), burstiness) : [1];
      factors.forEach((factor, i) => {
        const atMs = (fromMs + (lengthMs * i) / factors.length) / timeScale;
        if (atMs < this.durationMs) pieces.push({ fromMs: atMs, perMs: perMs * factor, slope: 0 });
      });
    });
    return new RateCurve(pieces, this.durationMs);
  }
}

/** Log-normal factors with mean 1 and the given variance, brought to a mean of exactly 1. */
function burstFactors(stream: RandomStream, count: number, variance: number): number[] {
  const sigma = Math.sqrt(Math.log1p(variance));
  const factors = Array.from({ length: count }, () => Math.exp(sigma * stream.normal()));
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / count;
  return factors.map((factor) => factor / mean);
}

function* stored(names: KeySpace, keys: ProfileKeys): Generator<StoredObject> {
  for (let rank = 0; rank < names.count; rank++) {
    if (!keys.isBornByPut(rank)) yield { key: names.name(rank), sizeBytes: names.sizeBytes(rank) };
  }
}

class ProfileSource implements TrafficSource {
  readonly #walk: RateWalk;
  readonly #keys: ProfileKeys;
  readonly #names: KeySpace;
  readonly #clients: number;
  readonly #references: ReferenceProcess;
  readonly #arrivalStream: RandomStream;
  readonly #mixStream: RandomStream;
  readonly #clientStream: RandomStream;
  readonly #request: TrafficRequest = { atMs: 0, op: 'get', key: '', sizeBytes: 0, client: 0 };
  #expected = 0;

  constructor(walk: RateWalk, keys: ProfileKeys, names: KeySpace, clients: number, seed: number, streams: Streams) {
    this.#walk = walk;
    this.#keys = keys;
    this.#names = names;
    this.#clients = clients;
    this.#references = new ReferenceProcess(keys, mixPair(seed, streams('traffic:keys').below(1 << 30)));
    this.#arrivalStream = streams('traffic:arrivals');
    this.#mixStream = streams('traffic:mix');
    this.#clientStream = streams('traffic:clients');
  }

  next(): TrafficRequest | undefined {
    this.#expected += this.#arrivalStream.exponential(1);
    const atMs = this.#walk.timeOf(this.#expected);
    if (atMs === Infinity) return undefined;
    const rank = this.#references.next();
    const drawn = this.#keys.mix(rank).draw(this.#mixStream);
    const request = this.#request;
    request.atMs = atMs;
    request.op = this.#references.isFirst && this.#keys.isBornByPut(rank) ? 'put' : drawn.op;
    request.key = this.#names.name(rank);
    request.sizeBytes = this.#names.sizeBytes(rank);
    request.client = this.#clientStream.below(this.#clients);
    if (request.op === 'list') {
      request.key = folderOf(request.key);
      request.sizeBytes = 0;
    }
    return request;
  }
}
