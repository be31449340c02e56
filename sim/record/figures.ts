import type { Buckets } from './buckets.ts';
import type { ReducedTimes } from './durability.ts';
import { Histogram } from './histogram.ts';
import type { LatencyTrack } from './latency-track.ts';
import { timeToRecoverMs } from './recovery.ts';
import { roundGap } from './round.ts';
import type { FaultRecord, Figure, MoveCause, RunRecord } from './schema.ts';

/** All that figures are made of: most of the finished record, and what it doesn't hold. */
export interface Measured extends Pick<RunRecord, 'operations' | 'phases' | 'imbalance' | 'ledger'> {
  readonly durationMs: number;
  readonly warmupMs: number;
  readonly buckets: Buckets;
  readonly faults: readonly FaultRecord[];
  /** What clients saw, in each bucket. */
  readonly track: LatencyTrack;
  /** Sum over nodes of the measured time in which each was hot. */
  readonly hotNodeMs: number;
  readonly redundancy: ReducedTimes;
  /** Attempts of clients at each operation's longest step, and repeated attempts of gateways, that ended after warm-up … */
  readonly attempts: number;
  /** … and operations that did. */
  readonly attempted: number;
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
    run.track.worstP99Ms(Math.ceil(run.warmupMs / run.buckets.widthMs)),
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
  rule('hotspotSeconds', 'Hot nodes × time', 's', 'lower', (run) => run.hotNodeMs / 1000),
  rule('attemptsPerRequest', 'Attempts per operation', 'ratio', 'lower', (run) => ratio(run.attempts, run.attempted)),
  rule('bytesMoved', 'Bytes copied between nodes, until whole again', 'bytes', 'lower', (run) =>
    run.movedBytes(ALL_CAUSES),
  ),
  rule('bytesMovedOverLeast', 'Bytes moved, over the least needed', 'ratio', 'lower', movedOverLeast),
  rule(
    'timeToFullRedundancyMs',
    'Loss of redundancy to full again, longest',
    'ms',
    'lower',
    (run) => run.redundancy.longestUnderReplicatedMs,
  ),
  rule(
    'underReplicatedSeconds',
    'Time under-replicated',
    's',
    'lower',
    (run) => run.redundancy.underReplicatedMs / 1000,
  ),
  rule(
    'unavailableSeconds',
    'Time with a partition unavailable',
    's',
    'lower',
    (run) => run.redundancy.unavailableMs / 1000,
  ),
  rule('lostPartitions', 'Partitions with lost data', 'count', 'lower', (run) => run.redundancy.mostLost),
  rule('timeToRecoverMs', 'Last fault ended to p99 as before', 'ms', 'lower', timeToRecoverMs),
];

const ALL_CAUSES: readonly MoveCause[] = ['repair', 'join', 'leave', 'drain', 'load'];
const MEMBERSHIP_CAUSES: readonly MoveCause[] = ['repair', 'join', 'leave', 'drain'];

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
