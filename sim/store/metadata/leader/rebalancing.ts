import { type Prediction, predictBalance } from '../../rebalance/balance.ts';
import type { PlannedMove, RebalanceNode, Rebalancer, RebalanceView } from '../../rebalance/rebalancer.ts';
import { createRebalancer } from '../../rebalance/registry.ts';
import type { Move } from '../state/commands.ts';
import { isMember } from '../state/node-table.ts';
import type { Leader } from './leader.ts';
import { faultInMove } from './move-check.ts';
import type { PlacementTargets } from './placement-targets.ts';
import type { Reservations } from './reservations.ts';
import type { TransferControl } from './transfer-control.ts';

/** Asks the rebalancer what should move, checks its plan, and begins as much of it as tokens allow. */
export class Rebalancing {
  readonly #leader: Leader;
  readonly #control: TransferControl;
  readonly #targets: PlacementTargets;
  readonly #rebalancer: Rebalancer;
  /** What the last plan still wants; undefined while the membership is not still. */
  remaining: readonly PlannedMove[] | undefined;

  constructor(leader: Leader, control: TransferControl, targets: PlacementTargets) {
    this.#leader = leader;
    this.#control = control;
    this.#targets = targets;
    const { name, options } = leader.settings.rebalancer;
    this.#rebalancer = createRebalancer(name, options);
  }

  /** @returns the moves to begin; not in `busy` partitions, which something else is about to move. */
  start(reservations: Reservations, busy: ReadonlySet<number>): Move[] {
    const { state, settings, clock } = this.#leader;
    this.remaining = undefined;
    if (clock.nowMs() - state.membershipChangedMs < settings.settleMs) return [];
    const view = viewOf(this.#leader, this.#targets);
    // What was given up is rebuilt by repair, which does not wait for stillness.
    const plan = this.#rebalancer.plan(view).filter((move) => state.nodes.get(move.from)?.replaced !== true);
    this.remaining = plan;
    if (plan.length === 0) return [];
    const prediction = predictBalance(view, plan);
    const moves: Move[] = [];
    const begun = new Set<number>();
    for (const planned of plan) {
      if (busy.has(planned.partition) || (planned.notBeforeMs ?? 0) > view.nowMs) continue;
      const fault =
        faultInPlan(prediction, planned, begun) ??
        this.#backoff(planned) ??
        faultInMove(this.#leader, planned, (node) => reservations.bytes(node));
      if (fault !== undefined) {
        this.#refuse(planned, fault);
        continue;
      }
      if (!this.#control.hasTokens(planned.cause, planned.from, planned.to)) continue;
      begun.add(planned.partition);
      moves.push(this.#begin(planned, prediction));
      reservations.add(planned.to, state.partition(planned.partition)?.bytes ?? 0);
    }
    return moves;
  }

  #begin(planned: PlannedMove, { before, after }: Prediction): Move {
    const { partition, from, to, cause, why } = planned;
    const transferId = this.#leader.ids.next();
    this.#control.open(transferId, 'move', partition, from, to, cause);
    const forecast = `plan: fullest ${before.max.toFixed(3)} → ${after.max.toFixed(3)} of its share, deviation ${before.deviation.toFixed(3)} → ${after.deviation.toFixed(3)}`;
    this.#leader.decide({
      by: 'rebalance',
      subject: `partition ${partition}`,
      chose: `${from} → ${to}`,
      why: `${why}; ${forecast}`,
      rejected: [],
    });
    return { transferId, partition, from, to, cause, why };
  }

  #backoff({ partition, to }: PlannedMove): string | undefined {
    return this.#control.backoffUntil(partition, to) === undefined ? undefined : 'it failed there lately';
  }

  #refuse({ partition, from, to }: PlannedMove, why: string): void {
    const subject = `partition ${partition}`;
    this.#leader.decideOnce({
      by: 'rebalance',
      subject,
      chose: 'refuse',
      why,
      rejected: [{ option: `${from} → ${to}`, why }],
    });
  }
}

/** A plan made for the sake of balance must not make it worse; a join or a leave may have to. */
function faultInPlan(
  { before, after }: Prediction,
  { partition, cause }: PlannedMove,
  begun: ReadonlySet<number>,
): string | undefined {
  if (begun.has(partition)) return `the plan moves partition ${partition} twice`;
  if (cause === 'load' && after.max > before.max * (1 + 1e-9)) {
    return `the plan would raise the fullest node from ${before.max.toFixed(3)} to ${after.max.toFixed(3)} of its share`;
  }
  return undefined;
}

function viewOf(leader: Leader, targets: PlacementTargets): RebalanceView {
  const { state, settings, usage, clock } = leader;
  const records = state.nodes.all();
  const nodes: RebalanceNode[] = [];
  for (const record of records) {
    const { id, zone, rack, host, capacityBytes } = record.description;
    const { weight, membership, liveness } = record;
    if (membership === 'left') continue;
    const accepts = isMember(record) && liveness === 'up' && usage.accepts(id, 0);
    nodes.push({ id, zone, rack, host, weight, membership, accepts, usedBytes: usage.usedBytes(id), capacityBytes });
  }
  const target = targets.for(records);
  const partitions = state.partitions.map(({ number, replicas, joining, bytes, movedMs }) => {
    return {
      number,
      replicas,
      joining,
      bytes,
      movedMs: movedMs ?? Number.NEGATIVE_INFINITY,
      target: target[number] ?? [],
    };
  });
  return { nowMs: clock.nowMs(), replication: settings.replication, nodes, partitions };
}
