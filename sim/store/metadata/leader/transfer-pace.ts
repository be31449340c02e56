import type { NodeId } from '../../../host.ts';
import type { HealthReport } from '../../messages/metadata.ts';
import type { MetadataSettings } from '../config.ts';

/** A report older than this tells nothing of now. */
const reportMs = 3_000;
/** The rate changes so often at most: what a change brings must be seen first. */
const stepMs = 1_000;
/** With fewer gets in a window a p99 is the slowest of a few. */
const leastGets = 20;
/** Balance waits until p99 has been below this share of its limit for a while. */
const calmShare = 0.8;
const calmMs = 3_000;

interface Latency {
  readonly p99Ms: number;
  readonly saidMs: number;
}

/**
 * How fast transfers may go so that clients don't suffer: halved each second in which the p99 of client gets is over its
 * limit, raised step by step while it is not, between bounds (additive increase, multiplicative decrease; Chiu and Jain, 1989).
 */
export class TransferPace {
  readonly #settings: MetadataSettings['transfers'];
  readonly #leastBytesPerSecond: number;
  readonly #byGateway = new Map<NodeId, Latency>();
  #steppedMs = Number.NEGATIVE_INFINITY;
  #distressMs = Number.NEGATIVE_INFINITY;
  bytesPerSecond: number;
  /** Why no move for the sake of balance should begin; undefined if it may. */
  holdup: string | undefined;

  constructor(settings: MetadataSettings) {
    this.#settings = settings.transfers;
    const { bytesPerSecond, leastBytesPerSecond } = this.#settings;
    this.#leastBytesPerSecond = Math.min(bytesPerSecond, leastBytesPerSecond);
    this.bytesPerSecond = bytesPerSecond;
  }

  noteReport(gateway: NodeId, { getP99Ms, gets }: HealthReport, nowMs: number): void {
    if (getP99Ms !== undefined && gets >= leastGets) this.#byGateway.set(gateway, { p99Ms: getP99Ms, saidMs: nowMs });
  }

  /** Called in each round. @returns why the rate changed for the worse, or is whole again; undefined otherwise. */
  step(nowMs: number): string | undefined {
    const { clientP99LimitMs, bytesPerSecond, increaseBytesPerSecond } = this.#settings;
    const worstMs = this.#worst(nowMs);
    const words = `p99 of client gets ${worstMs.toFixed(0)} ms, limit ${clientP99LimitMs} ms`;
    const over = worstMs > clientP99LimitMs;
    if (worstMs > clientP99LimitMs * (this.holdup === undefined ? 1 : calmShare)) {
      this.#distressMs = nowMs;
      this.holdup = words;
    } else if (nowMs - this.#distressMs > calmMs) this.holdup = undefined;
    if (nowMs - this.#steppedMs < stepMs) return undefined;
    const before = this.bytesPerSecond;
    if (!over && before === bytesPerSecond) return undefined;
    this.#steppedMs = nowMs;
    this.bytesPerSecond = over
      ? Math.max(this.#leastBytesPerSecond, before / 2)
      : Math.min(bytesPerSecond, before + increaseBytesPerSecond);
    return this.bytesPerSecond < before || this.bytesPerSecond === bytesPerSecond ? words : undefined;
  }

  #worst(nowMs: number): number {
    let worstMs = 0;
    for (const { p99Ms, saidMs } of this.#byGateway.values()) {
      if (nowMs - saidMs <= reportMs) worstMs = Math.max(worstMs, p99Ms);
    }
    return worstMs;
  }
}
