import type { NodeId } from '../../host.ts';
import { fairShares } from './fair-shares.ts';
import type { PlannedMove, RebalanceView } from './rebalancer.ts';

/** How evenly the data lies: what nodes hold in units of their fair share, over those that belong. */
export interface Balance {
  /** Of the fullest; 1 is perfect. */
  readonly max: number;
  /** Standard deviation. */
  readonly deviation: number;
}

/** What a plan would do to the balance once all of it is carried out. */
export interface Prediction {
  readonly before: Balance;
  readonly after: Balance;
}

/**
 * Who holds how much, move by move. Open moves count as done; while there are no bytes, partitions are counted.
 */
export class Holdings {
  readonly #sizes: readonly number[];
  readonly #shares: ReadonlyMap<NodeId, number>;
  readonly #held = new Map<NodeId, number>();
  #total = 0;

  constructor({ nodes, partitions, replication }: RebalanceView) {
    const filled = partitions.some(({ bytes }) => bytes > 0);
    this.#sizes = partitions.map(({ bytes }) => (filled ? bytes : 1));
    const members = nodes.filter(({ membership }) => membership === 'joining' || membership === 'active');
    this.#shares = fairShares(members, replication);
    for (const { number, replicas, joining, leaving } of partitions) {
      for (const id of replicas) if (id !== leaving) this.#add(id, this.#sizeOf(number));
      for (const id of joining) this.#add(id, this.#sizeOf(number));
    }
  }

  carryOut({ partition, from, to }: PlannedMove): void {
    this.#add(from, -this.#sizeOf(partition));
    this.#add(to, this.#sizeOf(partition));
  }

  /** What the node holds in units of its fair share; 0 if it has none. */
  relative(node: NodeId): number {
    const share = this.#shares.get(node);
    if (share === undefined || share === 0 || this.#total === 0) return 0;
    return (this.#held.get(node) ?? 0) / (share * this.#total);
  }

  balance(): Balance {
    if (this.#total === 0 || this.#shares.size === 0) return { max: 1, deviation: 0 };
    let max = 0;
    let squares = 0;
    for (const id of this.#shares.keys()) {
      const relative = this.relative(id);
      max = Math.max(max, relative);
      squares += (relative - 1) * (relative - 1);
    }
    return { max, deviation: Math.sqrt(squares / this.#shares.size) };
  }

  #sizeOf(partition: number): number {
    return this.#sizes[partition] ?? 0;
  }

  #add(id: NodeId, bytes: number): void {
    this.#held.set(id, (this.#held.get(id) ?? 0) + bytes);
    this.#total += bytes;
  }
}

/** The balance now and after `moves`. */
export function predictBalance(view: RebalanceView, moves: readonly PlannedMove[]): Prediction {
  const holdings = new Holdings(view);
  const before = holdings.balance();
  for (const move of moves) holdings.carryOut(move);
  return { before, after: holdings.balance() };
}
