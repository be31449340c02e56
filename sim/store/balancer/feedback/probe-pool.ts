import { carryOver } from '../table.ts';

/** Not in the pool. */
const NONE = -1;

/** A backend's answer to a probe. */
interface Probe {
  /** Of the backend, in the table. */
  index: number;
  inFlight: number;
  latencyMs: number;
  receivedMs: number;
  /** Picks that it may still serve. */
  usesLeft: number;
}

/**
 * The latest answers to probes, at most one a backend and `capacity` in all, the oldest first. They are used up, grow too
 * old, and are thrown out, oldest and worst by turns, before the pool holds only what nobody wanted.
 *
 * Source: Prequal (NSDI ’24), "Probing" and "Probe reuse and removal".
 */
export class ProbePool {
  readonly #maxAgeMs: number;
  /** The first `#size` are in the pool, oldest first; the others are spare. */
  readonly #probes: Probe[];
  #size = 0;
  /** For each backend the place of its probe, counted from 1; 0: none. */
  #placeOf = new Float64Array(0);
  #takesOldest = true;

  constructor(capacity: number, maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
    this.#probes = Array.from({ length: capacity }, () => ({
      index: NONE,
      inFlight: 0,
      latencyMs: 0,
      receivedMs: 0,
      usesLeft: 0,
    }));
  }

  get size(): number {
    return this.#size;
  }

  /** Follows the backends to their new places; the probes of those that left are dropped. */
  update(origins: Int32Array): void {
    this.#placeOf = carryOver(this.#placeOf, origins);
    for (const probe of this.#probes) probe.index = NONE;
    this.#placeOf.forEach((place, index) => {
      const probe = place === 0 ? undefined : this.#probes[place - 1];
      if (probe !== undefined) probe.index = index;
    });
    for (let at = this.#size - 1; at >= 0; at--) if (this.#probes[at]?.index === NONE) this.#remove(at);
  }

  /** The answer of a backend that is not older than allowed by {@link expire}; undefined if there is none. */
  of(index: number): Readonly<Probe> | undefined {
    const place = this.#placeOf[index] ?? 0;
    return place === 0 ? undefined : this.#probes[place - 1];
  }

  add(index: number, inFlight: number, latencyMs: number, receivedMs: number, uses: number): void {
    this.drop(index);
    if (this.#size === this.#probes.length) this.#remove(0);
    const probe = this.#probes[this.#size++];
    if (probe === undefined) return;
    probe.index = index;
    probe.inFlight = inFlight;
    probe.latencyMs = latencyMs;
    probe.receivedMs = receivedMs;
    probe.usesLeft = uses;
    this.#placeOf[index] = this.#size;
  }

  /** A request goes to this backend: its answer is out of date by one, and used once more. */
  use(index: number): void {
    const place = this.#placeOf[index] ?? 0;
    const probe = place === 0 ? undefined : this.#probes[place - 1];
    if (probe === undefined) return;
    probe.inFlight += 1;
    probe.usesLeft -= 1;
    if (probe.usesLeft <= 0) this.drop(index);
  }

  drop(index: number): void {
    const place = this.#placeOf[index] ?? 0;
    if (place > 0) this.#remove(place - 1);
  }

  expire(nowMs: number): void {
    while (this.#size > 0 && nowMs - (this.#probes[0]?.receivedMs ?? nowMs) > this.#maxAgeMs) this.#remove(0);
  }

  /** Throws one answer out: the oldest and the worst by turns. Worst is the hot one with the most requests, else the slowest. */
  thinOut(threshold: number): void {
    if (this.#size === 0) return;
    this.#remove(this.#takesOldest ? 0 : this.#worst(threshold));
    this.#takesOldest = !this.#takesOldest;
  }

  #worst(threshold: number): number {
    let worst = 0;
    for (let at = 1; at < this.#size; at++) {
      const one = this.#probes[at];
      const other = this.#probes[worst];
      if (one === undefined || other === undefined) break;
      const isHot = one.inFlight > threshold;
      if (isHot !== other.inFlight > threshold) {
        if (isHot) worst = at;
      } else if (isHot ? one.inFlight > other.inFlight : one.latencyMs > other.latencyMs) worst = at;
    }
    return worst;
  }

  #remove(at: number): void {
    const removed = this.#probes[at];
    if (removed === undefined) return;
    if (removed.index !== NONE) this.#placeOf[removed.index] = 0;
    this.#size--;
    for (let place = at; place < this.#size; place++) {
      const next = this.#probes[place + 1];
      if (next === undefined) break;
      this.#probes[place] = next;
      if (next.index !== NONE) this.#placeOf[next.index] = place + 1;
    }
    this.#probes[this.#size] = removed;
    removed.index = NONE;
  }
}
