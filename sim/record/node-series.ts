import type { Buckets } from './buckets.ts';
import type { GaugeSource, NodeGauges } from './gauges.ts';
import type { TrackedNode } from './node-table.ts';
import { roundValue } from './round.ts';
import type { NodeRecord } from './schema.ts';

/** The series of every node, read off its gauges at the end of each bucket. */
export class NodeSeries {
  readonly #nodes: readonly TrackedNode[];
  readonly #gauges: GaugeSource;
  readonly #buckets: Buckets;
  readonly #series: OneNode[] = [];

  /** Reads the gauges of the nodes that are there: what was before doesn't count. `nodes` may grow later. */
  constructor(nodes: readonly TrackedNode[], gauges: GaugeSource, buckets: Buckets) {
    this.#nodes = nodes;
    this.#gauges = gauges;
    this.#buckets = buckets;
    for (const node of nodes) {
      if (node.process !== 'absent') this.#of(node).begin(gauges.read(node.info.id));
    }
  }

  closeBucket(index: number, nowMs: number): void {
    for (const node of this.#nodes) {
      const series = this.#of(node);
      series.closeState(index);
      if (node.process !== 'absent') series.closeBucket(index, this.#gauges.read(node.info.id), nowMs);
    }
  }

  finish(): NodeRecord[] {
    return this.#nodes.map((node) => this.#of(node).toRecord());
  }

  #of(node: TrackedNode): OneNode {
    const series = this.#series[node.index] ?? new OneNode(node, this.#buckets);
    this.#series[node.index] = series;
    return series;
  }
}

class OneNode {
  readonly #node: TrackedNode;
  readonly #series: NodeRecord['series'];
  #last: NodeGauges | null = null;
  #lastMs: number | null = null;
  #lastRequests = 0;
  #lastErrors = 0;

  constructor(node: TrackedNode, buckets: Buckets) {
    this.#node = node;
    this.#series = {
      requests: buckets.zeros(),
      errors: buckets.zeros(),
      bytes: buckets.zeros(),
      utilisation: buckets.zeros(),
      queueMean: buckets.zeros(),
      queueMax: buckets.zeros(),
      storedBytes: buckets.zeros(),
      state: buckets.zeros(),
    };
  }

  begin(gauges: NodeGauges): void {
    this.#node.setProcess(gauges.state, 0);
    this.#node.takeWorstState();
    this.#last = gauges;
  }

  closeState(index: number): void {
    this.#series.state[index] = this.#node.takeWorstState();
  }

  closeBucket(index: number, gauges: NodeGauges, nowMs: number): void {
    const elapsedMs = nowMs - (this.#lastMs ?? this.#node.presentSinceMs);
    const last = this.#last;
    if (elapsedMs <= 0) return;
    const cpu = (gauges.cpuBusyMs - (last?.cpuBusyMs ?? 0)) / (elapsedMs * Math.max(1, gauges.cores));
    const slots = (gauges.diskBusyMs - (last?.diskBusyMs ?? 0)) / (elapsedMs * Math.max(1, gauges.diskParallelism));
    const channel = (gauges.diskChannelMs - (last?.diskChannelMs ?? 0)) / elapsedMs;
    const cpuQueueMs = gauges.cpuQueueMs - (last?.cpuQueueMs ?? 0);
    const diskQueueMs = gauges.diskQueueMs - (last?.diskQueueMs ?? 0);
    const bytes = gauges.bytesIn + gauges.bytesOut - (last === null ? 0 : last.bytesIn + last.bytesOut);
    this.#series.utilisation[index] = roundValue(Math.min(1, Math.max(cpu, slots, channel)));
    this.#series.bytes[index] = roundValue(bytes);
    this.#series.queueMean[index] = roundValue(Math.max(cpuQueueMs, diskQueueMs) / elapsedMs);
    this.#series.queueMax[index] = Math.max(gauges.cpuQueueMax, gauges.diskQueueMax);
    this.#series.storedBytes[index] = gauges.usedBytes;
    this.#series.requests[index] = this.#countsItsEvents
      ? this.#node.requests - this.#lastRequests
      : gauges.workDone - (last?.workDone ?? 0);
    this.#series.errors[index] = this.#node.errors - this.#lastErrors;
    this.#last = gauges;
    this.#lastMs = nowMs;
    this.#lastRequests = this.#node.requests;
    this.#lastErrors = this.#node.errors;
  }

  /** Data nodes and clients say each request that they end; of the others only the work of their CPU is known. */
  get #countsItsEvents(): boolean {
    return this.#node.info.role === 'data' || this.#node.info.role === 'client';
  }

  toRecord(): NodeRecord {
    const { id, role, zone, rack, weight } = this.#node.info;
    return { id, role, zone, rack, weight, series: this.#series };
  }
}
