import type { NodeId } from '../host.ts';
import type { StoreEvent } from '../store/events.ts';
import { Buckets } from './buckets.ts';
import { ClusterHistory } from './cluster-history.ts';
import { figuresOf } from './figures.ts';
import type { GaugeSource } from './gauges.ts';
import { toHotspot } from './hotspot-end.ts';
import { Hotspots } from './hotspots.ts';
import { Imbalance, storedPeakToMean } from './imbalance.ts';
import { Ledger } from './ledger.ts';
import { NodeSeries } from './node-series.ts';
import { type NodeInfo, NodeTable, type ProcessState } from './node-table.ts';
import { type OperationEvent, Operations, type Unanswered } from './operations.ts';
import { Phases, type PlannedFault, planPhases } from './phases.ts';
import { type CheckResult, type FaultRecord, RECORD_VERSION, type RunRecord } from './schema.ts';

/** What is known of a run before it starts. */
export interface RecorderInput extends Pick<RunRecord, 'scenario' | 'variant' | 'seed' | 'command'> {
  /** Nodes that join later may be named here with `fromMs`, or told by {@link Recorder.nodeJoined}. */
  readonly nodes: readonly NodeInfo[];
  /** The fault script, for the phases. */
  readonly faultsPlanned: readonly PlannedFault[];
  /** A readable width with at most 300 buckets by default. */
  readonly bucketWidthMs?: number;
}

/** What is known of a run only after it. */
export interface RecorderEnd {
  readonly faults: readonly FaultRecord[];
  readonly checks: readonly CheckResult[];
  readonly fingerprint: string;
  /** Kernel events. */
  readonly events: number;
  readonly notes: readonly string[];
  /** Requests of the traffic that no 'operation' event told of. */
  readonly unanswered: Unanswered;
  /** Least bytes that the changes of membership had to move; null where there were none. */
  readonly leastBytes: number | null;
}

/**
 * Turns what happens in a run into its {@link RunRecord}, in memory bounded by the cluster and the number of time
 * buckets. Make it when time 0 is now: what gauges counted before is left out. Tell it the cluster map of that
 * instant as an 'epoch' event. Then feed it in order of time: every store event, every change of a process, and a
 * tick at each bucket's end.
 */
export class Recorder {
  readonly buckets: Buckets;
  readonly #input: RecorderInput;
  readonly #table: NodeTable;
  readonly #operations: Operations;
  readonly #phases: Phases;
  readonly #nodeSeries: NodeSeries;
  readonly #imbalance: Imbalance;
  readonly #hotspots: Hotspots;
  readonly #ledger: Ledger;
  readonly #history: ClusterHistory;
  #bucket = 0;
  #nextMs = 0;
  #endMs: number;
  /** Of what ended after warm-up: an attempt doesn't tell when its operation was called. */
  #attempts = 0;
  #attempted = 0;

  constructor(input: RecorderInput, gauges: GaugeSource) {
    const { durationMs, warmupMs, hotspot, partitions } = input.scenario;
    this.#input = input;
    this.buckets = new Buckets(durationMs, input.bucketWidthMs);
    this.#endMs = durationMs;
    this.#table = new NodeTable(input.nodes);
    const { all, data } = this.#table;
    this.#operations = new Operations(this.buckets);
    this.#phases = new Phases(planPhases(durationMs, warmupMs, input.faultsPlanned), data);
    this.#nodeSeries = new NodeSeries(all, gauges, this.buckets);
    this.#imbalance = new Imbalance(data, gauges, this.buckets);
    this.#hotspots = new Hotspots(hotspot, durationMs, partitions, data, warmupMs);
    this.#ledger = new Ledger(this.buckets, () => storedPeakToMean(data, gauges));
    this.#history = new ClusterHistory(this.#table, this.#ledger, this.buckets, { warmupMs, durationMs });
    this.#aim();
  }

  /** When the next tick is due; infinite when the run's time is over. */
  get nextTickMs(): number {
    return this.#bucket < this.buckets.count ? this.#bucketEndMs : Number.POSITIVE_INFINITY;
  }

  /** An event of a node. The three frequent kinds allocate nothing. */
  onEvent(nodeId: NodeId, event: StoreEvent, nowMs: number): void {
    if (nowMs >= this.#nextMs) this.#roll(nowMs);
    switch (event.kind) {
      case 'served':
        if (nowMs < this.#endMs) this.#onServed(nodeId, event);
        return;
      case 'attempt':
        if (event.outcome === 'failed' || event.outcome === 'timeout') this.#table.get(nodeId).errors++;
        if (event.retry && nowMs >= this.#input.scenario.warmupMs) this.#attempts++;
        return;
      case 'operation':
        this.#onOperation(nodeId, event, nowMs);
        return;
      default:
        this.#history.onEvent(event, nowMs);
    }
  }

  /** Call it at the end of each bucket ({@link nextTickMs}): gauges are read then. */
  onTick(nowMs: number): void {
    if (nowMs >= this.#nextMs) this.#roll(nowMs);
  }

  /** A node that was not in the input starts. */
  nodeJoined(info: NodeInfo, nowMs: number): void {
    if (nowMs >= this.#nextMs) this.#roll(nowMs);
    this.#table.add(info, 'absent').setProcess('up', nowMs);
    this.#history.nodeJoined(info.id, nowMs);
  }

  /** A process started, stopped, was paused or went on: the truth, told at once. */
  nodeState(id: NodeId, state: ProcessState, nowMs: number): void {
    if (nowMs >= this.#nextMs) this.#roll(nowMs);
    this.#history.nodeState(id, state, nowMs);
  }

  /** A node's disk was destroyed or replaced by an empty one. */
  diskDestroyed(id: NodeId, nowMs: number): void {
    if (nowMs >= this.#nextMs) this.#roll(nowMs);
    this.#history.diskDestroyed(id, nowMs);
  }

  /** Closes the run and gives its record. Call it once. */
  finish(end: RecorderEnd): RunRecord {
    this.#roll(this.#endMs);
    const { scenario, variant, seed, command } = this.#input;
    this.#operations.addUnanswered(end.unanswered);
    const operations = this.#operations.finish();
    const phases = this.#phases.finish();
    const imbalance = this.#imbalance.finish();
    const { durability, redundancy, decisions, epochs } = this.#history.finish();
    const ledger = this.#ledger.finish(end.leastBytes);
    const around = {
      faults: end.faults,
      changes: this.#history.changes,
      withinMs: Math.max(scenario.hotspot.forMs, 1_000),
    };
    const hotspots = this.#hotspots.finish().map((episode) => toHotspot(episode, around));
    const figures = figuresOf({
      ...{ operations, phases, imbalance, ledger, redundancy },
      track: this.#operations.track,
      hotNodeMs: this.#hotspots.hotNodeMs,
      durationMs: scenario.durationMs,
      warmupMs: scenario.warmupMs,
      buckets: this.buckets,
      faults: end.faults,
      attempts: this.#attempts,
      attempted: this.#attempted,
      movedBytes: (causes) => this.#ledger.movedBytes(causes),
    });
    return {
      version: RECORD_VERSION,
      ...{ scenario, variant, seed, command },
      fingerprint: end.fingerprint,
      events: end.events,
      buckets: { widthMs: this.buckets.widthMs, count: this.buckets.count },
      ...{ figures, operations, phases },
      nodes: this.#nodeSeries.finish(),
      ...{ imbalance, hotspots },
      faults: [...end.faults],
      ...{ durability, ledger },
      ...{ epochs, decisions },
      checks: [...end.checks],
      notes: [...end.notes, ...this.#notes(end.unanswered)],
    };
  }

  get #bucketEndMs(): number {
    return Math.min(this.#endMs, this.buckets.startMs(this.#bucket + 1));
  }

  #onServed(nodeId: NodeId, event: Extract<StoreEvent, { kind: 'served' }>): void {
    const node = this.#table.get(nodeId);
    node.requests++;
    if (!event.ok) node.errors++;
    this.#hotspots.served(node, event.key, event.partition);
  }

  #onOperation(nodeId: NodeId, event: OperationEvent, nowMs: number): void {
    const calledMs = nowMs - event.latencyMs;
    if (calledMs >= this.#endMs) return;
    const node = this.#table.get(nodeId);
    node.requests++;
    if (event.status !== 'ok') node.errors++;
    const measured = calledMs >= this.#input.scenario.warmupMs;
    if (nowMs >= this.#input.scenario.warmupMs) {
      this.#attempts += Math.max(1, event.attempts, event.metadataAttempts);
      this.#attempted++;
    }
    this.#operations.record(event, measured, nowMs < this.#endMs);
    this.#phases.record(event, Math.max(0, calledMs));
  }

  /** Closes every window, bucket and phase that ends by now, in order of time. */
  #roll(nowMs: number): void {
    while (this.#nextMs <= nowMs && this.#nextMs <= this.#endMs) {
      const atMs = this.#nextMs;
      while (this.#hotspots.nextEndMs <= atMs) this.#hotspots.closeWindow(this.#hotspots.nextEndMs);
      while (this.#phases.nextEndMs <= atMs) this.#phases.closePhase(atMs);
      if (this.#bucket < this.buckets.count && this.#bucketEndMs <= atMs) this.#closeBucket(atMs);
      this.#aim();
    }
  }

  #closeBucket(atMs: number): void {
    this.#operations.closeBucket(this.#bucket);
    this.#imbalance.closeBucket(this.#bucket, atMs);
    this.#nodeSeries.closeBucket(this.#bucket, atMs);
    this.#bucket++;
    this.#history.startBucket(this.#bucket);
  }

  #aim(): void {
    this.#nextMs = Math.min(this.nextTickMs, this.#hotspots.nextEndMs, this.#phases.nextEndMs);
    if (this.#nextMs > this.#endMs) this.#nextMs = Number.POSITIVE_INFINITY;
  }

  #notes({ clientEnded, stillOpen }: Unanswered): string[] {
    const notes: string[] = [];
    const { late } = this.#operations;
    const { omitted } = this.#hotspots;
    const unanswered = 'requests were never answered and count as unknown, in totals only:';
    if (clientEnded > 0) notes.push(`${clientEnded} ${unanswered} their client's process ended`);
    if (stillOpen > 0) notes.push(`${stillOpen} ${unanswered} they were still open when the run was over`);
    if (late > 0)
      notes.push(`operations that ended after the last time bucket, in the totals but not in the series: ${late}`);
    if (omitted > 0) notes.push(`${omitted} more hotspot episodes were found than the record keeps`);
    notes.push(...this.#history.notes());
    return notes;
  }
}
