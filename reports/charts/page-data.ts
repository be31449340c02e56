import { MOVE_CAUSES, type RunRecord } from '../../sim/record/schema.ts';
import { formatMs } from '../compare/format.ts';
import type { Scorecard } from '../compare/scorecard.ts';
import type { Trials } from '../compare/trials.ts';
import { heatRows } from './heat-rows.ts';
import type { Band, DifferenceRow, OperationSeries, PageData, TimeAxis, VariantData } from './model.ts';
import { type Bins, binsFor, filled, keepMax, keepMean, keepMin, keepSum, rounded } from './thin.ts';

/** At most so many bins of time on the page, and so many points in one set of small multiples (what a brush can redraw at once). */
const MOST_BINS = 300;
const MOST_POINTS = 2160;
/** Cells of all heatmaps together: what keeps the file under a megabyte. */
const MOST_CELLS = 24_000;

/** Reduces the records of a comparison to what the charts draw. Time series are those of one seed, see {@link medianSeed}. */
export function pageData(trials: Trials, card: Scorecard): PageData {
  const seed = medianSeed(trials, card);
  const shown = trials.variants.flatMap((variant) => {
    const record = trials.at(variant, seed) ?? trials.of(variant).find((candidate) => candidate !== null);
    return record ? [record] : [];
  });
  const [first] = shown;
  if (first === undefined) throw new Error('records: found none to draw');
  const bins = binsFor(first.buckets.count, Math.min(MOST_BINS, Math.floor(MOST_POINTS / shown.length)));
  const time = timeAxis(first, bins);
  const roles = (['data', 'gateway', 'metadata'] as const).filter((role) =>
    first.nodes.some((node) => node.role === role),
  );
  const cells = Math.floor(MOST_CELLS / shown.length);
  const operations = first.operations.filter(({ requests }) => requests > 0).map(({ op }) => op);

  return {
    scenario: first.scenario.name,
    seed,
    seeds: trials.seeds.length,
    time,
    baseline: trials.variants.indexOf(trials.baseline),
    operations,
    roles,
    hotspotFactor: first.scenario.hotspot.factor,
    p99Limits: p99Limits(first, operations),
    differences: differenceRows(card),
    variants: shown.map(
      (record): VariantData => ({
        name: record.variant.name,
        operations: Object.fromEntries(
          record.operations.map((operation) => [
            operation.op,
            operationSeries(operation, bins, record.buckets.widthMs),
          ]),
        ),
        imbalance: {
          peakToMean: rounded(keepMax(record.imbalance.peakToMean, bins)),
          cov: rounded(keepMax(record.imbalance.cov, bins)),
          jain: rounded(keepMin(record.imbalance.jain, bins)),
          gini: rounded(keepMax(record.imbalance.gini, bins)),
          storedPeakToMean: rounded(keepMax(record.imbalance.storedPeakToMean, bins)),
          random: rounded(keepMean(record.imbalance.random, bins)),
        },
        durability: {
          'under-replicated': filled(keepMax(record.durability.underReplicated, bins)),
          unavailable: filled(keepMax(record.durability.unavailable, bins)),
          lost: filled(keepMax(record.durability.lost, bins)),
        },
        moved: Object.fromEntries(
          MOVE_CAUSES.flatMap((cause) =>
            record.ledger.movedBytes[cause] ? [[cause, keepSum(record.ledger.movedBytes[cause], bins)]] : [],
          ),
        ),
        movedTotal: record.figures['bytesMoved']?.value ?? movedInAxis(record),
        leastBytes: record.ledger.leastBytes,
        heat: Object.fromEntries(roles.map((role) => [role, heatRows(record, role, cells, time.msPerUnit)])),
        hotNodes: record.hotspots
          .filter(({ subject }) => subject === 'node')
          .map(({ id, startMs, endMs, peakFactor }) => ({
            id,
            start: startMs / time.msPerUnit,
            end: (endMs ?? record.scenario.durationMs) / time.msPerUnit,
            factor: peakFactor,
          })),
        bands: bands(record, time),
        quantiles: meanQuantiles(trials.of(record.variant.name)),
      }),
    ),
  };
}

/**
 * The one seed whose time series the page shows, the same for all variants so that they saw the same traffic and faults:
 * that on which the variants stand closest to the middle of their own seeds in the first headline figure.
 */
export function medianSeed(trials: Trials, card: Scorecard): number {
  const key = card.rows.find((row) => row.headline === 0)?.figure ?? card.rows[0]?.figure ?? '';
  const complete = trials.seeds.filter((seed) => trials.variants.every((variant) => trials.at(variant, seed) !== null));
  const candidates = complete.length > 0 ? complete : trials.seeds;
  const distance = (seed: number): number =>
    trials.variants.reduce((sum, variant) => {
      const values = candidates.flatMap((s) => trials.at(variant, s)?.figures[key]?.value ?? []);
      const own = trials.at(variant, seed)?.figures[key]?.value;
      if (own === null || own === undefined) return sum + candidates.length;
      const rank = values.filter((v) => v < own).length + (values.filter((v) => v === own).length - 1) / 2;
      return sum + Math.abs(rank - (values.length - 1) / 2);
    }, 0);
  const ranked = candidates
    .map((seed) => ({ seed, distance: distance(seed) }))
    .sort((a, b) => a.distance - b.distance || a.seed - b.seed);
  return ranked[0]?.seed ?? 0;
}

function movedInAxis(record: RunRecord): number {
  return Object.values(record.ledger.movedBytes).reduce((sum, series) => sum + series.reduce((s, v) => s + v, 0), 0);
}

function timeAxis(record: RunRecord, bins: Bins): TimeAxis {
  const { durationMs, warmupMs } = record.scenario;
  const [unit, msPerUnit] =
    durationMs <= 600_000
      ? (['s', 1000] as const)
      : durationMs <= 3 * 3_600_000
        ? (['min', 60_000] as const)
        : (['h', 3_600_000] as const);
  const width = (record.buckets.widthMs * bins.merged) / msPerUnit;
  return {
    unit,
    msPerUnit,
    end: durationMs / msPerUnit,
    warmup: warmupMs / msPerUnit,
    starts: Array.from({ length: bins.count }, (_, i) => Number((i * width).toPrecision(8))),
    width,
    merged: bins.merged,
  };
}

function operationSeries(operation: RunRecord['operations'][number], bins: Bins, widthMs: number): OperationSeries {
  const { series } = operation;
  const perSecond = (values: readonly number[]): number[] =>
    rounded(filled(keepMean(values, bins)).map((value) => (value * 1000) / widthMs));
  return {
    requests: perSecond(series.requests),
    failed: perSecond(series.failed.map((value, i) => value + (series.unknown[i] ?? 0))),
    p50: rounded(keepMean(series.p50Ms, bins)),
    p99: rounded(keepMax(series.p99Ms, bins)),
  };
}

function bands(record: RunRecord, time: TimeAxis): Band[] {
  return record.faults
    .map(({ kind, targets, line, startMs, endMs }) => {
      const named =
        `${kind} ${targets.slice(0, 2).join(', ')}${targets.length > 2 ? ` and ${targets.length - 2} more` : ''}`.trim();
      return {
        start: startMs / time.msPerUnit,
        end: (endMs ?? record.scenario.durationMs) / time.msPerUnit,
        label: line.length <= named.length ? line : named,
      };
    })
    .sort((a, b) => a.start - b.start || a.end - b.end);
}

function meanQuantiles(records: readonly (RunRecord | null)[]): Record<string, [number, number][]> {
  const present = records.filter((record) => record !== null);
  const operations = [...new Set(present.flatMap((record) => record.operations.map(({ op }) => op)))];
  return Object.fromEntries(
    operations.map((op) => {
      const lists = present.flatMap((record) =>
        record.operations
          .filter((operation) => operation.op === op && operation.latency.count > 0)
          .map(({ latency }) => new Map(latency.percentiles)),
      );
      // A quantile that only some seeds have enough samples for would be a mean of the busiest seeds.
      const shared = [...(lists[0]?.keys() ?? [])].filter((q) => lists.every((list) => list.has(q)));
      return [
        op,
        shared.map((q) => [
          q,
          Number((lists.reduce((sum, list) => sum + (list.get(q) ?? 0), 0) / lists.length).toPrecision(5)),
        ]),
      ];
    }),
  );
}

/** Objectives that speak of the p99 of an operation: its name and "p99" both occur in the figure's key. */
function p99Limits(record: RunRecord, operations: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    operations.flatMap((op) => {
      const slo = record.scenario.slo.find(
        ({ figure, max }) =>
          max !== undefined &&
          /p99(?!\d)/i.test(figure) &&
          figure.toLowerCase().includes(op) &&
          record.figures[figure]?.unit === 'ms',
      );
      return slo?.max === undefined ? [] : [[op, slo.max]];
    }),
  );
}

function differenceRows(card: Scorecard): DifferenceRow[] {
  return card.rows
    .filter((row) => row.headline !== null)
    .flatMap((row) =>
      row.cells.flatMap(({ variant, difference, judgement }) => {
        const relative = difference?.relative;
        if (!relative || relative.low === null || relative.high === null) return [];
        return [
          {
            figure: row.label,
            variant,
            ratio: 1 + relative.value,
            low: 1 + relative.low,
            high: 1 + relative.high,
            judgement,
          },
        ];
      }),
    );
}

/** What the page says about thinning and choice of seeds. */
export function thinningNotes(page: PageData, trials: Trials): string[] {
  const notes: string[] = [];
  if (trials.seeds.length > 1) {
    notes.push(
      `Charts over time, lists and tables show seed ${page.seed} of ${trials.seeds.length}, the one on which the variants stand closest to their own medians; the scorecard and the percentiles take all seeds.`,
    );
  }
  if (page.time.merged > 1) {
    notes.push(
      `Time is thinned: ${page.time.merged} buckets of the record (${formatMs(page.time.width * page.time.msPerUnit)} together) make one bin. p99, imbalance and durability keep the worst of a bin, rates and p50 the mean.`,
    );
  }
  for (const role of page.roles) {
    const heat = page.variants[0]?.heat[role];
    if (!heat) continue;
    if (heat.shown < heat.nodes)
      notes.push(
        `The heatmap shows ${heat.shown} of ${heat.nodes} ${role} nodes: those that a fault struck or that left, then the busiest; the rows below them are quantiles over all ${heat.nodes}.`,
      );
    if (heat.starts.length < page.time.starts.length)
      notes.push(`The heatmap of ${role} nodes has ${heat.starts.length} bins, each the maximum over its buckets.`);
  }
  const lines = new Set(page.variants.map((variant) => JSON.stringify(variant.bands)));
  if (lines.size > 1)
    notes.push(
      'Faults that pick their target during the run struck different nodes under different variants; strips are labelled with those of the first variant.',
    );
  const missing = trials.variants.flatMap((variant) =>
    trials.seeds.filter((seed) => trials.at(variant, seed) === null).map((seed) => `${variant} seed ${seed}`),
  );
  if (missing.length > 0)
    notes.push(
      `Trials without a record, left out of every figure: ${missing.slice(0, 6).join(', ')}${missing.length > 6 ? ` and ${missing.length - 6} more` : ''}.`,
    );
  return notes;
}
