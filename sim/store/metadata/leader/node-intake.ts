import type { NodeId } from '../../../host.ts';
import type { HealthReport, MetadataReply, MetadataRequest } from '../../messages/metadata.ts';
import type { Heartbeat, NodeDescription, NodeInventory, NodeLeave } from '../../messages/node.ts';
import type { BlockAt, Command } from '../state/commands.ts';
import { type NodeRecord, newNodeRecord } from '../state/node-table.ts';
import type { Leader } from './leader.ts';
import { commandBytes } from './outbox.ts';
import type { Planner } from './planner.ts';
import { commandFor } from './proposals.ts';

/** The leader's side of data nodes: registrations, heartbeats with what they report, leaves; and what gateways tell of them. */
export class NodeIntake {
  readonly #leader: Leader;
  readonly #planner: Planner;

  constructor(leader: Leader, planner: Planner) {
    this.#leader = leader;
    this.#planner = planner;
  }

  /** The command that registers a node, or why it is refused. */
  admit(node: NodeDescription): Command | string {
    const { state, detector, clock, host } = this.#leader;
    const known = state.nodes.get(node.id);
    const nowMs = host.clock.nowMs();
    const knownDisk = known?.description.diskId ?? '';
    const alive = known !== undefined && known.liveness !== 'down' && detector.leaseHolds(node.id, nowMs);
    if (alive && knownDisk !== node.diskId) {
      return `node.id: found ${node.id} with disk ${node.diskId}, but it is alive with disk ${knownDisk}, accepted: another id, or this one once the lease has run out`;
    }
    const refusal = known === undefined ? this.#refusal(newNodeRecord(node, 'up', 0)) : undefined;
    if (refusal !== undefined) return refusal;
    const atMs = clock.nowMs();
    detector.admitted(node.id, nowMs);
    return { kind: 'node.register', atMs, node, knownDisk, liveness: detector.livenessAtReturn(known, atMs) };
  }

  /** The command that gives a node another weight, or why it is refused. */
  reweigh(request: Extract<MetadataRequest, { kind: 'admin.weight' }>): Command | string {
    const { state, clock } = this.#leader;
    const known = state.nodes.get(request.node);
    const refusal = known === undefined ? undefined : this.#refusal({ ...known, weight: request.weight });
    return refusal ?? commandFor(request, clock.nowMs());
  }

  /** The registration was applied. */
  registered(node: NodeDescription): MetadataReply {
    const { detector, host, outbox, outliers, safeMode, settings, state } = this.#leader;
    detector.registered(node.id, host.clock.nowMs());
    outliers.clear(node.id);
    safeMode.heard(node.id);
    outbox.clear(node.id);
    this.#planner.onRestart(node.id);
    this.#planner.inventories.onRestart(node.id);
    this.#planner.createMapIfReady();
    return {
      kind: 'node.registered',
      leaseMs: settings.leaseMs,
      heartbeatMs: settings.heartbeatMs,
      epoch: state.map.epoch,
    };
  }

  /** Takes note of a beat. What it reports that must outlast this leader comes back as a command; undefined if there is nothing. */
  hear(beat: Heartbeat): Command | 'unknown' | undefined {
    const { state, detector, host, usage, outbox, clock, outliers, peers, safeMode } = this.#leader;
    const known = state.nodes.get(beat.id);
    const nowMs = host.clock.nowMs();
    const admitted =
      known !== undefined && known.liveness !== 'down' && known.description.incarnation === beat.incarnation;
    if (!admitted || !detector.leaseHolds(beat.id, nowMs)) return 'unknown';
    detector.beat(beat.id, nowMs);
    safeMode.heard(beat.id);
    usage.report(beat.id, beat.usedBytes, beat.capacityBytes, beat.readOnly);
    outliers.noteDisk(beat.id, beat.diskFailing);
    if (beat.unreachable.length > 0) peers.noteUnreachable(beat.id, beat.unreachable, state.nodes.size, nowMs);
    const dropped: number[] = [];
    for (const commandId of beat.doneCommands) {
      const command = outbox.find(beat.id, commandId);
      const partition = command === undefined ? undefined : this.#planner.collector.onDone(beat.id, command);
      if (partition !== undefined) dropped.push(partition);
    }
    const held: BlockAt[] = [];
    for (const { partition, verified } of beat.transfers) for (const id of verified) held.push({ id, partition });
    if (held.length + beat.corrupt.length + dropped.length === 0) return undefined;
    return { kind: 'node.report', atMs: clock.nowMs(), node: beat.id, held, lacking: beat.corrupt, dropped };
  }

  /** A node tells all that it holds of a partition. */
  onInventory(inventory: NodeInventory): MetadataReply {
    return this.#planner.inventories.onInventory(inventory);
  }

  /** A gateway tells how it fares with the data nodes. */
  onHealthReport(gateway: NodeId, report: HealthReport): void {
    const { host, outliers, pace, peers, state } = this.#leader;
    const nowMs = host.clock.nowMs();
    peers.noteReport(gateway, report, state.nodes.size, nowMs);
    outliers.noteReport(gateway, report, nowMs);
    pace.noteReport(gateway, report, nowMs);
  }

  /** An object was committed: its blocks fill their holders before the next beat tells so. */
  onCommitted({ blocks, acked }: Extract<MetadataRequest, { kind: 'object.commit' }>): void {
    for (const [position, { sizeBytes }] of blocks.entries()) {
      for (const node of acked[position] ?? []) this.#leader.usage.written(node, sizeBytes);
    }
  }

  /** A node asks to leave. @returns the command that lets it; undefined if it is on its way already. */
  leave({ id, incarnation }: NodeLeave): Command | 'unknown' | undefined {
    const { state, clock } = this.#leader;
    const known = state.nodes.get(id);
    if (known === undefined || known.description.incarnation !== incarnation) return 'unknown';
    if (known.membership === 'draining' || known.membership === 'left') return undefined;
    const why = 'it asked to leave';
    return { kind: 'node.membership', atMs: clock.nowMs(), node: id, membership: 'draining', why, epoch: 'any' };
  }

  /** How far a node's leave is. */
  leaving(id: NodeId): MetadataReply {
    return { kind: 'node.leaving', left: this.#leader.state.nodes.get(id)?.membership === 'left' };
  }

  /** What the beat reported was applied, so its commands need not be repeated: follows its transfers and answers with what there is to do. */
  answer(beat: Heartbeat): MetadataReply {
    const { outbox, settings, state } = this.#leader;
    for (const commandId of beat.doneCommands) outbox.remove(beat.id, commandId);
    for (const report of beat.transfers) this.#planner.control.onReport(beat.id, report);
    this.#planner.inventories.onBeat(beat);
    const commands = outbox.next(beat.id);
    const { leaseMs } = settings;
    return { kind: 'node.beat', leaseMs, epoch: state.map.epoch, commands, controlBytes: commandBytes(commands) };
  }

  /** Why placement would not have the node as this record says. */
  #refusal(record: NodeRecord): string | undefined {
    const others = this.#leader.state.nodes.all().filter(({ description }) => description.id !== record.description.id);
    return this.#planner.targets.refusal([...others, record]);
  }
}
