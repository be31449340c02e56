import { TopK } from '../../record/top-k.ts';
import { murmur3 } from '../../store/hash.ts';
import { KeyWatch, type WatchListener } from './key-watch.ts';
import type { KeyState } from './store-model.ts';

/** Which keys are followed. */
export interface KeyChoice {
  /** Keys chosen evenly by their hash. Of fewer keys than this all are followed. */
  readonly sampled: number;
  /** Keys followed beside them for the operations that they draw. */
  readonly hottest: number;
}

/** What is kept with a key by whoever knows it already, so that it need not be looked up here at each operation. */
export interface WatchMemo {
  watch: KeyWatch | undefined;
  /** It is not in the sample, and never will be. */
  outside: boolean;
  /** Operations on it since then. */
  draws: number;
}

/** Apart from the hash that partitions come from. */
const SAMPLE_SEED = 0x5a3b1e;
const ALL_HASHES = 4_294_967_296;
/** A key is hot when it draws this share of the operations on keys that are not followed, of {@link LEAST_COUNT} at least. */
const HOT_SHARE = 0.01;
const LEAST_COUNT = 500;
/** Guarantees that every key that draws twice {@link HOT_SHARE} is found. */
const COUNTERS = 128;

/**
 * The keys whose histories are judged: an even sample from their first operation on, by adaptive sampling (Wegman 1984;
 * Flajolet, "On adaptive sampling", 1990), and the hottest from when they prove so.
 */
export class WatchedKeys {
  readonly #choice: KeyChoice;
  readonly #listener: WatchListener;
  readonly #sample = new Map<string, KeyWatch>();
  readonly #hot = new Map<string, KeyWatch>();
  /** Of keys without a memo. */
  readonly #counts = new TopK(COUNTERS);
  /** Operations on keys that are not followed. */
  #drawn = 0;
  /** Keys with a hash below it are in the sample. */
  #below = ALL_HASHES;

  constructor(choice: KeyChoice, listener: WatchListener) {
    for (const [name, count] of Object.entries(choice)) {
      if (!(Number.isInteger(count) && count >= 0)) {
        throw new RangeError(`linearizability: ${name} is ${count}; a whole number, 0 or more, is accepted`);
      }
    }
    this.#choice = choice;
    this.#listener = listener;
  }

  get size(): number {
    return this.#sample.size + this.#hot.size;
  }

  /** Takes note of an operation on a key, and gives its history if it is followed. */
  of(key: string, nowMs: number, memo?: WatchMemo): KeyWatch | undefined {
    if (memo === undefined) {
      return this.#sample.get(key) ?? this.#hot.get(key) ?? this.#sampled(key) ?? this.#heated(key, nowMs);
    }
    const { watch } = memo;
    if (watch !== undefined && !watch.dropped) return watch;
    if (memo.outside) {
      memo.watch = this.#heated(key, nowMs, memo);
    } else {
      memo.watch = this.#sample.get(key) ?? this.#hot.get(key) ?? this.#sampled(key);
      memo.outside = memo.watch === undefined;
    }
    return memo.watch;
  }

  /** A key holds this before any operation. */
  preload(key: string, start: KeyState): void {
    if (!this.#sample.has(key)) this.#sampled(key, start);
  }

  *all(): Generator<KeyWatch> {
    yield* this.#sample.values();
    yield* this.#hot.values();
  }

  #sampled(key: string, start?: KeyState): KeyWatch | undefined {
    if (murmur3(key, SAMPLE_SEED) >= this.#below) return undefined;
    const watch = new KeyWatch(key, this.#listener, undefined, start);
    this.#sample.set(key, watch);
    while (this.#sample.size > this.#choice.sampled) this.#halve();
    return this.#sample.get(key);
  }

  #heated(key: string, nowMs: number, memo?: WatchMemo): KeyWatch | undefined {
    if (this.#hot.size >= this.#choice.hottest) return undefined;
    this.#drawn += 1;
    if (memo === undefined) this.#counts.add(key);
    const draws = memo === undefined ? this.#counts.guaranteed(key) : ++memo.draws;
    if (draws < HOT_SHARE * Math.max(LEAST_COUNT, this.#drawn)) return undefined;
    const watch = new KeyWatch(key, this.#listener, undefined, { kind: 'anything', generation: 0 }, nowMs);
    this.#hot.set(key, watch);
    return watch;
  }

  #halve(): void {
    this.#below = Math.floor(this.#below / 2);
    for (const [key, watch] of this.#sample) {
      if (murmur3(key, SAMPLE_SEED) < this.#below) continue;
      this.#sample.delete(key);
      watch.dropped = true;
    }
  }
}
