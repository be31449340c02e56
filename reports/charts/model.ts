/**
 * What the charts are drawn from: the records of a comparison reduced to at most a few hundred time bins. JSON-able, because
 * the same object is drawn to SVG when the report is written and drawn again by the page's own script. Nothing here knows of
 * the DOM, of Node or of Vega.
 */

/** Loads of a node that the heatmap can show. */
export const HEAT_METRICS = ['utilisation', 'queue', 'requests', 'bytes'] as const;
export type HeatMetric = (typeof HEAT_METRICS)[number];

/** Measures of imbalance that can be shown over time. */
export const IMBALANCE_METRICS = ['peakToMean', 'cov', 'jain', 'gini', 'storedPeakToMean'] as const;
export type ImbalanceMetric = (typeof IMBALANCE_METRICS)[number];

export const DURABILITY_LEVELS = ['under-replicated', 'unavailable', 'lost'] as const;

export type Gappy = readonly (number | null)[];

/** The common time axis: `starts[i]` in `unit`s from the start of the run, all bins `width` wide. */
export interface TimeAxis {
  readonly unit: 's' | 'min' | 'h';
  readonly msPerUnit: number;
  readonly end: number;
  readonly warmup: number;
  readonly starts: readonly number[];
  readonly width: number;
  /** Buckets of the record in a bin; 1 where nothing was thinned. */
  readonly merged: number;
}

export interface OperationSeries {
  readonly requests: readonly number[];
  readonly failed: readonly number[];
  readonly p50: Gappy;
  readonly p99: Gappy;
}

/** Rows of a heatmap: nodes of one role, by zone; the last ones may be quantiles over all nodes of the role. */
export interface HeatRows {
  readonly rows: readonly { readonly id: string; readonly zone: string }[];
  readonly metrics: Readonly<Record<HeatMetric, readonly (readonly number[])[]>>;
  /** Spans in which a node was not simply up: row, first bin, bin after the last, state. */
  readonly states: readonly {
    readonly row: number;
    readonly from: number;
    readonly to: number;
    readonly state: string;
  }[];
  /** Nodes of the role in all, and how many have a row. */
  readonly nodes: number;
  readonly shown: number;
  readonly starts: readonly number[];
  readonly width: number;
}

export interface Band {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

export interface VariantData {
  readonly name: string;
  readonly operations: Readonly<Record<string, OperationSeries>>;
  readonly imbalance: Readonly<Record<ImbalanceMetric | 'random', Gappy>>;
  readonly durability: Readonly<Record<(typeof DURABILITY_LEVELS)[number], readonly number[]>>;
  readonly moved: Readonly<Record<string, readonly number[]>>;
  readonly movedTotal: number;
  readonly leastBytes: number | null;
  readonly heat: Readonly<Record<string, HeatRows>>;
  readonly hotNodes: readonly {
    readonly id: string;
    readonly start: number;
    readonly end: number;
    readonly factor: number;
  }[];
  readonly bands: readonly Band[];
  /** Mean over the seeds of each latency quantile, by operation: `[quantile, ms]`. */
  readonly quantiles: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** One difference to the baseline, as a ratio, for the chart of intervals. */
export interface DifferenceRow {
  readonly figure: string;
  readonly variant: string;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly judgement: string;
}

export interface PageData {
  readonly scenario: string;
  readonly seed: number;
  readonly seeds: number;
  readonly time: TimeAxis;
  readonly variants: readonly VariantData[];
  /** Index of the baseline in `variants`. */
  readonly baseline: number;
  readonly operations: readonly string[];
  readonly roles: readonly string[];
  readonly hotspotFactor: number;
  /** Objectives on the p99 of an operation, ms. */
  readonly p99Limits: Readonly<Record<string, number>>;
  readonly differences: readonly DifferenceRow[];
}

/** What the reader has chosen to see. */
export interface Choice {
  readonly variant: number;
  readonly heat: HeatMetric;
  readonly role: string;
  readonly imbalance: ImbalanceMetric;
  readonly operation: string;
  /** The window of time shown, in the axis' unit. */
  readonly from: number;
  readonly to: number;
  /** Width of the plotting area, for the placing of labels. */
  readonly widthPx: number;
}

/** What is shown when the page opens, and in its static pictures. */
export function defaultChoice(page: PageData, widthPx: number): Choice {
  return {
    variant: page.baseline,
    heat: 'utilisation',
    role: page.roles[0] ?? 'data',
    imbalance: 'peakToMean',
    operation: page.operations.includes('get') ? 'get' : (page.operations[0] ?? 'all'),
    from: 0,
    to: page.time.end,
    widthPx,
  };
}
