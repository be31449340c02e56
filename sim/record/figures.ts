import type { Buckets } from './buckets.ts';
import { Histogram } from './histogram.ts';
import { roundGap } from './round.ts';
import type { FaultRecord, Figure, MoveCause, RunRecord } from './schema.ts';

/** All that figures are made of: most of the finished record, and what it doesn't hold. */
export interface Measured
  extends Pick<RunRecord, 'operations' | 'phases' | 'imbalance' | 'hotspots' | 'durability' | 'ledger'> {
  readonly durationMs: number;
  readonly warmupMs: number;
  readonly buckets: Buckets;
  readonly faults: readonly FaultRecord[];
  /** Attempts of clients and repeated attempts of gateways, for operations called after warm-up. */
  readonly attempts: number;
  readonly movedBytes: (causes: readonly MoveCause[]) => number;
}

interface FigureRule extends Omit<Figure, 'value'> {
  readonly name: string;
  readonly value: (run: Measured) => number | null;
}

/** Every figure, in the scorecard's order. Names are stable: baselines and SLOs refer to them. */
export const FIGURES: readonly FigureRule[] = [
  rule('goodputPerS', 'Goodput', 'per-second', 'higher', (run) => perSecond(run, total(run)?.ok)),
  rule('availability', 'Availability', 'fraction', 'higher', (run) => ratio(total(run)?.ok, total(run)?.requests)),
  rule('failed', 'Failed operations', 'count', 'lower', (run) => total(run)?.failed ?? null),
  rule('unknown', 'Operations of unknown outcome', 'count', 'lower', (run) => total(run)?.unknown ?? null),
  rule('getP50Ms', 'Get, median', 'ms', 'lower', (run) => quantile(run, 'get', 0.5)),
  rule('getP99Ms', 'Get, p99', 'ms', 'lower', (run) => quantile(run, 'get', 0.99)),
  rule('getP999Ms', 'Get, p99.9', 'ms', 'lower', (run) => quantile(run, 'get', 0.999)),
  rule('putP50Ms', 'Put, median', 'ms', 'lower', (run) => quantile(run, 'put', 0.5)),
  rule('putP99Ms', 'Put, p99', 'ms', 'lower', (run) => quantile(run, 'put', 0.99)),
  rule('allP99Ms', 'All operations, p99', 'ms', 'lower', (run) => quantile(run, 'all', 0.99)),
  rule('worstP99Ms', 'Worst p99 of a time bucket', 'ms', 'lower', (run) =>
    greatest(measured(run, total(run)?.series.p99Ms)),
  ),
  rule('peakToMean', 'Load, peak to mean', 'ratio', 'lower', (run) => mean(measured(run, run.imbalance.peakToMean))),
  rule('worstPeakToMean', 'Load, worst peak to mean', 'ratio', 'lower', (run) =>
    greatest(measured(run, run.imbalance.peakToMean)),
  ),
  rule('randomPeakToMean', 'Load, peak to mean of pure chance', 'ratio', 'neither', (run) =>
    mean(measured(run, run.imbalance.random)),
  ),
  rule('cov', 'Load, coefficient of variation', 'ratio', 'lower', (run) => mean(measured(run, run.imbalance.cov))),
  rule('storedPeakToMean', 'Stored bytes at the end, peak to mean', 'ratio', 'lower', (run) =>
    last(measured(run, run.imbalance.storedPeakToMean)),
  ),
  rule('hotspotSeconds', 'Hot nodes × time', 's', 'lower', hotspotSeconds),
  rule('attemptsPerRequest', 'Attempts per operation', 'ratio', 'lower', (run) =>
    ratio(run.attempts, total(run)?.requests),
  ),
  rule('bytesMoved', 'Bytes copied between nodes', 'bytes', 'lower', (run) => run.movedBytes(ALL_CAUSES)),
  rule('bytesMovedOverLeast', 'Bytes moved, over the least needed', 'ratio', 'lower', movedOverLeast),
  rule('timeToFullRedundancyMs', 'Loss of redundancy to full again, longest', 'ms', 'lower', timeToFullRedundancyMs),
  rule('underReplicatedSeconds', 'Time under-replicated', 's', 'lower', (run) => levelSeconds(run, 'under-replicated')),
  rule('unavailableSeconds', 'Time with a partition unavailable', 's', 'lower', (run) =>
    levelSeconds(run, 'unavailable'),
  ),
  rule('lostPartitions', 'Partitions with lost data', 'count', 'lower', (run) => greatest(run.durability.lost)),
  rule('timeToRecoverMs', 'Last fault ended to p99 as before', 'ms', 'lower', timeToRecoverMs),
];

const ALL_CAUSES: readonly MoveCause[] = ['repair', 'join', 'leave', 'drain', 'load'];
const MEMBERSHIP_CAUSES: readonly MoveCause[] = ['repair', 'join', 'leave', 'drain'];

/** p99 counts as recovered below this multiple of what it was before the faults … */
const RECOVERED = 1.5;
/** … for this many buckets in a row. */
const STEADY_BUCKETS = 3;

/** Computes {@link FIGURES}; null where the run gave no sample. */
export function figuresOf(run: Measured): Record<string, Figure> {
  const figures: Record<string, Figure> = {};
  for (const { name, label, unit, better, value } of FIGURES) {
    figures[name] = { label, unit, better, value: roundGap(value(run)) };
  }
  return figures;
}

function rule(
  name: string,
  label: string,
  unit: Figure['unit'],
  better: Figure['better'],
  value: FigureRule['value'],
): FigureRule {
  return { name, label, unit, better, value };
}

/** Null where nothing was moved at all: whoever leaves new nodes empty has not moved little, but not begun. */
function movedOverLeast(run: Measured): number | null {
  const moved = run.movedBytes(MEMBERSHIP_CAUSES);
  return moved === 0 ? null : ratio(moved, run.ledger.leastBytes ?? 0);
}

function total(run: Measured): RunRecord['operations'][number] | undefined {
  return run.operations.find(({ op }) => op === 'all');
}

function perSecond(run: Measured, count: number | undefined): number | null {
  const seconds = (run.durationMs - run.warmupMs) / 1000;
  return count === undefined || seconds <= 0 ? null : count / seconds;
}

function ratio(part: number | undefined, whole: number | undefined): number | null {
  return part === undefined || whole === undefined || whole === 0 ? null : part / whole;
}

/** Null where fewer samples lie above the quantile than one. */
function quantile(run: Measured, op: string, q: number): number | null {
  const latency = run.operations.find((one) => one.op === op)?.latency;
  if (latency === undefined || latency.count * (1 - q) < 0.999_999) return null;
  return Histogram.fromSparse(latency.histogram, latency).quantileMs(q);
}

/** Values of the buckets that begin after warm-up. */
function measured(run: Measured, series: readonly (number | null)[] = []): number[] {
  return series.filter((value, i): value is number => value !== null && run.buckets.startMs(i) >= run.warmupMs);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function greatest(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
}

function last(values: readonly number[]): number | null {
  return values.at(-1) ?? null;
}

/** Length of a span within the measured time; one without end lasts to the end of the run. */
function secondsWithin(run: Measured, span: { readonly startMs: number; readonly endMs: number | null }): number {
  const startMs = Math.max(run.warmupMs, span.startMs);
  const endMs = Math.min(run.durationMs, span.endMs ?? run.durationMs);
  return Math.max(0, endMs - startMs) / 1000;
}

function hotspotSeconds(run: Measured): number {
  const nodes = run.hotspots.filter(({ subject }) => subject === 'node');
  return nodes.reduce((sum, episode) => sum + secondsWithin(run, episode), 0);
}

function levelSeconds(run: Measured, level: string): number {
  const spans = run.durability.spans.filter((span) => span.level === level);
  return spans.reduce((sum, span) => sum + secondsWithin(run, span), 0);
}

/**
 * The longest time for which not all partitions were whole: from a loss to full redundancy. Where there is none by the
 * end of the run, the time up to then.
 */
function timeToFullRedundancyMs(run: Measured): number | null {
  const spans = run.durability.spans.filter(
    ({ level, endMs }) => level === 'under-replicated' && (endMs === null || endMs > run.warmupMs),
  );
  return greatest(spans.map(({ startMs, endMs }) => (endMs ?? run.durationMs) - Math.max(run.warmupMs, startMs)));
}

/** From the end of the last fault until p99 is back; to the end of the run where it never is. */
function timeToRecoverMs(run: Measured): number | null {
  const beforeMs = run.phases.find(({ name }) => name === 'before')?.p99Ms ?? null;
  const ends = run.faults.map(({ endMs }) => endMs).filter((endMs) => endMs !== null);
  const endMs = greatest(ends);
  const p99Ms = total(run)?.series.p99Ms ?? [];
  if (beforeMs === null || endMs === null || endMs >= run.durationMs) return null;
  const good = p99Ms.map((value) => value === null || value <= RECOVERED * beforeMs);
  for (let i = Math.ceil(endMs / run.buckets.widthMs); i < p99Ms.length; i++) {
    if (good.slice(i, i + STEADY_BUCKETS).every((steady) => steady)) return Math.max(0, run.buckets.startMs(i) - endMs);
  }
  return run.durationMs - endMs;
}
