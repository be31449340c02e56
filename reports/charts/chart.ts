import type { TopLevelSpec } from 'vega-lite';
import type { Choice, PageData } from './model.ts';

export type Cell = string | number | null;
/** One row of a data set behind a chart. */
export type Row = Readonly<Record<string, Cell>>;
export type DataSets = Readonly<Record<string, readonly Row[]>>;

/**
 * One chart of the report: a pure function of the page's data. `spec` is compiled when the report is written and holds no
 * data; `data` fills it, both when the static picture is drawn and when the reader switches or zooms.
 */
export interface Chart {
  readonly id: string;
  /** A question. */
  title(page: PageData, choice: Choice): string;
  /** One sentence on what to look for. */
  look(page: PageData, choice: Choice): string;
  /** Whether its x axis is virtual time, so that it takes part in zoom and linked hover. */
  readonly timed: boolean;
  /** Room left and right of the plotting area together, px. */
  readonly marginPx: number;
  /** Switches of {@link Choice} that it follows, and what they offer. */
  switches(page: PageData): readonly Switch[];
  /** False where the records hold nothing to draw: an empty chart is never shown, `absent` stands in its place. */
  drawable(page: PageData): boolean;
  /** The sentence that stands where the chart would. */
  readonly absent: string;
  spec(page: PageData): TopLevelSpec;
  data(page: PageData, choice: Choice): DataSets;
  /** The data set that the table behind the chart shows, with its columns. */
  readonly table: {
    readonly from: string;
    readonly columns: readonly { readonly field: string; readonly label: string }[];
  };
}

/** A row of buttons that sets one member of {@link Choice}. */
export interface Switch {
  readonly name: 'variant' | 'heat' | 'role' | 'imbalance' | 'operation';
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** The switch between variants; empty where there is only one. */
export function variantSwitch(page: PageData): Switch[] {
  if (page.variants.length < 2) return [];
  return [
    {
      name: 'variant',
      label: 'Variant',
      options: page.variants.map(({ name }, i) => ({ value: String(i), label: name })),
    },
  ];
}

/** The switch between operations; empty where there is only one. */
export function operationSwitch(page: PageData): Switch[] {
  if (page.operations.length < 2) return [];
  return [{ name: 'operation', label: 'Operation', options: page.operations.map((op) => ({ value: op, label: op })) }];
}
