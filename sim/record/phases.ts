import { evenness } from './evenness.ts';
import { Histogram } from './histogram.ts';
import { LoadSpan } from './load-span.ts';
import type { TrackedNode } from './node-table.ts';
import type { OperationEvent } from './operations.ts';
import { roundGap, roundValue } from './round.ts';
import type { PhaseRecord } from './schema.ts';

/** A fault as the script has it. */
export interface PlannedFault {
  /** Short and readable: "crash data-3". */
  readonly name: string;
  readonly startMs: number;
  /** Null: lasts to the end of the run. */
  readonly endMs: number | null;
}

export interface PhaseSpan {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** More phases than this are no table any more; then all faults together make one. */
const MOST_PHASES = 40;

/**
 * Cuts a run into warm-up, before, during and after its faults. Where faults overlap, each set of active faults is
 * a phase of its own: "during a", "during a and b", "during b", "after b". Faults within warm-up don't cut it.
 */
export function planPhases(durationMs: number, warmupMs: number, faults: readonly PlannedFault[]): PhaseSpan[] {
  const spans = faults
    .map((fault) => ({ ...fault, endMs: Math.min(fault.endMs ?? durationMs, durationMs) }))
    .filter((fault) => fault.startMs < fault.endMs);
  const phases = cut(durationMs, warmupMs, spans);
  if (phases.length <= MOST_PHASES) return phases;
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.endMs));
  return cut(durationMs, warmupMs, [{ name: `${spans.length} faults`, startMs, endMs }]);
}

function cut(durationMs: number, warmupMs: number, faults: readonly PhaseSpan[]): PhaseSpan[] {
  const phases: PhaseSpan[] = [];
  if (warmupMs > 0) phases.push({ name: 'warm-up', startMs: 0, endMs: Math.min(warmupMs, durationMs) });
  const inside = faults
    .flatMap((fault) => [fault.startMs, fault.endMs])
    .filter((at) => at > warmupMs && at < durationMs);
  const cuts = [...new Set([warmupMs, ...inside, durationMs])].sort((a, b) => a - b);
  for (const [i, startMs] of cuts.entries()) {
    const endMs = cuts[i + 1];
    if (endMs === undefined || endMs <= startMs) continue;
    const name = nameAt(startMs, faults);
    const last = phases.at(-1);
    if (last !== undefined && last.name === name) phases[phases.length - 1] = { ...last, endMs };
    else phases.push({ name, startMs, endMs });
  }
  return phases;
}

function nameAt(atMs: number, faults: readonly PhaseSpan[]): string {
  const active = faults.filter((fault) => fault.startMs <= atMs && atMs < fault.endMs).map((fault) => fault.name);
  const [first, second, ...more] = active;
  if (first !== undefined) {
    if (second === undefined) return `during ${first}`;
    return more.length === 0 ? `during ${first} and ${second}` : `during ${first} and ${more.length + 1} more`;
  }
  let latest: PhaseSpan | undefined;
  for (const fault of faults) {
    if (fault.endMs <= atMs && (latest === undefined || fault.endMs >= latest.endMs)) latest = fault;
  }
  return latest === undefined ? 'before' : `after ${latest.name}`;
}

/** What happened in each phase. Operations belong to the phase in which they were called. */
export class Phases {
  readonly #phases: OnePhase[];
  readonly #span: LoadSpan;
  #recent = 0;
  #open = 0;

  constructor(spans: readonly PhaseSpan[], dataNodes: readonly TrackedNode[]) {
    this.#phases = spans.map((span) => new OnePhase(span));
    this.#span = new LoadSpan(dataNodes);
    this.#span.restart(0);
  }

  /** When the phase that runs ends; infinite after the last. */
  get nextEndMs(): number {
    return this.#phases[this.#open]?.span.endMs ?? Number.POSITIVE_INFINITY;
  }

  record(event: OperationEvent, calledMs: number): void {
    let phase = this.#phases[this.#recent];
    if (phase === undefined || !phase.holds(calledMs)) {
      this.#recent = this.#phases.findIndex((candidate) => candidate.holds(calledMs));
      phase = this.#phases[this.#recent];
    }
    phase?.record(event);
  }

  /** The running phase ends. */
  closePhase(nowMs: number): void {
    const phase = this.#phases[this.#open++];
    if (phase === undefined) return;
    const loads = this.#span.loads(nowMs, 0.1).map(({ requests, weight }) => ({ load: requests, weight }));
    phase.peakToMean = evenness(loads)?.peakToMean ?? null;
    this.#span.restart(nowMs);
  }

  finish(): PhaseRecord[] {
    return this.#phases.map((phase) => phase.toRecord());
  }
}

class OnePhase {
  readonly span: PhaseSpan;
  readonly #latency = new Histogram();
  #failed = 0;
  #unknown = 0;
  peakToMean: number | null = null;

  constructor(span: PhaseSpan) {
    this.span = span;
  }

  holds(atMs: number): boolean {
    return this.span.startMs <= atMs && atMs < this.span.endMs;
  }

  record(event: OperationEvent): void {
    if (event.status === 'ok') this.#latency.record(event.latencyMs);
    else if (event.status === 'failed') this.#failed++;
    else this.#unknown++;
  }

  toRecord(): PhaseRecord {
    const ok = this.#latency.count;
    return {
      ...this.span,
      requests: ok + this.#failed + this.#unknown,
      ok,
      failed: this.#failed,
      unknown: this.#unknown,
      goodputPerS: roundValue((ok * 1000) / (this.span.endMs - this.span.startMs)),
      p50Ms: roundGap(this.#latency.quantileMs(0.5)),
      p99Ms: roundGap(this.#latency.quantileMs(0.99)),
      maxMs: roundGap(this.#latency.maxMs),
      peakToMean: roundGap(this.peakToMean),
    };
  }
}
