import { Holdings, type Prediction } from './balance.ts';
import type { PlannedMove, RebalanceView } from './rebalancer.ts';

const tolerance = 1e-9;

/**
 * What of a plan must not be carried out because the fullest node would be fuller by it, with the reason; nothing if the plan as
 * a whole raises nobody. Moves for the sake of balance have no other purpose, so then all of them fall. Of those that fill a new
 * node, the ones that overfill it do. What must leave a node goes wherever it can.
 */
export function risingMoves(
  view: RebalanceView,
  plan: readonly PlannedMove[],
  { before, after }: Prediction,
): ReadonlyMap<PlannedMove, string> {
  const rising = new Map<PlannedMove, string>();
  if (after.max <= before.max * (1 + tolerance)) return rising;
  const why = `the plan would raise the fullest node from ${before.max.toFixed(3)} to ${after.max.toFixed(3)} of its share`;
  const holdings = new Holdings(view);
  for (const move of plan) {
    if (move.cause === 'load') {
      rising.set(move, why);
      continue;
    }
    const most = holdings.balance().max;
    holdings.carryOut(move);
    const reached = holdings.relative(move.to);
    if (move.cause !== 'join' || reached <= most * (1 + tolerance)) continue;
    holdings.carryOut({ ...move, from: move.to, to: move.from });
    rising.set(
      move,
      `it would raise ${move.to} to ${reached.toFixed(3)} of its share, over the fullest, ${most.toFixed(3)}`,
    );
  }
  return rising;
}
