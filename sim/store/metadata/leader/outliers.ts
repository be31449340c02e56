import type { NodeId } from '../../../host.ts';
import type { HealthReport, NodeHealth } from '../../messages/metadata.ts';
import type { MetadataSettings } from '../config.ts';
import { HoldingTime } from './holding-time.ts';
import { isHot, median } from './load-share.ts';

/** What one gateway has found of one node, window by window. */
interface Record {
  /** Windows in a row in which the node was an outlier. */
  strikes: number;
  judgedMs: number;
  why: string;
}

/**
 * Which nodes are slow or failing in part, as gateways see them beside the others: latency and error outliers. A node that
 * limps slows down everything that waits for it more than a dead one would, while its heartbeats look well (Huang et al.,
 * "Gray failure", HotOS 2017). Relative to the other nodes, so that load which slows down all of them makes no outlier.
 */
export class Outliers {
  readonly #settings: MetadataSettings['gray'];
  readonly #windowMs: number;
  readonly #held: HoldingTime;
  readonly #records = new Map<NodeId, Map<NodeId, Record>>();
  readonly #failingDisks = new Set<NodeId>();

  constructor(settings: MetadataSettings) {
    this.#settings = settings.gray;
    this.#windowMs = settings.suspicion.windowMs;
    this.#held = new HoldingTime(settings.gray.holdMs, settings.flapForgetMs);
  }

  /** A gateway tells how its attempts went in one window. */
  noteReport(gateway: NodeId, report: HealthReport, nowMs: number): void {
    for (const health of report.nodes) {
      if (health.attempts < this.#settings.leastAttempts) continue;
      const why = this.#fault(health, report.nodes);
      // A slow node is read from so seldom that many a window has no latency: that speaks neither for nor against it.
      if (why === undefined && health.p50Ms === 0) continue;
      if (why !== undefined && isHot(health, report.nodes)) continue;
      const record = this.#record(health.node, gateway);
      if (nowMs - record.judgedMs > this.#windowMs) record.strikes = 0;
      record.strikes = why === undefined ? 0 : record.strikes + 1;
      record.judgedMs = nowMs;
      if (why !== undefined) record.why = why;
    }
  }

  /** What the node says of its own disk with each beat. */
  noteDisk(node: NodeId, failing: boolean): void {
    if (failing) this.#failingDisks.add(node);
    else if (this.#failingDisks.size > 0) this.#failingDisks.delete(node);
  }

  /** Why the node is an outlier now: by its own word, or by that of most gateways that have judged it lately. */
  found(node: NodeId, nowMs: number): string | undefined {
    if (this.#failingDisks.has(node)) return 'reads of its disk fail';
    let judged = 0;
    let against = 0;
    let why: string | undefined;
    for (const record of this.#records.get(node)?.values() ?? []) {
      if (nowMs - record.judgedMs > this.#windowMs) continue;
      judged += 1;
      if (record.strikes < this.#settings.windows) continue;
      against += 1;
      why ??= record.why;
    }
    return 2 * against > judged ? why : undefined;
  }

  /** The node turns gray now. */
  begin(node: NodeId, nowMs: number): void {
    this.#held.begin(node, nowMs);
  }

  /** How long a gray node stays gray at least. It is then given traffic again, which shows whether it has recovered. */
  leftMs(node: NodeId, nowMs: number): number {
    return this.#held.leftMs(node, nowMs);
  }

  /** The node has a new process: what was seen of the old one is void. */
  clear(node: NodeId): void {
    this.#records.delete(node);
    this.#failingDisks.delete(node);
  }

  #record(node: NodeId, gateway: NodeId): Record {
    let records = this.#records.get(node);
    if (records === undefined) {
      records = new Map();
      this.#records.set(node, records);
    }
    let record = records.get(gateway);
    if (record === undefined) {
      record = { strikes: 0, judgedMs: Number.NEGATIVE_INFINITY, why: '' };
      records.set(gateway, record);
    }
    return record;
  }

  #fault(health: NodeHealth, all: readonly NodeHealth[]): string | undefined {
    const { slowFactor, slowLeastMs, errorShare, leastAttempts } = this.#settings;
    // Most nodes in most windows: nothing to compare.
    if (health.p50Ms < slowLeastMs && health.failures < errorShare * health.attempts) return undefined;
    const others = all.filter(({ node, attempts }) => node !== health.node && attempts >= leastAttempts);
    if (others.length === 0) return undefined;
    const share = health.failures / health.attempts;
    const usualShare = median(others.map(({ failures, attempts }) => failures / attempts));
    if (share >= errorShare && 2 * usualShare <= share) {
      return `${percent(share)} of attempts fail, ${percent(usualShare)} elsewhere`;
    }
    const usualMs = median(others.filter(({ p50Ms }) => p50Ms > 0).map(({ p50Ms }) => p50Ms));
    if (usualMs > 0 && health.p50Ms >= slowLeastMs && health.p50Ms >= slowFactor * usualMs) {
      return `its median latency is ${health.p50Ms.toFixed(1)} ms, ${usualMs.toFixed(1)} ms elsewhere`;
    }
    return undefined;
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
