import { mixPair, toUnit } from '../hash.ts';
import type { Quantiles } from './quantiles.ts';

const maxBuckets = 1 << 22;
const none = -1;

/** The keys of a profile, as the reference process needs them. */
export interface ReferencedKeys {
  /** Requests of each key, by rank. */
  readonly counts: Uint32Array;
  /** Requests of all keys. */
  readonly total: number;
  /** Gaps between a key's requests, by rank. */
  gaps(rank: number): Quantiles;
}

/**
 * Draws which key each request is for, so that both the popularity curve and temporal locality are the
 * profile's. Every key gets exactly its count of requests: it is born at a random place of the sequence,
 * and asked for again after gaps drawn from those that were recorded for keys as popular as it. A
 * shot-noise model (Traverso et al., "Temporal locality in today's content caching", CCR 2013) with
 * recorded gaps; that the distribution of gaps is what decides the hit ratio of LRU at any size is the
 * average-footprint theory (Xiang et al., "HOTL", ASPLOS 2013).
 *
 * Keys wait in a calendar queue (Brown, CACM 1988): constant time a request, memory by keys alone. After
 * `total` requests the next pass begins, with new draws.
 */
export class ReferenceProcess {
  readonly #keys: ReferencedKeys;
  readonly #seed: number;
  readonly #heads: Int32Array;
  readonly #following: Int32Array;
  readonly #position: Float64Array;
  readonly #left: Uint32Array;
  /** Shrinks the gaps of a key that would otherwise not end in time. */
  readonly #scale: Float32Array;
  readonly #perBucket: number;
  #pass = -1;
  #passSeed = 0;
  #bucket = 0;
  #leftInPass = 0;
  /** True if the request last drawn was the first of its key in the whole sequence. */
  isFirst = false;

  /** The number of buckets decides speed, not the result. */
  constructor(keys: ReferencedKeys, seed: number, buckets = Math.min(maxBuckets, keys.total)) {
    const count = keys.counts.length;
    this.#keys = keys;
    this.#seed = seed;
    this.#heads = new Int32Array(buckets + 1).fill(none);
    this.#perBucket = keys.total / buckets;
    this.#following = new Int32Array(count);
    this.#position = new Float64Array(count);
    this.#left = new Uint32Array(count);
    this.#scale = new Float32Array(count);
  }

  /** The rank, from 0, of the key of the next request. */
  next(): number {
    if (this.#leftInPass === 0) this.#startPass();
    let rank = this.#heads[this.#bucket] ?? none;
    while (rank === none) rank = this.#heads[++this.#bucket] ?? none;
    this.#heads[this.#bucket] = this.#following[rank] ?? none;
    const left = (this.#left[rank] ?? 1) - 1;
    this.isFirst = this.#pass === 0 && left + 1 === this.#keys.counts[rank];
    this.#left[rank] = left;
    this.#leftInPass--;
    if (left > 0) this.#insert(rank, (this.#position[rank] ?? 0) + this.#gap(rank, left) * (this.#scale[rank] ?? 1));
    return rank;
  }

  #startPass(): void {
    this.#pass++;
    this.#passSeed = mixPair(this.#seed, this.#pass);
    this.#bucket = 0;
    this.#leftInPass = this.#keys.total;
    for (let rank = 0; rank < this.#left.length; rank++) {
      const count = this.#keys.counts[rank] ?? 0;
      this.#left[rank] = count;
      if (count === 0) continue;
      let span = 0;
      for (let left = count - 1; left > 0; left--) span += this.#gap(rank, left);
      const room = this.#keys.total - 1;
      const scale = span > room ? room / span : 1;
      this.#scale[rank] = scale;
      this.#insert(rank, toUnit(mixPair(this.#passSeed ^ 0x2545f491, rank)) * Math.max(0, room - span * scale));
    }
  }

  /** The gap before the request after which `left - 1` remain. A function of its arguments: it is drawn twice. */
  #gap(rank: number, left: number): number {
    return this.#keys.gaps(rank).at(toUnit(mixPair(mixPair(this.#passSeed, rank), left)));
  }

  /** Puts a key into its bucket, which is sorted by position; an equal one goes behind. */
  #insert(rank: number, position: number): void {
    const bucket = Math.min(this.#heads.length - 1, Math.floor(position / this.#perBucket));
    this.#position[rank] = position;
    let before = none;
    let after = this.#heads[bucket] ?? none;
    while (after !== none && (this.#position[after] ?? 0) <= position) {
      before = after;
      after = this.#following[after] ?? none;
    }
    this.#following[rank] = after;
    if (before === none) this.#heads[bucket] = rank;
    else this.#following[before] = rank;
  }
}
