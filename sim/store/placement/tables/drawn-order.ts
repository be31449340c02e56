import { murmur3, murmur3Word } from '../../hash.ts';
import type { PlacementNode } from '../placement.ts';

/**
 * Nodes in an order drawn by hash and weight for each number, each node once: an exponential draw of the rate of its weight, the
 * least first. Where nodes leave, the others keep their order.
 */
export class DrawnOrder {
  readonly #weights: Float64Array;
  readonly #seeds: Uint32Array;
  readonly #draws: Float64Array;
  #number = 0;
  #drawn = false;

  /** @param nodes - In the order of ids, which decides ties. */
  constructor(nodes: readonly PlacementNode[]) {
    this.#weights = Float64Array.from(nodes, ({ weight }) => weight);
    this.#seeds = Uint32Array.from(nodes, ({ id }) => murmur3(id));
    this.#draws = new Float64Array(nodes.length);
  }

  /** Begins the order for `number`; nothing is drawn until the first node is asked for. */
  start(number: number): void {
    this.#number = number;
    this.#drawn = false;
  }

  /** Place of the next node; −1 after the last. */
  next(): number {
    if (!this.#drawn) this.#draw();
    let least = -1;
    let leastDraw = Number.POSITIVE_INFINITY;
    for (let place = 0; place < this.#draws.length; place++) {
      const draw = this.#draws[place] ?? leastDraw;
      if (draw >= leastDraw) continue;
      least = place;
      leastDraw = draw;
    }
    if (least >= 0) this.#draws[least] = Number.POSITIVE_INFINITY;
    return least;
  }

  #draw(): void {
    this.#drawn = true;
    for (let place = 0; place < this.#draws.length; place++) {
      const fraction = (murmur3Word(this.#number, this.#seeds[place] ?? 0) + 0.5) / 0x100000000;
      this.#draws[place] = -Math.log(fraction) / (this.#weights[place] ?? 1);
    }
  }
}
