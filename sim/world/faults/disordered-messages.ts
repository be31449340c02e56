import { z } from 'zod';
import type { LinkOverlay, Passage } from '../fabric.ts';
import type { SimulatedNode } from '../node.ts';
import type { World } from '../world.ts';
import { type ActiveFault, defineFault } from './fault.ts';

const rate = z.number().gt(0).max(1).describe('share of the messages, 0 to 1');

/** A slow or congested link. Effects: messages delayed. */
export const delay = defineFault({
  kind: 'delay',
  summary: 'delays all messages to and from the targets, each by as much again as an exponential draw says',
  target: 'nodes',
  duration: 'optional',
  params: {
    byMs: z.number().nonnegative().default(0).describe('every message'),
    jitterMs: z.number().nonnegative().default(0).describe('mean of what comes on top'),
  },
  describe: ({ target, params }) => `messages of ${target} + ${params.byMs} ms, jitter ${params.jitterMs} ms`,
  start: ({ world, targets, params, random }) =>
    startTouch(world, targets, (passage) => {
      passage.delayMs += params.byMs + (params.jitterMs > 0 ? random.exponential(params.jitterMs) : 0);
      return true;
    }),
});

/** Some messages are held back while others overtake them. Effects: messages held back. */
export const reorder = defineFault({
  kind: 'reorder',
  summary: 'holds back a share of the messages to and from the targets, so that later ones overtake them',
  target: 'nodes',
  duration: 'optional',
  params: { rate, withinMs: z.number().positive().describe('held back for up to this long') },
  describe: ({ target, params }) =>
    `${percent(params.rate)} of the messages of ${target} up to ${params.withinMs} ms late`,
  start: ({ world, targets, params, random }) =>
    startTouch(world, targets, (passage) => {
      if (random.next() >= params.rate) return false;
      passage.delayMs += random.next() * params.withinMs;
      return true;
    }),
});

/** Some one-way messages arrive twice. Calls don't: a connection's sequence numbers see to that. Effects: messages doubled. */
export const duplicate = defineFault({
  kind: 'duplicate',
  summary: 'lets a share of the one-way messages to and from the targets arrive twice',
  target: 'nodes',
  duration: 'optional',
  params: { rate, withinMs: z.number().positive().default(10).describe('the second up to this long after the first') },
  describe: ({ target, params }) => `${percent(params.rate)} of the one-way messages of ${target} twice`,
  start: ({ world, targets, params, random }) =>
    startTouch(world, targets, (passage) => {
      if (!passage.oneWay || random.next() >= params.rate) return false;
      passage.copyDelayMs = passage.delayMs + random.next() * params.withinMs;
      return true;
    }),
});

function startTouch(
  world: World,
  targets: readonly SimulatedNode[],
  touch: (passage: Passage) => boolean,
): ActiveFault {
  const overlay = new Touch(new Set(targets), touch);
  world.fabric.overlays.add(overlay);
  return { stop: () => world.fabric.overlays.remove(overlay), effects: () => overlay.touched };
}

/** Does something to the messages between machines that come from or go to some nodes. */
class Touch implements LinkOverlay {
  touched = 0;
  readonly #nodes: ReadonlySet<SimulatedNode>;
  readonly #touch: (passage: Passage) => boolean;

  constructor(nodes: ReadonlySet<SimulatedNode>, touch: (passage: Passage) => boolean) {
    this.#nodes = nodes;
    this.#touch = touch;
  }

  apply(passage: Passage): void {
    const { from, to } = passage;
    if (from.place.machine === to.place.machine) return;
    if ((this.#nodes.has(from) || this.#nodes.has(to)) && this.#touch(passage)) this.touched++;
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}
