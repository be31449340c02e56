import { operations } from '../request.ts';
import type { Trace } from '../trace/trace.ts';
import { lruHitRatio } from './lru.ts';
import { fitCurve } from './popularity-curve.ts';
import { summarise } from './quantiles.ts';
import type { Profile, ProfileClass } from './schema.ts';

const putIndex = operations.indexOf('put');
const maxBins = 200;
const maxWindows = 20_000;
const hottestKept = 16;
/** Cache sizes of the check, as shares of the number of keys. */
const lruShares = [0.003, 0.01, 0.03, 0.1, 0.3];

/** What a profile says of its origin beyond what the file tells. */
export interface ProfileLabel {
  readonly name: string;
  /** Who recorded the trace, and where it can be had. */
  readonly source: string;
  readonly licence: string;
  /** Day of the first request, `1995-08-01`; by default the trace's own, if its clock has an origin. */
  readonly date?: string | undefined;
}

/** Fits a profile to a trace. */
export function fitProfile(trace: Trace, label: ProfileLabel): Profile {
  const counts = new Uint32Array(trace.keys.length);
  for (const key of trace.key) counts[key] = (counts[key] ?? 0) + 1;
  const byRank = Uint32Array.from(counts, (_, key) => key).sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const sortedCounts = byRank.map((key) => counts[key] ?? 0);
  const { path, format, sha256, bytes, lines } = trace.origin;
  const { name, source, licence, date = trace.origin.date } = label;
  return {
    kind: 'evenkeel-traffic-profile',
    version: 1,
    name,
    provenance: {
      source,
      licence,
      file: path.slice(path.lastIndexOf('/') + 1),
      format,
      sha256,
      bytes,
      lines,
      ...(date === undefined ? {} : { date }),
      tool: 'evenkeel trace profile, version 1',
    },
    requests: trace.count,
    keys: trace.keys.length,
    clients: trace.clientCount,
    durationMs: trace.durationMs,
    rate: fitRate(trace),
    popularity: fitCurve(sortedCounts),
    hottestBytes: Array.from(byRank.slice(0, hottestKept), (key) => trace.keySizeBytes[key] ?? 0),
    classes: fitClasses(trace, counts),
    check: {
      onceShare: digits(sortedCounts.filter((count) => count === 1).length / trace.keys.length),
      top10Share: digits(sortedCounts.slice(0, 10).reduce((sum, count) => sum + count, 0) / trace.count),
      meanBytes: digits(trace.keySizeBytes.reduce((sum, size) => sum + size, 0) / trace.keys.length),
      mix: mixOf(trace.op),
      lru: lruSizes(trace.keys.length).map((objects) => ({
        objects,
        hitRatio: digits(lruHitRatio(trace.key, objects)),
      })),
    },
  };
}

function digits(value: number): number {
  return Number(value.toPrecision(4));
}

function lruSizes(keys: number): readonly number[] {
  const sizes = lruShares.map((share) => Math.max(10, Number((keys * share).toPrecision(1))));
  return [...new Set(sizes)];
}

/** Weights of the operations; undefined if there is no request. */
function countOps(op: Iterable<number>): NonNullable<ProfileClass['mix']> | undefined {
  const counts = operations.map(() => 0);
  let total = 0;
  for (const index of op) {
    counts[index] = (counts[index] ?? 0) + 1;
    total++;
  }
  if (total === 0) return undefined;
  return Object.fromEntries(operations.map((op, i) => [op, counts[i] ?? 0]).filter(([, count]) => count !== 0));
}

function mixOf(op: Iterable<number>): Profile['check']['mix'] {
  return countOps(op) ?? { get: 1 };
}

function fitRate(trace: Trace): Profile['rate'] {
  const { durationMs, timeMs } = trace;
  // Whole seconds, unless the trace is longer than the windows that are looked at; a bin holds whole windows.
  const windowMs = Math.max(1000, Math.ceil(durationMs / maxWindows / 1000) * 1000);
  const perBin = Math.max(1, Math.ceil(durationMs / maxBins / windowMs));
  const requests = histogram(timeMs, perBin * windowMs, durationMs);
  const windows = histogram(timeMs, windowMs, durationMs);
  let excess = 0;
  let square = 0;
  windows.forEach((count, i) => {
    const bin = Math.floor(i / perBin);
    const windowsInBin = Math.min(perBin, windows.length - bin * perBin);
    const mean = (requests[bin] ?? 0) / windowsInBin;
    // Poisson counts around a mean that is their own lose one degree of freedom.
    excess += (count - mean) * (count - mean) - mean * (1 - 1 / windowsInBin);
    square += mean * mean;
  });
  const burstiness = digits(square > 0 ? Math.max(0, excess / square) : 0);
  return { binMs: perBin * windowMs, requests, windowMs, burstiness };
}

function histogram(timeMs: Float64Array, binMs: number, durationMs: number): number[] {
  const bins = new Array<number>(Math.ceil(durationMs / binMs)).fill(0);
  for (const t of timeMs) {
    const bin = Math.min(bins.length - 1, Math.floor(t / binMs));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}

/** 0 for a count of 1, 1 for 2, 2 for 3, then one class for each power of two. */
function classIndex(count: number): number {
  return count < 4 ? count - 1 : 32 - Math.clz32(count);
}

function firstCountOf(index: number): number {
  return index < 3 ? index + 1 : 1 << (index - 1);
}

class ClassFigures {
  readonly gaps: number[] = [];
  readonly sizes: number[] = [];
  readonly ops: number[] = [];
  requests = 0;
  bornByPut = 0;
}

function fitClasses(trace: Trace, counts: Uint32Array): ProfileClass[] {
  const classes: ClassFigures[] = [];
  const last = new Int32Array(trace.keys.length).fill(-1);
  trace.key.forEach((key, i) => {
    const index = classIndex(counts[key] ?? 1);
    while (classes.length <= index) classes.push(new ClassFigures());
    const figures = classes[index];
    if (!figures) return;
    const op = trace.op[i] ?? 0;
    const before = last[key] ?? -1;
    figures.requests++;
    if (before >= 0) figures.gaps.push(i - before);
    else figures.sizes.push(trace.keySizeBytes[key] ?? 0);
    if (before < 0 && op === putIndex) figures.bornByPut++;
    else figures.ops.push(op);
    last[key] = i;
  });
  return classes.flatMap((figures, index) => {
    const keys = figures.sizes.length;
    if (keys === 0) return [];
    const mix = countOps(figures.ops);
    return {
      fromCount: firstCountOf(index),
      keys,
      requests: figures.requests,
      gaps: [...summarise(figures.gaps)],
      sizes: [...summarise(figures.sizes)],
      bornByPut: digits(figures.bornByPut / keys),
      ...(mix ? { mix } : {}),
    };
  });
}
