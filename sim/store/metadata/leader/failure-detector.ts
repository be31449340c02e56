import type { NodeId } from '../../../host.ts';
import type { Liveness } from '../../model.ts';
import type { MetadataSettings } from '../config.ts';
import type { LivenessChange } from '../state/commands.ts';
import type { NodeRecord } from '../state/node-table.ts';
import { holdingMs } from './holding-time.ts';
import type { PeerReports } from './peer-reports.ts';

/** The moment at which nodes are judged. */
export interface Judgement {
  /** On the leader's monotonic clock. */
  readonly nowMs: number;
  /** In cluster time, of which the records tell. */
  readonly clusterMs: number;
  /** Whether silence may be held against anybody: see safe-mode.ts. */
  readonly mayFall: boolean;
}

/**
 * Judges whether nodes are alive, by the leader's clock alone: from heartbeats, and from what peers say of those that beat.
 * A lease is what a node was promised at its last beat; a node is down only after its lease has run out, so that it has
 * fenced itself by then. What peers say makes nobody more than suspect.
 *
 * Flapping nodes are held suspect after their return, each time twice as long; what counts for that stands in their records,
 * so a new leader goes on with it.
 */
export class FailureDetector {
  readonly #settings: MetadataSettings;
  readonly #peers: PeerReports;
  readonly #lastBeatMs = new Map<NodeId, number>();
  readonly #admittedMs = new Map<NodeId, number>();

  /** A new leader gives every node a whole lease before it judges. */
  constructor(settings: MetadataSettings, peers: PeerReports, nodes: readonly NodeRecord[], nowMs: number) {
    this.#settings = settings;
    this.#peers = peers;
    for (const { description } of nodes) this.#lastBeatMs.set(description.id, nowMs);
  }

  /** How a returning node is to be taken up. */
  livenessAtReturn(known: NodeRecord | undefined, clusterMs: number): Liveness {
    return known !== undefined && this.#flaps(known, clusterMs) ? 'suspect' : 'up';
  }

  /**
   * Its registration is on its way through the log. A verdict that came behind it there would take from the node the lease that
   * it is about to be given.
   */
  admitted(id: NodeId, nowMs: number): void {
    this.#admittedMs.set(id, nowMs);
  }

  registered(id: NodeId, nowMs: number): void {
    this.#lastBeatMs.set(id, nowMs);
    this.#peers.clear(id);
  }

  beat(id: NodeId, nowMs: number): void {
    this.#lastBeatMs.set(id, nowMs);
  }

  /** Whether the node may still take itself to be registered. */
  leaseHolds(id: NodeId, nowMs: number): boolean {
    const lastBeatMs = this.#lastBeatMs.get(id);
    return lastBeatMs !== undefined && nowMs - lastBeatMs <= this.#settings.leaseMs;
  }

  silentMs(id: NodeId, nowMs: number): number {
    return nowMs - (this.#lastBeatMs.get(id) ?? nowMs);
  }

  /** The leader itself stood still for so long: that silence was its own. */
  excuse(stalledMs: number): void {
    for (const [id, lastBeatMs] of this.#lastBeatMs) this.#lastBeatMs.set(id, lastBeatMs + stalledMs);
  }

  /** Safe mode is over: who was not heard yet is given another whole lease to be. */
  pardon(nowMs: number): void {
    for (const [id, lastBeatMs] of this.#lastBeatMs) {
      if (nowMs - lastBeatMs > this.#settings.suspectAfterMs) this.#lastBeatMs.set(id, nowMs);
    }
  }

  /** How long the node is still held suspect for having flapped. */
  heldMs(record: NodeRecord, clusterMs: number): number {
    if (record.registeredMs < record.fellMs || !this.#flaps(record, record.registeredMs)) return 0;
    const holdMs = holdingMs(this.#settings.flapHoldMs, record.falls - 1);
    return Math.max(0, record.registeredMs + holdMs - clusterMs);
  }

  /** What has changed since `nodes` were judged last. A node that is down comes back by registering, not by a beat. */
  judge(nodes: readonly NodeRecord[], judgement: Judgement): LivenessChange[] {
    const changes: LivenessChange[] = [];
    for (const record of nodes) {
      const { description, liveness, membership } = record;
      if (liveness === 'down' || membership === 'left' || !this.#lastBeatMs.has(description.id)) continue;
      const found = this.#found(record, judgement);
      if (found.liveness === liveness) continue;
      const { id: node, incarnation } = description;
      const falls = found.liveness === 'down' ? this.#falls(record, judgement.clusterMs) : undefined;
      changes.push({ node, incarnation, ...found, ...(falls === undefined ? {} : { falls }) });
    }
    return changes;
  }

  #found(record: NodeRecord, { nowMs, clusterMs, mayFall }: Judgement): Pick<LivenessChange, 'liveness' | 'why'> {
    const { id } = record.description;
    const silentMs = this.silentMs(id, nowMs);
    const silent = `silent for ${(silentMs / 1_000).toFixed(1)} s`;
    const returnsMs = nowMs - (this.#admittedMs.get(id) ?? Number.NEGATIVE_INFINITY);
    if (Math.min(silentMs, returnsMs) > this.#settings.downAfterMs && mayFall) return { liveness: 'down', why: silent };
    if (silentMs > this.#settings.suspectAfterMs) return { liveness: 'suspect', why: silent };
    if (this.heldMs(record, clusterMs) > 0) return { liveness: 'suspect', why: 'flapping' };
    const accused = this.#peers.verdict(id, nowMs);
    if (accused !== undefined) return { liveness: 'suspect', why: accused };
    return { liveness: 'up', why: record.falls > 1 ? 'has beaten steadily again' : 'beats again' };
  }

  /** How often it has gone down of late if it goes down now. */
  #falls(record: NodeRecord, clusterMs: number): number {
    return this.#recent(record, clusterMs) ? record.falls + 1 : 1;
  }

  #flaps(record: NodeRecord, clusterMs: number): boolean {
    return record.falls >= 2 && this.#recent(record, clusterMs);
  }

  #recent({ falls, fellMs }: NodeRecord, clusterMs: number): boolean {
    return falls > 0 && clusterMs - fellMs <= this.#settings.flapForgetMs;
  }
}
