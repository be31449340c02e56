import type { NodeId } from '../host.ts';
import type { FaultRecord } from '../record/schema.ts';

/** The nodes without which the store answers nobody. */
export interface Services {
  readonly gateways: readonly NodeId[];
  readonly metadata: readonly NodeId[];
}

/** Faults that leave a process running where others can't talk to it. */
const CUTS: ReadonlySet<string> = new Set(['isolate', 'partition', 'one-way-partition']);
/** Faults under which a node takes part, but what it is asked for may fail or take for ever. */
const HINDRANCES: ReadonlySet<string> = new Set([
  ...['packet-loss', 'delay', 'reorder', 'slow-cpu', 'slow-disk'],
  ...['full-disk', 'read-errors', 'sync-failure', 'clock-drift'],
]);

/** Faults under which a node stores nothing more. */
const READ_ONLY: ReadonlySet<string> = new Set(['full-disk', 'sync-failure']);

/**
 * Which nodes take part when a run is over: those that run and that no fault without an end cuts off. What the rest holds is
 * not lost, and what the store can't do without them is not its fault.
 */
export class Reach {
  readonly #stopped: ReadonlySet<NodeId>;
  readonly #cutOff: ReadonlySet<NodeId>;
  readonly #readOnly: ReadonlySet<NodeId>;
  readonly #services: Services;
  /** Two groups of nodes that others still reach stay cut off from each other. */
  readonly divided: boolean;
  /** The kind of a fault without an end that hinders what others are asked to do; undefined if there is none. */
  readonly hindrance: string | undefined;

  constructor(stopped: ReadonlySet<NodeId>, faults: readonly FaultRecord[], services: Services) {
    const forGood = faults.filter(({ kind, endMs }) => endMs === null && CUTS.has(kind));
    this.#stopped = stopped;
    this.#cutOff = new Set(forGood.flatMap(({ targets }) => targets));
    this.#readOnly = new Set(
      faults.filter(({ kind, endMs }) => endMs === null && READ_ONLY.has(kind)).flatMap(({ targets }) => targets),
    );
    this.#services = services;
    this.divided = forGood.some(({ kind }) => kind !== 'isolate');
    this.hindrance = faults.find(({ kind, endMs }) => endMs === null && HINDRANCES.has(kind))?.kind;
  }

  has(id: NodeId): boolean {
    return !this.#stopped.has(id) && !this.#cutOff.has(id);
  }

  /**
   * Can metadata decide anything? A member that stores nothing more votes for no entry, and a group without a majority of
   * those that do renews no lease: data nodes then serve nobody, as they must, though all that they hold is there.
   */
  get decides(): boolean {
    return this.#isMajority((id) => this.has(id) && !this.#readOnly.has(id));
  }

  /** Why no key at all can be read; undefined if keys can. */
  get obstacle(): string | undefined {
    if (!this.#services.gateways.some((id) => this.has(id))) return 'no gateway can be reached';
    if (!this.#isMajority((id) => this.has(id))) return 'no majority of metadata can be reached';
    return this.decides ? undefined : 'no majority of metadata can write to its disks';
  }

  #isMajority(counts: (id: NodeId) => boolean): boolean {
    const { metadata } = this.#services;
    return metadata.filter(counts).length * 2 > metadata.length;
  }
}
