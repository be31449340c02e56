import type { NodeId } from '../../../host.ts';
import type { Move } from '../state/commands.ts';
import { byName } from '../state/order.ts';
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
    const source = partition?.replicas.find((node) => node !== from && state.nodes.isUp(node));
    if (partition === undefined || source === undefined) {
      this.#leader.decideOnce({
        by: 'repair',
        subject,
        chose: 'wait',
        why: 'no owner is alive to copy from',
        rejected: [],
      });
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
      this.#leader.decide({ by: 'repair', subject, chose: to, why, rejected });
      const transferId = ids.next();
      this.#control.open(transferId, 'move', number, from, to, 'repair');
      reservations.add(to, partition.bytes);
      return { ...planned, transferId };
    }
    this.#leader.decideOnce({ by: 'repair', subject, chose: 'wait', why: 'no node can take it', rejected });
    return undefined;
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
