import type { NodeId } from '../host.ts';
import type { FaultRecord } from '../record/schema.ts';

/** The nodes without which the store answers nobody. */
export interface Services {
  readonly gateways: readonly NodeId[];
  readonly metadata: readonly NodeId[];
}

/** Faults that leave a process running where others can't talk to it. */
const CUTS: ReadonlySet<string> = new Set(['isolate', 'partition']);

/**
 * Which nodes take part when a run is over: those that run and that no fault without an end cuts off. What the rest holds is
 * not lost, and what the store can't do without them is not its fault.
 */
export class Reach {
  readonly #stopped: ReadonlySet<NodeId>;
  readonly #cutOff: ReadonlySet<NodeId>;
  readonly #services: Services;
  /** Two groups of nodes that others still reach stay cut off from each other. */
  readonly divided: boolean;

  constructor(stopped: ReadonlySet<NodeId>, faults: readonly FaultRecord[], services: Services) {
    const forGood = faults.filter(({ kind, endMs }) => endMs === null && CUTS.has(kind));
    this.#stopped = stopped;
    this.#cutOff = new Set(forGood.flatMap(({ targets }) => targets));
    this.#services = services;
    this.divided = forGood.some(({ kind }) => kind === 'partition');
  }

  has(id: NodeId): boolean {
    return !this.#stopped.has(id) && !this.#cutOff.has(id);
  }

  /** Can metadata decide anything? */
  get decides(): boolean {
    const { metadata } = this.#services;
    return metadata.filter((id) => this.has(id)).length * 2 > metadata.length;
  }

  /** Why no key at all can be read; undefined if keys can. */
  get obstacle(): string | undefined {
    if (!this.#services.gateways.some((id) => this.has(id))) return 'no gateway can be reached';
    return this.decides ? undefined : 'no majority of metadata can be reached';
  }
}
