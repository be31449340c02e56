import type { NodeId } from '../../../host.ts';
import type { Move } from '../state/commands.ts';
import { byName } from '../state/order.ts';
import type { Partition } from '../state/partition.ts';
import type { Leader } from './leader.ts';
import { faultInMove } from './move-check.ts';
import type { PlacementTargets } from './placement-targets.ts';
import { type RepairTask, repairTasks } from './repair-queue.ts';
import type { Reservations } from './reservations.ts';
import type { TransferControl } from './transfer-control.ts';

interface Rejection {
  readonly option: string;
  readonly why: string;
}

/** Starts repairs, the most urgent first, as far as tokens go: refills of live owners, and moves away from lost ones. */
export class Repairs {
  readonly #leader: Leader;
  readonly #control: TransferControl;
  readonly #targets: PlacementTargets;

  constructor(leader: Leader, control: TransferControl, targets: PlacementTargets) {
    this.#leader = leader;
    this.#control = control;
    this.#targets = targets;
  }

  /** @returns the moves to begin, whose partitions are now in `busy`. */
  start(reservations: Reservations, busy: Set<number>): Move[] {
    const { state, clock } = this.#leader;
    const moves: Move[] = [];
    for (const task of repairTasks(state, clock.nowMs())) {
      if (task.kind === 'refill') {
        this.#refill(task);
        continue;
      }
      if (busy.has(task.partition)) continue;
      const move = this.#replace(task, reservations);
      if (move === undefined) continue;
      busy.add(task.partition);
      moves.push(move);
    }
    return moves;
  }

  #refill(task: RepairTask): void {
    const { state, transfers, ids } = this.#leader;
    const partition = state.partition(task.partition);
    if (partition === undefined || transfers.isRefilling(task.partition, task.node)) return;
    if (this.#control.backoffUntil(task.partition, task.node) !== undefined) return;
    const { blocks, sources, wanted } = this.#control.copyFor(partition, task.node);
    const [source] = sources;
    if (source === undefined) {
      const why = `no live node has any of ${wanted} blocks`;
      this.#leader.decideOnce({
        by: 'repair',
        subject: `partition ${task.partition} on ${task.node}`,
        chose: 'wait',
        why,
        rejected: [],
      });
      return;
    }
    if (!this.#control.hasTokens('repair', source, task.node)) return;
    const transfer = this.#control.open(ids.next(), 'refill', task.partition, source, task.node, 'repair');
    const why = `${task.node} lacks ${wanted} blocks, ${task.remaining} good copies left`;
    this.#leader.emit({
      kind: 'move-started',
      transferId: transfer.transferId,
      cause: 'repair',
      partition: task.partition,
      from: source,
      to: task.node,
      blocks: blocks.length,
      why,
    });
    this.#control.order(transfer);
  }

  #replace(task: RepairTask, reservations: Reservations): Move | undefined {
    const { state, ids } = this.#leader;
    const { partition: number, node: from } = task;
    const partition = state.partition(number);
    const subject = `partition ${number} without ${from}`;
    if (partition === undefined) return undefined;
    const source = this.#source(partition, from);
    if (source === undefined) {
      const why = 'nobody alive has what it had';
      this.#leader.decideOnce({ by: 'repair', subject, chose: 'wait', why, rejected: [] });
      return undefined;
    }
    const rejected: Rejection[] = [];
    for (const to of this.#candidates(partition.replicas, from, number)) {
      const why = `${from} was given up, ${task.remaining} good copies left`;
      const planned = { partition: number, from, to, cause: 'repair', why } as const;
      const fault = this.#backoff(number, to) ?? faultInMove(this.#leader, planned, (node) => reservations.bytes(node));
      if (fault !== undefined) {
        rejected.push({ option: to, why: fault });
        continue;
      }
      if (!this.#control.hasTokens('repair', source, to)) return undefined;
      this.#leader.decide({
        by: 'repair',
        subject,
        chose: to,
        why: `${why}${this.#sharing(partition, from, to)}`,
        rejected,
      });
      const transferId = ids.next();
      this.#control.open(transferId, 'move', number, from, to, 'repair');
      reservations.add(to, partition.bytes);
      return { ...planned, transferId };
    }
    this.#leader.decideOnce({ by: 'repair', subject, chose: 'wait', why: 'no node can take it', rejected });
    return undefined;
  }

  /**
   * Whom to copy from, as far as tokens are concerned: the least busy of the live holders. Where all that was there is
   * lost, or nothing ever was, there is nothing to copy, and the partition needs no source to be given live owners.
   */
  #source(partition: Partition, from: NodeId): NodeId | undefined {
    const { state, transfers } = this.#leader;
    let best: NodeId | undefined;
    for (const node of partition.holders()) {
      if (node === from || !state.nodes.isUp(node)) continue;
      if (best === undefined || transfers.load(node) < transfers.load(best)) best = node;
    }
    return best ?? (partition.blocks.size === partition.lost.size ? from : undefined);
  }

  /** A warning where there are too few zones. */
  #sharing(partition: Partition, from: NodeId, to: NodeId): string {
    const { state } = this.#leader;
    const zone = state.nodes.get(to)?.description.zone;
    const other = partition.replicas.find((node) => node !== from && state.nodes.get(node)?.description.zone === zone);
    return other === undefined ? '' : `; warning: it shares zone ${zone} with ${other}`;
  }

  #backoff(partition: number, to: NodeId): string | undefined {
    const untilMs = this.#control.backoffUntil(partition, to);
    return untilMs === undefined ? undefined : 'it failed there lately';
  }

  /** Placement's choice first; then whoever keeps the zones apart and holds least for its weight. */
  #candidates(replicas: readonly NodeId[], from: NodeId, partition: number): NodeId[] {
    const { state } = this.#leader;
    const records = state.nodes.all();
    const preferred = (this.#targets.for(records)[partition] ?? []).filter((node) => !replicas.includes(node));
    const zones = new Set(
      replicas.filter((node) => node !== from).map((node) => state.nodes.get(node)?.description.zone),
    );
    const held = new Map<NodeId, number>();
    for (const { replicas: owners, joining } of state.partitions) {
      for (const node of owners) held.set(node, (held.get(node) ?? 0) + 1);
      for (const node of joining) held.set(node, (held.get(node) ?? 0) + 1);
    }
    const others = records
      .filter(({ description: { id } }) => !replicas.includes(id) && !preferred.includes(id))
      .map(({ description: { id, zone }, weight }) => ({
        id,
        shared: zones.has(zone) ? 1 : 0,
        load: (held.get(id) ?? 0) / weight,
      }))
      .sort((a, b) => a.shared - b.shared || a.load - b.load || byName(a.id, b.id));
    return [...preferred, ...others.map(({ id }) => id)];
  }
}
