import type { NodeId } from '../../../host.ts';
import type { AdminPlanned } from '../../messages/admin.ts';
import { type Prediction, predictBalance } from '../../rebalance/balance.ts';
import type { PlannedMove, RebalanceNode, Rebalancer, RebalanceView } from '../../rebalance/rebalancer.ts';
import { createRebalancer } from '../../rebalance/registry.ts';
import { risingMoves } from '../../rebalance/rising-moves.ts';
import type { Move } from '../state/commands.ts';
import { isMember } from '../state/node-table.ts';
import type { Leader } from './leader.ts';
import { faultInMove } from './move-check.ts';
import type { PlacementTargets } from './placement-targets.ts';
import type { Reservations } from './reservations.ts';
import type { TransferControl } from './transfer-control.ts';

/** A plan that was checked: what moves, and what keeps each from beginning now ('' if nothing does). */
export type CheckedPlan = Pick<AdminPlanned, 'moves' | 'before' | 'after'>;

interface Check {
  /** Why it must not be; undefined if it may. */
  readonly fault?: string | undefined;
  /** Why it may be, but not yet. */
  readonly later?: string | undefined;
}

const fine: Check = {};

/** Asks the rebalancer what should move, checks its plan, and begins as much of it as tokens allow. */
export class Rebalancing {
  readonly #leader: Leader;
  readonly #control: TransferControl;
  readonly #targets: PlacementTargets;
  readonly #rebalancer: Rebalancer;
  #paused = false;
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
    const { state } = this.#leader;
    this.remaining = undefined;
    if (this.#unsettled() !== undefined) return [];
    const view = viewOf(this.#leader, this.#targets);
    const { plan, rising } = this.#plan(view);
    this.remaining = plan;
    const bytesOn = (node: NodeId) => reservations.bytes(node);
    for (const [planned, why] of rising) this.#refuse(planned, faultInMove(this.#leader, planned, bytesOn) ?? why);
    if (plan.length === 0 || this.#pauses()) return [];
    const prediction = predictBalance(view, plan);
    const moves: Move[] = [];
    const begun = new Set<number>();
    for (const planned of plan) {
      const { fault, later } = busy.has(planned.partition)
        ? { later: 'something else moves it' }
        : this.#check(planned, view, begun, reservations);
      if (fault !== undefined) this.#refuse(planned, fault);
      if (fault !== undefined || later !== undefined) continue;
      begun.add(planned.partition);
      moves.push(this.#begin(planned, prediction));
      reservations.add(planned.to, state.partition(planned.partition)?.bytes ?? 0);
    }
    return moves;
  }

  /** What would move now, and what that would bring. Proposes nothing, changes nothing. */
  planNow(reservations: Reservations): CheckedPlan {
    const { state } = this.#leader;
    const view = viewOf(this.#leader, this.#targets);
    const { plan, rising } = this.#plan(view);
    const { before, after } = predictBalance(view, plan);
    const holdup = this.#unsettled() ?? this.#holdup();
    const begun = new Set<number>();
    const tell = ({ partition, from, to, cause, why }: PlannedMove, held: string) => {
      return { partition, from, to, cause, bytes: state.partition(partition)?.bytes ?? 0, why, held };
    };
    const moves = plan.map((planned) => {
      const { fault, later } = this.#check(planned, view, begun, reservations);
      const move = tell(planned, fault ?? holdup ?? later ?? '');
      begun.add(planned.partition);
      if (fault === undefined) reservations.add(move.to, move.bytes);
      return move;
    });
    for (const [planned, why] of rising) moves.push(tell(planned, why));
    return { moves, before, after };
  }

  /** What the rebalancer wants, without what would make the fullest node fuller. */
  #plan(view: RebalanceView): {
    readonly plan: readonly PlannedMove[];
    readonly rising: ReadonlyMap<PlannedMove, string>;
  } {
    const { nodes } = this.#leader.state;
    // What was given up is rebuilt by repair, which does not wait for stillness.
    const wanted = this.#rebalancer.plan(view).filter((move) => nodes.get(move.from)?.replaced !== true);
    if (wanted.length === 0) return { plan: wanted, rising: new Map() };
    const rising = risingMoves(view, wanted, predictBalance(view, wanted));
    return { plan: rising.size === 0 ? wanted : wanted.filter((move) => !rising.has(move)), rising };
  }

  #unsettled(): string | undefined {
    const { state, settings, clock } = this.#leader;
    const stillMs = clock.nowMs() - state.membershipChangedMs;
    return stillMs < settings.settleMs ? `the membership changed ${(stillMs / 1_000).toFixed(1)} s ago` : undefined;
  }

  /** Whether all of it waits, which is told when it begins and when it is over. */
  #pauses(): boolean {
    const why = this.#holdup();
    if ((why !== undefined) !== this.#paused) {
      this.#paused = why !== undefined;
      const chose = this.#paused ? 'pause' : 'go on';
      this.#leader.decide({ by: 'rebalance', subject: 'plan', chose, why: why ?? 'nothing holds it up', rejected: [] });
    }
    return this.#paused;
  }

  /** Why nothing may begin now. */
  #holdup(): string | undefined {
    const { safeMode, pace, state } = this.#leader;
    if (safeMode.active) return `safe mode: ${safeMode.words()}`;
    return state.paused.rebalance ? 'paused by an operator' : pace.holdup;
  }

  #check(planned: PlannedMove, view: RebalanceView, begun: ReadonlySet<number>, reservations: Reservations): Check {
    const { partition, from, to, cause } = planned;
    if (begun.has(partition)) return { fault: `the plan moves partition ${partition} twice` };
    if ((planned.notBeforeMs ?? 0) > view.nowMs) return { later: 'it has moved only lately' };
    const failedLately = this.#control.backoffUntil(partition, to) === undefined ? undefined : 'it failed there lately';
    const fault = faultInMove(this.#leader, planned, (node) => reservations.bytes(node)) ?? failedLately;
    if (fault !== undefined) return { fault };
    return this.#control.hasTokens(cause, from, to) ? fine : { later: 'too many transfers are open' };
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

function viewOf(leader: Leader, targets: PlacementTargets): RebalanceView {
  const { state, settings, usage, clock } = leader;
  const records = state.nodes.all();
  const nodes: RebalanceNode[] = [];
  for (const record of records) {
    const { id, zone, rack, host, capacityBytes } = record.description;
    const { weight, membership, liveness, gray } = record;
    if (membership === 'left') continue;
    const accepts = isMember(record) && liveness === 'up' && !gray && usage.faultInFilling(id, 0, false) === undefined;
    nodes.push({ id, zone, rack, host, weight, membership, accepts, usedBytes: usage.usedBytes(id), capacityBytes });
  }
  const target = targets.for(records);
  const leaving = new Map([...state.moves.values()].map((move) => [move.partition, move.from]));
  const partitions = state.partitions.map(({ number, replicas, joining, bytes, movedMs }) => {
    return {
      number,
      replicas,
      joining,
      leaving: leaving.get(number),
      bytes,
      movedMs: movedMs ?? Number.NEGATIVE_INFINITY,
      target: target[number] ?? [],
    };
  });
  return { nowMs: clock.nowMs(), replication: settings.replication, nodes, partitions };
}
