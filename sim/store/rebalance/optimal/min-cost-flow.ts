/** What passes from a vertex to another: see `MinCostFlow.addArc`. */
export type Arc = number;

const epsilon = 1e-6;

/**
 * Cheapest flow from vertices that have too much to vertices that have too little, by successive shortest paths: each path
 * is found by Dijkstra's algorithm on costs that potentials keep from being negative.
 *
 * The flow may begin at any feasible one that is cheapest for its own surpluses, for instance at one of cost 0. Amounts are whole
 * numbers, or come out as exact as the numbers are.
 *
 * Source: Ahuja, Magnanti, Orlin, "Network Flows" (1993), section 9.7; Edmonds and Karp (1972) for the potentials.
 */
export class MinCostFlow {
  /** Arcs 2k and 2k + 1 are one arc and its reverse. */
  readonly #head: number[] = [];
  readonly #residual: number[] = [];
  readonly #cost: number[] = [];
  readonly #out: Arc[][];
  readonly #surplus: Float64Array;
  readonly #potential: Float64Array;
  readonly #distance: Float64Array;
  readonly #reachedBy: Int32Array;
  readonly #settled: Uint8Array;
  /** Vertices that the present search has reached; of all others the distance is infinite. */
  readonly #reached: number[] = [];
  readonly #heap: VertexHeap;

  /** @param vertices - They are numbered from 0. It is fastest where the last are nearest to the wants. */
  constructor(vertices: number) {
    this.#out = Array.from({ length: vertices }, () => []);
    this.#surplus = new Float64Array(vertices);
    this.#potential = new Float64Array(vertices);
    this.#distance = new Float64Array(vertices).fill(Number.POSITIVE_INFINITY);
    this.#reachedBy = new Int32Array(vertices);
    this.#settled = new Uint8Array(vertices);
    this.#heap = new VertexHeap();
  }

  /**
   * @param capacity - How much may pass in addition to what passes at first.
   * @param cost - Of each unit; not negative, and 0 where something may be taken back.
   * @param revocable - How much of what passes at first may be taken back.
   */
  addArc(from: number, to: number, capacity: number, cost: number, revocable = 0): Arc {
    const arc = this.#head.length;
    this.#head.push(to, from);
    this.#residual.push(capacity, revocable);
    this.#cost.push(cost, -cost);
    this.#out[from]?.push(arc);
    this.#out[to]?.push(arc + 1);
    return arc;
  }

  /** Gives the vertex more than it had; a negative amount is a want. */
  addSurplus(vertex: number, amount: number): void {
    this.#surplus[vertex] = (this.#surplus[vertex] ?? 0) + amount;
  }

  /** How much more passes than at first, if the arc had `capacity` to spare then. */
  added(arc: Arc, capacity: number): number {
    return capacity - (this.#residual[arc] ?? 0);
  }

  /**
   * Routes surpluses to wants as cheaply as possible.
   *
   * @returns what could not be routed.
   */
  solve(): number {
    let left = 0;
    for (let vertex = 0; vertex < this.#out.length; vertex++) {
      while ((this.#surplus[vertex] ?? 0) > epsilon) {
        const end = this.#nearestWant(vertex);
        if (end === -1) {
          left += this.#surplus[vertex] ?? 0;
          break;
        }
        this.#augment(vertex, end);
      }
    }
    return left;
  }

  /** Finds the cheapest path to a vertex that wants something; -1 if there is none. */
  #nearestWant(source: number): number {
    this.#forget();
    this.#reach(source, -1, 0);
    for (let vertex = this.#heap.pop(); vertex !== -1; vertex = this.#heap.pop()) {
      if (this.#settled[vertex] === 1) continue;
      this.#settled[vertex] = 1;
      if ((this.#surplus[vertex] ?? 0) < -epsilon) {
        this.#shiftPotentials(this.#distance[vertex] ?? 0);
        return vertex;
      }
      this.#relax(vertex);
    }
    return -1;
  }

  #forget(): void {
    for (const vertex of this.#reached) {
      this.#distance[vertex] = Number.POSITIVE_INFINITY;
      this.#settled[vertex] = 0;
    }
    this.#reached.length = 0;
    this.#heap.clear();
  }

  #reach(vertex: number, by: Arc, distance: number): void {
    if (this.#distance[vertex] === Number.POSITIVE_INFINITY) this.#reached.push(vertex);
    this.#distance[vertex] = distance;
    this.#reachedBy[vertex] = by;
    this.#heap.push(vertex, distance);
  }

  #relax(vertex: number): void {
    const distance = this.#distance[vertex] ?? 0;
    const base = distance + (this.#potential[vertex] ?? 0);
    for (const arc of this.#out[vertex] ?? []) {
      if ((this.#residual[arc] ?? 0) <= epsilon) continue;
      const to = this.#head[arc] ?? 0;
      const length = Math.max(distance, base + (this.#cost[arc] ?? 0) - (this.#potential[to] ?? 0));
      if (this.#settled[to] !== 1 && length < (this.#distance[to] ?? 0)) this.#reach(to, arc, length);
    }
  }

  /**
   * Only differences of potentials count. What was not settled is at least as far as the last that was: instead of lifting it by
   * that distance, what was settled is lowered.
   */
  #shiftPotentials(last: number): void {
    for (const vertex of this.#reached) {
      if (this.#settled[vertex] !== 1) continue;
      this.#potential[vertex] = (this.#potential[vertex] ?? 0) + (this.#distance[vertex] ?? 0) - last;
    }
  }

  #augment(source: number, end: number): void {
    let amount = Math.min(this.#surplus[source] ?? 0, -(this.#surplus[end] ?? 0));
    for (let at = end; at !== source; ) {
      const arc = this.#reachedBy[at] ?? 0;
      amount = Math.min(amount, this.#residual[arc] ?? 0);
      at = this.#head[arc ^ 1] ?? source;
    }
    for (let at = end; at !== source; ) {
      const arc = this.#reachedBy[at] ?? 0;
      this.#residual[arc] = (this.#residual[arc] ?? 0) - amount;
      this.#residual[arc ^ 1] = (this.#residual[arc ^ 1] ?? 0) + amount;
      at = this.#head[arc ^ 1] ?? source;
    }
    this.addSurplus(source, -amount);
    this.addSurplus(end, amount);
  }
}

/** Binary heap of vertices by distance, then the last numbered first; a vertex may stand in it more than once. */
class VertexHeap {
  readonly #vertices: number[] = [];
  readonly #keys: number[] = [];

  clear(): void {
    this.#vertices.length = 0;
    this.#keys.length = 0;
  }

  push(vertex: number, key: number): void {
    let at = this.#vertices.length;
    this.#vertices.push(vertex);
    this.#keys.push(key);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** @returns -1 if there is none. */
  pop(): number {
    const last = this.#vertices.length - 1;
    if (last < 0) return -1;
    this.#swap(0, last);
    const vertex = this.#vertices.pop() ?? -1;
    this.#keys.pop();
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= last) return vertex;
      const child = left + 1 < last && this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#before(child, at)) return vertex;
      this.#swap(at, child);
      at = child;
    }
  }

  #before(a: number, b: number): boolean {
    const difference = (this.#keys[a] ?? 0) - (this.#keys[b] ?? 0);
    return difference < 0 || (difference === 0 && (this.#vertices[a] ?? 0) > (this.#vertices[b] ?? 0));
  }

  #swap(a: number, b: number): void {
    const [vertex = 0, key = 0] = [this.#vertices[a], this.#keys[a]];
    this.#vertices[a] = this.#vertices[b] ?? 0;
    this.#keys[a] = this.#keys[b] ?? 0;
    this.#vertices[b] = vertex;
    this.#keys[b] = key;
  }
}
