import type { AlgorithmDefinition } from '../../store/algorithm.ts';
import type { PlannedMove, Rebalancer, RebalancerDefinition, RebalanceView } from '../../store/rebalance/rebalancer.ts';
import { CallWatch } from './call-watch.ts';

/** The same rebalancer, held to its contract at every call: what it breaks is told as an AlgorithmFailure. */
export function guardedRebalancer(
  definition: AlgorithmDefinition<unknown, undefined, Rebalancer>,
): RebalancerDefinition<unknown> {
  const watch = new CallWatch('rebalancer', definition.name);
  return {
    ...definition,
    create: (context, options) =>
      new GuardedRebalancer(
        watch.run('create', () => definition.create(context, options)),
        watch,
      ),
  };
}

class GuardedRebalancer implements Rebalancer {
  readonly #inner: Rebalancer;
  readonly #watch: CallWatch;

  constructor(inner: Rebalancer, watch: CallWatch) {
    this.#inner = inner;
    this.#watch = watch;
  }

  plan(view: RebalanceView): readonly PlannedMove[] {
    // The view holds lists of the live state: they can't be frozen, so they are compared.
    const before = JSON.stringify(view);
    const moves = this.#watch.run('plan', () => this.#inner.plan(view));
    if (JSON.stringify(view) !== before) throw this.#watch.failure('plan', 'changed the view; accepted: reading it');
    for (const { partition, from, to } of moves) {
      const fault = faultIn(view, partition, from, to);
      if (fault !== undefined)
        throw this.#watch.failure('plan', `moves partition ${partition} from ${from} to ${to}: ${fault}`);
    }
    return moves;
  }
}

/** What can't be meant; what is only unwise, the leader refuses move by move. */
function faultIn({ nodes, partitions }: RebalanceView, number: number, from: string, to: string): string | undefined {
  const partition = partitions.find((candidate) => candidate.number === number);
  if (partition === undefined) return 'there is no such partition';
  if (!partition.replicas.includes(from)) return `${from} holds no replica of it`;
  if (partition.replicas.includes(to)) return `${to} already holds a replica of it`;
  const target = nodes.find(({ id }) => id === to);
  if (target === undefined) return `there is no node ${to}`;
  return target.accepts ? undefined : `${to} accepts no replicas now`;
}
