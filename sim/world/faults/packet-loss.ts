import { z } from 'zod';
import type { RandomStream } from '../../host.ts';
import type { LinkOverlay, Passage } from '../fabric.ts';
import type { SimulatedNode } from '../node.ts';
import { defineFault } from './fault.ts';

/** A share of what the targets send and receive vanishes; local messages are exempt. Effects: messages lost. */
export const packetLoss = defineFault({
  kind: 'packet-loss',
  summary: 'loses a share of the messages to and from the targets',
  target: 'nodes',
  duration: 'optional',
  params: { rate: z.number().gt(0).max(1).describe('share of the messages, 0 to 1') },
  describe: ({ target, params }) => `loss of ${Number((params.rate * 100).toPrecision(4))} % of messages on ${target}`,
  start: ({ world, targets, params, random }) => {
    const overlay = new Loss(new Set(targets), params.rate, random);
    world.fabric.overlays.add(overlay);
    return { stop: () => world.fabric.overlays.remove(overlay), effects: () => overlay.lost };
  },
});

class Loss implements LinkOverlay {
  lost = 0;
  readonly #nodes: ReadonlySet<SimulatedNode>;
  readonly #rate: number;
  readonly #random: RandomStream;

  constructor(nodes: ReadonlySet<SimulatedNode>, rate: number, random: RandomStream) {
    this.#nodes = nodes;
    this.#rate = rate;
    this.#random = random;
  }

  apply(passage: Passage): void {
    const { from, to } = passage;
    if (from.place.machine === to.place.machine) return;
    if (!this.#nodes.has(from) && !this.#nodes.has(to)) return;
    if (this.#random.next() >= this.#rate) return;
    passage.dropped = 'loss';
    this.lost++;
  }
}
