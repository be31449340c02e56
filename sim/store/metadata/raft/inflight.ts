/** The appends that a follower has not answered, by their last index: the window that bounds pipelining. */
export class Inflight {
  readonly #capacity: number;
  #ends: number[] = [];

  /** @param capacity - messages that may be on their way at once, at least 1 */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get count(): number {
    return this.#ends.length;
  }

  get full(): boolean {
    return this.#ends.length >= this.#capacity;
  }

  /** A message that ends at `index` was sent; indices rise. */
  add(index: number): void {
    this.#ends.push(index);
  }

  /** An answer for `index` answers all before it too. */
  freeTo(index: number): void {
    let freed = 0;
    while ((this.#ends[freed] ?? Number.POSITIVE_INFINITY) <= index) freed += 1;
    if (freed > 0) this.#ends.splice(0, freed);
  }

  clear(): void {
    this.#ends = [];
  }
}
