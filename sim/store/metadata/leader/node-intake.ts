import type { MetadataReply } from '../../messages/metadata.ts';
import type { Heartbeat, NodeDescription } from '../../messages/node.ts';
import type { BlockAt, Command } from '../state/commands.ts';
import type { Leader } from './leader.ts';
import { commandBytes } from './outbox.ts';
import type { Planner } from './planner.ts';

/** The leader's side of data nodes: registrations, and heartbeats with what they report. */
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
    const liveness = detector.livenessAtReturn(node.id, nowMs);
    return { kind: 'node.register', atMs: clock.nowMs(), node, knownDisk, liveness };
  }

  /** The registration was applied. */
  registered(node: NodeDescription): MetadataReply {
    const { detector, host, outbox, settings, state } = this.#leader;
    detector.registered(node.id, host.clock.nowMs());
    outbox.clear(node.id);
    this.#planner.control.onRestart(node.id);
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
    const { state, detector, host, usage, outbox, clock } = this.#leader;
    const known = state.nodes.get(beat.id);
    const nowMs = host.clock.nowMs();
    const admitted =
      known !== undefined && known.liveness !== 'down' && known.description.incarnation === beat.incarnation;
    if (!admitted || !detector.leaseHolds(beat.id, nowMs)) return 'unknown';
    detector.beat(beat.id, nowMs);
    const fullness = usage.report(beat.id, beat.usedBytes, beat.capacityBytes);
    if (fullness.before !== fullness.after) {
      const why = `${((100 * beat.usedBytes) / beat.capacityBytes).toFixed(1)} % used`;
      this.#leader.decide({ by: 'capacity', subject: beat.id, chose: fullness.after, why, rejected: [] });
    }
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

  /** What the beat reported was applied, so its commands need not be repeated: follows its transfers and answers with what there is to do. */
  answer(beat: Heartbeat): MetadataReply {
    const { outbox, settings, state } = this.#leader;
    for (const commandId of beat.doneCommands) outbox.remove(beat.id, commandId);
    for (const report of beat.transfers) this.#planner.control.onReport(beat.id, report);
    const commands = outbox.next(beat.id);
    const { leaseMs } = settings;
    return { kind: 'node.beat', leaseMs, epoch: state.map.epoch, commands, controlBytes: commandBytes(commands) };
  }
}
