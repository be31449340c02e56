import type { EventHandler } from '../../kernel/kernel.ts';
import type { SimulatedNode } from '../node.ts';
import type { World } from '../world.ts';

/** What failed may still be on its way to its process when a fault ends: so long it is looked whether that ends over it. */
const LOOK_AGAIN_MS = 1_000;
const LOOKS = 30;

/** Starts processes again that ended themselves over a fault of their disk, once that is over, as an operator would. */
export class Supervisor implements EventHandler {
  readonly #world: World;
  readonly #nodes: readonly SimulatedNode[];
  #looks = LOOKS;

  constructor(world: World, nodes: readonly SimulatedNode[]) {
    this.#world = world;
    this.#nodes = nodes;
  }

  /** Looks now, and now and then for half a minute. */
  onEvent(): void {
    for (const node of this.#nodes) if (node.aborted) this.#world.restart(node.id);
    this.#looks -= 1;
    if (this.#looks > 0) this.#world.kernel.schedule(LOOK_AGAIN_MS, this, 0, undefined);
  }
}
