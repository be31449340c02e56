import type { LinkOverlay, Passage } from '../fabric.ts';
import type { SimulatedNode } from '../node.ts';
import { type ActiveFault, defineFault } from './fault.ts';
import { targetSchema, targetText } from './targets.ts';

/**
 * Nothing passes between two groups, in either direction; both still reach everybody else. A node that a draw or a role of
 * the moment puts on both sides stays on the target's. Effects: messages cut off.
 */
export const partition = defineFault({
  kind: 'partition',
  summary: 'cuts two groups off from each other, in both directions',
  target: 'nodes',
  duration: 'optional',
  params: { other: targetSchema.describe('the other side') },
  selectors: ['other'],
  describe: ({ target, params }) => `partition between ${target} and ${targetText(params.other)}`,
  start: ({ world, targets, group }) => {
    const there = group('other').filter((node) => !targets.includes(node));
    return startCut(world.fabric.overlays, new Cut(new Set(targets), new Set(there)));
  },
});

/** Messages from one group to another vanish; the other way all is well. Effects: messages cut off. */
export const oneWayPartition = defineFault({
  kind: 'one-way-partition',
  summary: 'cuts off what one group sends to another; the other way all is well',
  target: 'nodes',
  duration: 'optional',
  params: { other: targetSchema.describe('who is not reached') },
  selectors: ['other'],
  describe: ({ target, params }) => `nothing from ${target} reaches ${targetText(params.other)}`,
  start: ({ world, targets, group }) => {
    const there = group('other').filter((node) => !targets.includes(node));
    return startCut(world.fabric.overlays, new Cut(new Set(targets), new Set(there), 'out'));
  },
});

/** Nothing passes between a group and everybody else, now or later added. Effects: messages cut off. */
export const isolate = defineFault({
  kind: 'isolate',
  summary: 'cuts a group off from all other nodes, in both directions; within the group all is well',
  target: 'nodes',
  duration: 'optional',
  params: {},
  describe: ({ target }) => `isolate ${target}`,
  start: ({ world, targets }) => startCut(world.fabric.overlays, new Cut(new Set(targets), undefined)),
});

function startCut(overlays: { add(cut: Cut): void; remove(cut: Cut): void }, cut: Cut): ActiveFault {
  overlays.add(cut);
  return { stop: () => overlays.remove(cut), effects: () => cut.dropped };
}

class Cut implements LinkOverlay {
  dropped = 0;
  readonly #here: ReadonlySet<SimulatedNode>;
  /** Undefined: everybody who is not here. */
  readonly #there: ReadonlySet<SimulatedNode> | undefined;
  readonly #direction: 'both' | 'out';

  constructor(
    here: ReadonlySet<SimulatedNode>,
    there: ReadonlySet<SimulatedNode> | undefined,
    direction: 'both' | 'out' = 'both',
  ) {
    this.#here = here;
    this.#there = there;
    this.#direction = direction;
  }

  apply(passage: Passage): void {
    const cut =
      this.#separates(passage.from, passage.to) ||
      (this.#direction === 'both' && this.#separates(passage.to, passage.from));
    if (!cut) return;
    passage.dropped = 'partition';
    this.dropped++;
  }

  #separates(a: SimulatedNode, b: SimulatedNode): boolean {
    return this.#here.has(a) && (this.#there === undefined ? !this.#here.has(b) : this.#there.has(b));
  }
}
