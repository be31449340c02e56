/**
 * Nodes in ascending order of their costs, found one by one: a binary heap, for few of many nodes are asked for. A cost is
 * a pair of numbers, the second of which decides between equals; at last, the lower place comes first.
 */
export class CheapestFirst {
  /** Costs by place, to be written before `start`. */
  readonly costs: Float64Array;
  readonly ties: Float64Array;
  /** The least cost on top. */
  readonly #heap: Int32Array;
  #size = 0;

  constructor(nodes: number) {
    this.costs = new Float64Array(nodes);
    this.ties = new Float64Array(nodes);
    this.#heap = new Int32Array(nodes);
  }

  /** Takes up all nodes at their costs. */
  start(): void {
    this.#size = this.#heap.length;
    for (let place = 0; place < this.#size; place++) this.#heap[place] = place;
    for (let at = (this.#size >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** Place of the cheapest node that has not been taken, which it takes; −1 after the last. */
  next(): number {
    if (this.#size === 0) return -1;
    const top = this.#heap[0] ?? -1;
    this.#heap[0] = this.#heap[--this.#size] ?? -1;
    this.#sink(0);
    return top;
  }

  #sink(from: number): void {
    const place = this.#heap[from] ?? -1;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#isBefore(this.#heap[child + 1] ?? -1, this.#heap[child] ?? -1)) child++;
      const below = this.#heap[child] ?? -1;
      if (!this.#isBefore(below, place)) break;
      this.#heap[at] = below;
      at = child;
    }
    this.#heap[at] = place;
  }

  #isBefore(a: number, b: number): boolean {
    const costA = this.costs[a] ?? 0;
    const costB = this.costs[b] ?? 0;
    if (costA !== costB) return costA < costB;
    const tieA = this.ties[a] ?? 0;
    const tieB = this.ties[b] ?? 0;
    return tieA < tieB || (tieA === tieB && a < b);
  }
}
