import type { NodeId } from '../../../host.ts';
import type { PlannedMove } from '../../rebalance/rebalancer.ts';
import type { Leader } from './leader.ts';

/**
 * Why a planned move must not begin, undefined if it may. Plans come from algorithms that anyone may write, so
 * nothing about them is taken for granted.
 */
export function faultInMove(
  leader: Leader,
  move: PlannedMove,
  reservedBytes: (node: NodeId) => number,
): string | undefined {
  const { state, usage } = leader;
  const partition = state.partition(move.partition);
  if (partition === undefined) return `partition ${move.partition} does not exist`;
  if (partition.joining.length > 0) return `partition ${move.partition} is moving already`;
  if (!partition.replicas.includes(move.from)) return `${move.from} does not own partition ${move.partition}`;
  const to = state.nodes.get(move.to);
  if (to === undefined) return `${move.to} is not known`;
  if (partition.replicas.includes(move.to))
    return `it would lower redundancy: ${move.to} owns partition ${move.partition} already`;
  if (to.membership !== 'joining' && to.membership !== 'active') return `${move.to} is ${to.membership}`;
  if (to.liveness !== 'up') return `${move.to} is ${to.liveness}`;
  if (to.gray) return `${move.to} is gray`;
  if (partition.dropping.has(move.to)) return `${move.to} is still dropping its former copy`;
  const wanted = partition.former.has(move.to) ? 0 : partition.bytes;
  const full = usage.faultInFilling(move.to, reservedBytes(move.to) + wanted, move.cause === 'repair');
  if (full !== undefined) return full;
  if (move.cause === 'join' || move.cause === 'load') {
    const agoMs = leader.clock.nowMs() - (partition.movedMs ?? Number.NEGATIVE_INFINITY);
    if (partition.balancedFrom === move.to && agoMs < leader.settings.hysteresisMs) {
      return `partition ${move.partition} left ${move.to} ${(agoMs / 1_000).toFixed(0)} s ago`;
    }
    const zoneOf = (node: NodeId) => state.nodes.get(node)?.description.zone;
    const zonesNow = new Set(partition.replicas.map(zoneOf)).size;
    const zonesThen = new Set(partition.replicas.map((node) => zoneOf(node === move.from ? move.to : node))).size;
    if (zonesThen < zonesNow) return `it would lower redundancy: ${zonesThen} zones instead of ${zonesNow}`;
  }
  return undefined;
}
