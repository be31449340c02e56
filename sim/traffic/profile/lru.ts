const none = -1;

/**
 * Share of the requests that a least-recently-used cache of so many objects answers; it starts empty and
 * admits everything. The yardstick of temporal locality.
 *
 * @param keys small whole numbers, one a request
 */
export function lruHitRatio(keys: ArrayLike<number>, capacity: number): number {
  const list = new RecencyList(keys);
  let hits = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? 0;
    if (list.remove(key)) hits++;
    else if (list.size === capacity) list.remove(list.oldest);
    list.add(key);
  }
  return hits / keys.length;
}

/** Keys in order of their last use: a doubly linked list in two arrays. */
class RecencyList {
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  readonly #present: Uint8Array;
  #newest = none;
  oldest = none;
  size = 0;

  constructor(keys: ArrayLike<number>) {
    let most = 0;
    for (let i = 0; i < keys.length; i++) most = Math.max(most, keys[i] ?? 0);
    this.#older = new Int32Array(most + 1);
    this.#newer = new Int32Array(most + 1);
    this.#present = new Uint8Array(most + 1);
  }

  add(key: number): void {
    this.#older[key] = this.#newest;
    this.#newer[key] = none;
    this.#present[key] = 1;
    if (this.#newest === none) this.oldest = key;
    else this.#newer[this.#newest] = key;
    this.#newest = key;
    this.size++;
  }

  /** False if the key isn't there. */
  remove(key: number): boolean {
    if (this.#present[key] !== 1) return false;
    const older = this.#older[key] ?? none;
    const newer = this.#newer[key] ?? none;
    if (older === none) this.oldest = newer;
    else this.#newer[older] = newer;
    if (newer === none) this.#newest = older;
    else this.#older[newer] = older;
    this.#present[key] = 0;
    this.size--;
    return true;
  }
}
