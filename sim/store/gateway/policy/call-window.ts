/** The last so many calls, as faults or not: a ring, so that recording one is O(1) and allocates nothing. */
export class CallWindow {
  readonly #ring: Uint8Array;
  #next = 0;
  #calls = 0;
  #faults = 0;

  /** @param size - At least 1. */
  constructor(size: number) {
    this.#ring = new Uint8Array(size);
  }

  /** Calls remembered: at most the window's size. */
  get calls(): number {
    return this.#calls;
  }

  get faults(): number {
    return this.#faults;
  }

  add(fault: boolean): void {
    const size = this.#ring.length;
    if (this.#calls === size) this.#faults -= this.#ring[this.#next] ?? 0;
    else this.#calls += 1;
    const value = fault ? 1 : 0;
    this.#ring[this.#next] = value;
    this.#faults += value;
    this.#next = this.#next + 1 === size ? 0 : this.#next + 1;
  }

  clear(): void {
    this.#next = 0;
    this.#calls = 0;
    this.#faults = 0;
  }
}
