import type { NodeId } from '../../../host.ts';

const mostDoublings = 6;

/** How long a finding that has come `times` times stands: doubling from the second on, up to 64 times as long. */
export function holdingMs(baseMs: number, times: number): number {
  return baseMs * (1 << Math.max(0, Math.min(times - 1, mostDoublings)));
}

interface Finding {
  times: number;
  sinceMs: number;
}

/**
 * How long findings against nodes stand at least, longer each time that they come again soon, so that what comes and goes
 * makes few changes: as routers damp flapping routes (RFC 2439), and Envoy ejects outliers.
 */
export class HoldingTime {
  readonly #baseMs: number;
  readonly #forgetMs: number;
  readonly #findings = new Map<NodeId, Finding>();

  /** @param forgetMs - A finding after which there was none for so long counts no more. */
  constructor(baseMs: number, forgetMs: number) {
    this.#baseMs = baseMs;
    this.#forgetMs = forgetMs;
  }

  /** The finding is made now. */
  begin(node: NodeId, nowMs: number): void {
    const finding = this.#findings.get(node);
    if (finding === undefined) this.#findings.set(node, { times: 1, sinceMs: nowMs });
    else {
      finding.times = nowMs - finding.sinceMs > this.#forgetMs ? 1 : finding.times + 1;
      finding.sinceMs = nowMs;
    }
  }

  /** How long it still stands; 0 if it may be taken back. */
  leftMs(node: NodeId, nowMs: number): number {
    const finding = this.#findings.get(node);
    if (finding === undefined) return 0;
    return Math.max(0, finding.sinceMs + holdingMs(this.#baseMs, finding.times) - nowMs);
  }
}
