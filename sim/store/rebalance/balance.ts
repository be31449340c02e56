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

/** The balance now and after `moves`. Open moves count as done; while there are no bytes, partitions are counted. */
export function predictBalance(view: RebalanceView, moves: readonly PlannedMove[]): Prediction {
  const total = view.partitions.reduce((sum, partition) => sum + partition.bytes, 0);
  const sizeOf = (partition: number) => (total > 0 ? (view.partitions[partition]?.bytes ?? 0) : 1);
  const held = new Map<NodeId, number>();
  const add = (id: NodeId, bytes: number) => held.set(id, (held.get(id) ?? 0) + bytes);
  for (const { number, replicas, joining } of view.partitions) {
    for (const id of replicas) add(id, sizeOf(number));
    for (const id of joining) add(id, sizeOf(number));
  }
  const before = balanceOf(view, held);
  for (const { partition, from, to } of moves) {
    add(from, -sizeOf(partition));
    add(to, sizeOf(partition));
  }
  return { before, after: balanceOf(view, held) };
}

function balanceOf(view: RebalanceView, held: ReadonlyMap<NodeId, number>): Balance {
  const members = view.nodes.filter((node) => node.membership === 'joining' || node.membership === 'active');
  const shares = fairShares(members, view.replication);
  const total = [...held.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (total === 0 || members.length === 0) return { max: 1, deviation: 0 };
  let max = 0;
  let squares = 0;
  for (const [id, share] of shares) {
    const relative = (held.get(id) ?? 0) / (share * total);
    max = Math.max(max, relative);
    squares += (relative - 1) * (relative - 1);
  }
  return { max, deviation: Math.sqrt(squares / members.length) };
}
