import type { NodeId, TimerHandler } from '../../../host.ts';
import type { ProposalHandler, ReadHandler } from '../log/replicated-log.ts';
import type { CommandResult } from '../state/commands.ts';
import { Collector } from './collector.ts';
import { Inventories } from './inventories.ts';
import { Judge } from './judge.ts';
import type { Leader } from './leader.ts';
import { OpenTransfers } from './open-transfers.ts';
import { Pacing } from './pacing.ts';
import { PlacementTargets } from './placement-targets.ts';
import { type CheckedPlan, Rebalancing } from './rebalancing.ts';
import { Repairs } from './repairs.ts';
import { giveUpNodes } from './replacement.ts';
import { Reservations } from './reservations.ts';
import { TransferControl } from './transfer-control.ts';
import { Upkeep } from './upkeep.ts';

const apart = 'all replicas are in distinct zones';

/** Rounds between two of the collector: garbage is never urgent. */
const roundsPerCollection = 4;

/**
 * The leader's rounds of planning. Each judges liveness, follows what is under way, starts repairs and then
 * moves as far as tokens go, and proposes all changes of owners as one command, so that a round makes at most one epoch
 * for them. Everything it needs is in the state or can be found out again: a new leader goes on where the last one stopped.
 */
export class Planner implements TimerHandler, ReadHandler, ProposalHandler<CommandResult> {
  readonly control: TransferControl;
  readonly collector: Collector;
  readonly inventories: Inventories;
  readonly #leader: Leader;
  readonly #judge: Judge;
  readonly targets: PlacementTargets;
  readonly #open: OpenTransfers;
  readonly #repairs: Repairs;
  readonly #rebalancing: Rebalancing;
  readonly #upkeep: Upkeep;
  readonly #pacing: Pacing;
  #stopped = false;
  #round = 0;
  #creating = false;
  /** What replicas had to share when it was last told. */
  #degraded: PlacementTargets['degraded'];
  /** A change of owners is on its way through the log: the next is planned on its outcome. */
  #changing = false;

  constructor(leader: Leader) {
    this.#leader = leader;
    this.#judge = new Judge(leader);
    this.targets = new PlacementTargets(leader.settings);
    this.control = new TransferControl(leader);
    this.collector = new Collector(leader);
    this.inventories = new Inventories(leader, this.collector);
    this.#open = new OpenTransfers(leader, this.control);
    this.#repairs = new Repairs(leader, this.control, this.targets);
    this.#rebalancing = new Rebalancing(leader, this.control, this.targets);
    this.#upkeep = new Upkeep(leader);
    this.#pacing = new Pacing(leader);
  }

  start(): void {
    this.#leader.host.timers.after(this.#leader.settings.planEveryMs, this, 0);
  }

  /** This member no longer leads. */
  stop(): void {
    this.#stopped = true;
  }

  /** A round begins only when the log confirms that this member leads: one that was cut off judges and orders nothing. */
  onTimer(): void {
    if (!this.#stopped) this.#leader.log.read(this, 0);
  }

  onReadFailed(): void {
    if (!this.#stopped) this.start();
  }

  onReadable(): void {
    if (this.#stopped) return;
    this.#judge.round();
    if (this.#leader.state.created) this.#plan();
    else this.createMapIfReady();
    this.start();
  }

  /** Makes the first map once enough nodes have registered. */
  createMapIfReady(): void {
    const { state, settings, clock } = this.#leader;
    if (state.created || this.#creating) return;
    const records = state.nodes.all();
    const expected = settings.expectedNodes ?? settings.replication;
    if (records.filter((record) => record.liveness === 'up').length < expected) return;
    const owners = this.targets.for(records);
    if (owners.length === 0) return;
    this.#creating = true;
    const { degraded } = this.targets;
    const why = degraded === undefined ? apart : tooFew(degraded);
    this.#leader.decide({ by: 'placement', subject: 'first map', chose: `${records.length} nodes`, why, rejected: [] });
    this.#leader.propose({ kind: 'map.create', atMs: clock.nowMs(), owners });
  }

  /** A node has a new process, which knows of no transfer and no limit. */
  onRestart(node: NodeId): void {
    this.control.onRestart(node);
    this.#pacing.onRestart(node);
  }

  /** What would move now, and what that would bring. Changes nothing. */
  planNow(): CheckedPlan {
    return this.#rebalancing.planNow(new Reservations(this.#leader.state, this.#leader.transfers));
  }

  onApplied(_tag: number, result: CommandResult): void {
    this.#changing = false;
    if (result.kind !== 'moves') return;
    const { transfers, state } = this.#leader;
    for (const end of result.ended) {
      const transfer = transfers.get(end.transferId);
      if (transfer !== undefined) this.control.close(transfer, end.outcome);
    }
    // A move that no longer fitted holds its tokens no longer.
    for (const transfer of transfers.all()) {
      if (transfer.kind === 'move' && !state.moves.has(transfer.transferId)) this.control.close(transfer, 'cancelled');
    }
    for (const move of result.begun) {
      const transfer = transfers.get(move.transferId);
      if (transfer !== undefined) this.control.order(transfer);
    }
  }

  onProposalFailed(): void {
    this.#changing = false;
    const { transfers, state } = this.#leader;
    for (const transfer of transfers.all()) {
      if (transfer.kind === 'move' && !state.moves.has(transfer.transferId)) this.control.close(transfer, 'cancelled');
    }
  }

  /** Warns where the members are in too few zones, and tells when they no longer are. */
  #tellOfZones(): void {
    const { degraded } = this.targets;
    if (degraded === this.#degraded) return;
    this.#degraded = degraded;
    const chose = degraded === undefined ? 'distinct zones' : `replicas share a ${degraded}`;
    const why = degraded === undefined ? apart : tooFew(degraded);
    this.#leader.decide({ by: 'placement', subject: 'replicas', chose, why, rejected: [] });
  }

  #plan(): void {
    const { state, clock, safeMode, transfers } = this.#leader;
    if (!safeMode.active) giveUpNodes(this.#leader);
    this.#upkeep.stateLosses();
    this.#upkeep.tellOfReplicas();
    this.#round += 1;
    if (this.#round % roundsPerCollection === 0) {
      this.collector.round();
      this.inventories.round();
    }
    this.#pacing.round();
    if (this.#changing) return;
    const end = this.#open.advance();
    const reservations = new Reservations(state, transfers);
    const busy = new Set<number>();
    const repairs = safeMode.active || state.paused.repair ? [] : this.#repairs.start(reservations, busy);
    const moves = this.#rebalancing.start(reservations, busy);
    this.#tellOfZones();
    this.#upkeep.settleMembers(this.#rebalancing.remaining);
    const begin = [...repairs, ...moves];
    const drop = this.#upkeep.copiesToDrop();
    if (begin.length + end.length + drop.length === 0) return;
    this.#changing = true;
    this.#leader.propose({ kind: 'moves.change', atMs: clock.nowMs(), begin, end, drop }, this);
  }
}

function tooFew(degraded: string): string {
  return `warning: too few to keep all replicas in distinct ${degraded}s`;
}
