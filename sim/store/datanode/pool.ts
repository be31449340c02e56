/** Objects that are used again and again instead of being left to the garbage collector. */
export class Pool<T> {
  readonly #make: () => T;
  readonly #free: T[] = [];

  constructor(make: () => T) {
    this.#make = make;
  }

  take(): T {
    return this.#free.pop() ?? this.#make();
  }

  giveBack(object: T): void {
    this.#free.push(object);
  }
}
