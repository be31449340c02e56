import { z } from 'zod';
import type { NodeId, RandomStream } from '../../host.ts';
import type { SimulatedNode } from '../node.ts';
import { didYouMean } from '../readable-issues.ts';
import type { World } from '../world.ts';

const name = z.string().min(1);

/**
 * Which nodes: a name; `zone:a`, `rack:a/1`, `role:data`, `all`; a role of the moment such as `leader`; a list of those;
 * or so many drawn at random.
 */
export const targetSchema = z.union([
  name,
  z.array(name).min(1),
  z.strictObject({ random: z.number().int().min(1), of: z.union([name, z.array(name).min(1)]) }),
]);
export type TargetSelector = z.infer<typeof targetSchema>;

/** Roles that only the run itself can fill, asked for at the moment of the strike. */
export interface DynamicTargets {
  /** Such as `leader` and `hottest`; a selector may carry an argument after a colon, `replicas-of:7`. */
  readonly names: readonly string[];
  /** The nodes that have the role now; none is allowed. */
  resolve(selector: string): readonly NodeId[];
}

/** A selector as readers see it. */
export function targetText(selector: TargetSelector): string {
  if (typeof selector === 'string') return selector;
  if (Array.isArray(selector)) return selector.join(', ');
  return `${selector.random} at random of ${targetText(selector.of)}`;
}

/** Turns selectors into nodes. */
export class Targets {
  readonly #world: World;
  readonly #dynamic: DynamicTargets;

  constructor(world: World, dynamic: DynamicTargets = { names: [], resolve: () => [] }) {
    this.#world = world;
    this.#dynamic = dynamic;
  }

  /**
   * Refuses a selector that matches nothing now and cannot match later. Nodes that the scenario will add are known by
   * `futureNodes`.
   *
   * @throws Error naming the selector and what there is.
   */
  check(selector: TargetSelector, futureNodes: readonly NodeId[]): void {
    const of = typeof selector === 'object' && !Array.isArray(selector) ? selector.of : selector;
    let size = 0;
    let open = false;
    for (const part of typeof of === 'string' ? [of] : of) {
      if (this.#isDynamic(part) || futureNodes.includes(part)) {
        open = true;
        continue;
      }
      const matched = this.#match(part).length;
      if (matched === 0)
        throw new Error(`target ${JSON.stringify(part)} matches no node${this.#hint(part, futureNodes)}`);
      size += matched;
    }
    if (
      !open &&
      of !== selector &&
      typeof selector === 'object' &&
      !Array.isArray(selector) &&
      selector.random > size
    ) {
      throw new Error(`target wants ${selector.random} at random of ${targetText(of)}, which has ${size}`);
    }
  }

  /**
   * Refuses groups that share a node whatever happens. What is drawn or filled at the strike may be anybody.
   *
   * @throws Error naming the shared nodes.
   */
  checkApart(groups: readonly TargetSelector[]): void {
    const seen = new Set<SimulatedNode>();
    for (const selector of groups) {
      if (typeof selector === 'object' && !Array.isArray(selector)) continue;
      const parts = typeof selector === 'string' ? [selector] : selector;
      const certain = this.#all(parts.filter((part) => !this.#isDynamic(part)));
      const shared = certain.filter((node) => seen.has(node)).map(({ id }) => id);
      if (shared.length > 0) throw new Error(`groups must not share nodes, found on both sides: ${shared.join(', ')}`);
      for (const node of certain) seen.add(node);
    }
  }

  /** The nodes that a selector stands for at this moment, each once, in the world's order. */
  resolve(selector: TargetSelector, random: RandomStream): readonly SimulatedNode[] {
    if (typeof selector === 'string' || Array.isArray(selector)) return this.#all(selector);
    const pool = [...this.#all(selector.of)];
    const drawn = new Set<SimulatedNode>();
    while (drawn.size < selector.random && pool.length > 0) {
      for (const node of pool.splice(random.below(pool.length), 1)) drawn.add(node);
    }
    return this.#world.nodes().filter((node) => drawn.has(node));
  }

  #all(selector: string | readonly string[]): readonly SimulatedNode[] {
    const matched = new Set<SimulatedNode>();
    for (const part of typeof selector === 'string' ? [selector] : selector) {
      for (const node of this.#match(part)) matched.add(node);
    }
    return this.#world.nodes().filter((node) => matched.has(node));
  }

  #match(part: string): readonly SimulatedNode[] {
    const nodes = this.#world.nodes();
    if (this.#world.has(part)) return [this.#world.node(part)];
    if (this.#isDynamic(part)) {
      const ids = new Set(this.#dynamic.resolve(part));
      return nodes.filter((node) => ids.has(node.id));
    }
    if (part === 'all') return nodes;
    const [key, value] = splitAtColon(part);
    if (key === 'zone') return nodes.filter((node) => node.spec.zone === value);
    if (key === 'rack') return nodes.filter((node) => `${node.spec.zone}/${node.spec.rack}` === value);
    if (key === 'role') return nodes.filter((node) => node.spec.role === value);
    return [];
  }

  #isDynamic(part: string): boolean {
    return this.#dynamic.names.includes(splitAtColon(part)[0]);
  }

  #hint(part: string, futureNodes: readonly NodeId[]): string {
    const nodes = this.#world.nodes();
    const known = new Set<string>([...nodes.map((node) => node.id), ...futureNodes]);
    for (const { spec } of nodes) {
      known.add(`role:${spec.role}`);
      known.add(`zone:${spec.zone}`);
      known.add(`rack:${spec.zone}/${spec.rack}`);
    }
    for (const dynamic of this.#dynamic.names) known.add(dynamic);
    return didYouMean(part, [...known, 'all']);
  }
}

function splitAtColon(text: string): readonly [string, string] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}
