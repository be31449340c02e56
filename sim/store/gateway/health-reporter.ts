import type { Host, TimerHandler } from '../../host.ts';
import type { AttemptOutcome } from '../balancer/balancer.ts';
import type { HealthReport, NodeHealth } from '../messages/metadata.ts';
import type { MetadataChannel, MetadataHandler } from '../metadata/channel.ts';
import type { BackendPool, PooledBackend } from './backend-pool.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { Verdict } from './traffic-window.ts';

/** What a report takes on the wire, and each node in it. */
const REPORT_BYTES = 32;
const NODE_BYTES = 24;

/**
 * Tells metadata, once an interval while there is traffic, how the data nodes answer this gateway: what a failure detector
 * by heartbeats cannot see. Latencies are those of reads, which say more of one node than writes do. A report that is lost is not told again: the next one is fresher.
 */
export class HealthReporter implements TimerHandler, MetadataHandler {
  readonly #host: Host;
  readonly #channel: MetadataChannel;
  readonly #pool: BackendPool;
  readonly #everyMs: number;
  readonly #gets = new LatencyHistogram();
  #sinceMs = 0;
  #scheduled = false;

  constructor(host: Host, channel: MetadataChannel, pool: BackendPool, everyMs: number) {
    this.#host = host;
    this.#channel = channel;
    this.#pool = pool;
    this.#everyMs = everyMs;
  }

  /** A read was answered that had been sent to a data node. */
  gotAnswer(latencyMs: number): void {
    this.#gets.add(latencyMs);
  }

  attemptEnded(
    { traffic }: PooledBackend,
    op: 'read' | 'write',
    outcome: AttemptOutcome,
    verdict: Verdict,
    latencyMs: number,
  ): void {
    if (verdict === 'nothing') return;
    traffic.attempts += 1;
    if (verdict === 'fault') traffic.failures += 1;
    if (outcome === 'timeout') traffic.timeouts += 1;
    if (op === 'read' && outcome === 'ok') traffic.addRead(latencyMs);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#sinceMs = this.#host.clock.nowMs();
    this.#host.timers.after(this.#everyMs, this, 0);
  }

  onTimer(): void {
    this.#scheduled = false;
    const nowMs = this.#host.clock.nowMs();
    const nodes = this.#pool.table.flatMap(trafficOf);
    const report: HealthReport = {
      kind: 'health.report',
      windowMs: nowMs - this.#sinceMs,
      getP99Ms: this.#gets.quantileMs(0.99),
      gets: this.#gets.count,
      nodes,
      controlBytes: REPORT_BYTES + NODE_BYTES * nodes.length,
    };
    this.#gets.clear();
    for (const { traffic } of this.#pool.table) traffic.clear();
    this.#channel.ask(report, nowMs + this.#everyMs, this, 0);
  }

  onMetadata(): void {}

  onMetadataFailed(): void {}
}

function trafficOf({ id, traffic }: PooledBackend): readonly NodeHealth[] {
  const { attempts, failures, timeouts, medianMs } = traffic;
  return attempts === 0 ? [] : [{ node: id, attempts, failures, timeouts, p50Ms: medianMs ?? 0 }];
}
