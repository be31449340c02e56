import type { AlgorithmDefinition } from '../../store/algorithm.ts';
import type { Placement, PlacementDefinition, PlacementNode, ReplicaSet } from '../../store/placement/placement.ts';
import { CallWatch } from './call-watch.ts';

/** The same placement, held to its contract at every call: what it breaks is told as an AlgorithmFailure. */
export function guardedPlacement(
  definition: AlgorithmDefinition<unknown, readonly PlacementNode[], Placement>,
): PlacementDefinition<unknown> {
  const watch = new CallWatch('placement', definition.name);
  return {
    ...definition,
    create: (nodes, options) => {
      const given = readOnly(nodes.map((node) => readOnly({ ...node })));
      return new GuardedPlacement(
        watch.run('create', () => definition.create(given, options)),
        given,
        watch,
      );
    },
  };
}

class GuardedPlacement implements Placement {
  readonly #inner: Placement;
  readonly #ids: ReadonlySet<string>;
  readonly #watch: CallWatch;

  constructor(inner: Placement, nodes: readonly PlacementNode[], watch: CallWatch) {
    this.#inner = inner;
    this.#ids = new Set(nodes.map(({ id }) => id));
    this.#watch = watch;
  }

  replicas(partition: number, count: number): ReplicaSet {
    if (count < 1 || count > this.#ids.size) return this.#inner.replicas(partition, count);
    const set = this.#watch.run('replicas', () => this.#inner.replicas(partition, count));
    const { nodes } = set;
    const strangers = nodes.filter((id) => !this.#ids.has(id));
    if (strangers.length > 0)
      throw this.#watch.failure('replicas', `named ${strangers.join(', ')}, which it was not given`);
    if (nodes.length !== count || new Set(nodes).size !== count) {
      const found = nodes.length === 0 ? 'nobody' : nodes.join(', ');
      throw this.#watch.failure(
        'replicas',
        `named ${found} for partition ${partition}; accepted: ${count} distinct nodes`,
      );
    }
    return set;
  }
}

/** A view of a copy: writing to it throws, in sloppy code too, where writing to what is frozen does nothing. */
function readOnly<Value extends object>(copy: Value): Value {
  const refuse = () => {
    throw new TypeError('the nodes were changed; accepted: reading them');
  };
  return new Proxy(copy, { set: refuse, defineProperty: refuse, deleteProperty: refuse });
}
