/** One of the heaviest items of a stream. Its true weight is in `[weight − error, weight]`. */
export interface HeavyItem {
  readonly key: string;
  readonly weight: number;
  readonly error: number;
}

/**
 * The heaviest items of a stream in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi, "Efficient
 * computation of frequent and top-k elements in data streams", ICDT 2005), weighted. Counters stand in a binary
 * heap with the lightest on top; a new item takes over the lightest counter and inherits its weight as error.
 *
 * Promised: no weight is understated; none is overstated by more than total / capacity; and every item heavier
 * than total / capacity is among the counters. O(log capacity) an item, nothing allocated once it is full.
 */
export class TopK {
  readonly capacity: number;
  readonly #slotOf = new Map<string, number>();
  readonly #keys: string[] = [];
  readonly #weights: Float64Array;
  readonly #errors: Float64Array;
  /** Slots in heap order. */
  readonly #heap: Int32Array;
  /** Where in the heap a slot stands. */
  readonly #place: Int32Array;
  #size = 0;
  #total = 0;

  constructor(capacity: number) {
    if (!(Number.isInteger(capacity) && capacity >= 1)) {
      throw new RangeError(`top-k: capacity is ${capacity}; a whole number, 1 or more, is accepted`);
    }
    this.capacity = capacity;
    this.#weights = new Float64Array(capacity);
    this.#errors = new Float64Array(capacity);
    this.#heap = new Int32Array(capacity);
    this.#place = new Int32Array(capacity);
  }

  /** Weight of the whole stream, exact. */
  get total(): number {
    return this.#total;
  }

  /** Number of counters in use. */
  get size(): number {
    return this.#size;
  }

  /** Counts an item; `weight` ≥ 0. */
  add(key: string, weight = 1): void {
    this.#total += weight;
    let slot = this.#slotOf.get(key);
    if (slot === undefined) slot = this.#size < this.capacity ? this.#open(key) : this.#takeOver(key);
    this.#weights[slot] = (this.#weights[slot] ?? 0) + weight;
    this.#sink(this.#place[slot] ?? 0);
  }

  /** Upper bound of an item's weight: 0 when it has no counter and there is room for one. */
  estimate(key: string): number {
    const slot = this.#slotOf.get(key);
    if (slot !== undefined) return this.#weights[slot] ?? 0;
    return this.#size < this.capacity ? 0 : (this.#weights[this.#heap[0] ?? 0] ?? 0);
  }

  /** Lower bound of an item's weight: 0 when it has no counter. */
  guaranteed(key: string): number {
    const slot = this.#slotOf.get(key);
    return slot === undefined ? 0 : (this.#weights[slot] ?? 0) - (this.#errors[slot] ?? 0);
  }

  /** The `n` heaviest, heaviest first; of equals the one whose key comes first. */
  top(n: number): HeavyItem[] {
    const items: HeavyItem[] = [];
    for (let slot = 0; slot < this.#size; slot++) {
      items.push({
        key: this.#keys[slot] ?? '',
        weight: this.#weights[slot] ?? 0,
        error: this.#errors[slot] ?? 0,
      });
    }
    items.sort((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1));
    return items.slice(0, n);
  }

  clear(): void {
    if (this.#size > 0) this.#slotOf.clear();
    this.#size = 0;
    this.#total = 0;
  }

  #open(key: string): number {
    const slot = this.#size++;
    this.#weights[slot] = 0;
    this.#errors[slot] = 0;
    this.#heap[slot] = slot;
    this.#place[slot] = slot;
    this.#keys[slot] = key;
    this.#slotOf.set(key, slot);
    this.#rise(slot);
    return slot;
  }

  #takeOver(key: string): number {
    const slot = this.#heap[0] ?? 0;
    this.#slotOf.delete(this.#keys[slot] ?? '');
    this.#errors[slot] = this.#weights[slot] ?? 0;
    this.#keys[slot] = key;
    this.#slotOf.set(key, slot);
    return slot;
  }

  #weightAt(place: number): number {
    return this.#weights[this.#heap[place] ?? 0] ?? 0;
  }

  #swap(a: number, b: number): void {
    const slotA = this.#heap[a] ?? 0;
    const slotB = this.#heap[b] ?? 0;
    this.#heap[a] = slotB;
    this.#heap[b] = slotA;
    this.#place[slotA] = b;
    this.#place[slotB] = a;
  }

  #rise(from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#weightAt(parent) <= this.#weightAt(place)) return;
      this.#swap(parent, place);
      place = parent;
    }
  }

  #sink(from: number): void {
    let place = from;
    for (;;) {
      let lightest = 2 * place + 1;
      if (lightest >= this.#size) return;
      if (lightest + 1 < this.#size && this.#weightAt(lightest + 1) < this.#weightAt(lightest)) lightest++;
      if (this.#weightAt(place) <= this.#weightAt(lightest)) return;
      this.#swap(place, lightest);
      place = lightest;
    }
  }
}
