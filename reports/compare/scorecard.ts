import type { Comparison, Figure, RunRecord } from '../../sim/record/schema.ts';
import { type CheckOutcome, checkOutcomes, type SloOutcome, sloOutcomes } from './failures.ts';
import { headlineFigures } from './headline.ts';
import { type PairedDifference, pairedDifference } from './paired.ts';
import { arrangeTrials, type Trials } from './trials.ts';

/** Whether a paired difference is an improvement; `unsure` where the interval includes zero or there is none. */
export type Judgement = 'better' | 'worse' | 'different' | 'unsure';

/** One variant's standing in one figure. */
export interface ScorecardCell {
  readonly variant: string;
  /** Seeds with a sample, and all seeds that ran. */
  readonly samples: number;
  readonly trials: number;
  readonly mean: number | null;
  readonly least: number | null;
  readonly most: number | null;
  /** To the baseline variant, paired by seed; null for the baseline itself and where no seed has a sample of both. */
  readonly difference: PairedDifference | null;
  readonly judgement: Judgement;
  /** Seeds on which this variant was better (worse) than the baseline. */
  readonly wins: number;
  readonly losses: number;
}

/** One figure over all variants. */
export interface ScorecardRow {
  readonly figure: string;
  readonly label: string;
  readonly unit: Figure['unit'];
  readonly better: Figure['better'];
  /** Rank among the figures of the verdict, or null. */
  readonly headline: number | null;
  readonly cells: readonly ScorecardCell[];
  /**
   * The one variant that differs significantly, for the better, from every other that has a sample; null where there is none.
   * It has a sample on every seed that gave any variant one, as the missing ones may be its worst.
   */
  readonly best: string | null;
  /**
   * Of the variants with a sample on every seed that gave any of them one: those that can't be told from the best mean, it
   * first. Empty where there is no such variant, or the figure has no direction.
   */
  readonly leaders: readonly string[];
  /** Variants that lack a sample where another has one: they can neither lead nor be best. */
  readonly partial: readonly string[];
  /** The best mean against the nearest that it doesn't beat, fully sampled ones first; where it beats all, against the second best. */
  readonly lead: { readonly variant: string; readonly over: string; readonly difference: PairedDifference } | null;
}

/** Variants × figures with everything the verdict, the page and the terminal table need. JSON-able. */
export interface Scorecard {
  readonly scenario: string;
  readonly baseline: string;
  readonly variants: readonly string[];
  readonly seeds: readonly number[];
  readonly rows: readonly ScorecardRow[];
  readonly checks: readonly CheckOutcome[];
  readonly slos: readonly SloOutcome[];
}

/** The scorecard of a comparison. */
export function scorecard(comparison: Comparison, records: readonly RunRecord[]): Scorecard {
  const trials = arrangeTrials(comparison, records);
  return {
    scenario: comparison.scenario,
    baseline: trials.baseline,
    variants: trials.variants,
    seeds: trials.seeds,
    rows: compareFigures(trials),
    checks: checkOutcomes(trials),
    slos: sloOutcomes(trials),
  };
}

/** Every figure that any record holds, compared over the variants; headline figures first, the others in the record's order. */
export function compareFigures(trials: Trials): ScorecardRow[] {
  const records = trials.variants.flatMap((variant) => trials.of(variant).filter((record) => record !== null));
  const headlines = headlineFigures(records);
  const keys = new Set([...headlines, ...records.flatMap((record) => Object.keys(record.figures))]);
  return [...keys].flatMap((key) => {
    const figure = records.find((record) => record.figures[key])?.figures[key];
    return figure ? [compareFigure(trials, key, figure, headlines.indexOf(key))] : [];
  });
}

function compareFigure(trials: Trials, key: string, figure: Figure, headline: number): ScorecardRow {
  const valuesOf = (variant: string): (number | null)[] =>
    trials.of(variant).map((record) => record?.figures[key]?.value ?? null);
  const cells = trials.variants.map((variant): ScorecardCell => {
    const ran = trials.of(variant).filter((record) => record !== null).length;
    const samples = valuesOf(variant).filter((value) => value !== null);
    const difference =
      variant === trials.baseline ? null : pairedDifference(valuesOf(trials.baseline), valuesOf(variant));
    return {
      variant,
      samples: samples.length,
      trials: ran,
      mean: samples.length === 0 ? null : samples.reduce((sum, value) => sum + value, 0) / samples.length,
      least: samples.length === 0 ? null : Math.min(...samples),
      most: samples.length === 0 ? null : Math.max(...samples),
      difference,
      judgement: judge(difference, figure.better),
      wins: winsOf(difference, figure.better),
      losses: lossesOf(difference, figure.better),
    };
  });

  const partial = partlySampled(trials.variants, valuesOf);
  const ranked =
    figure.better === 'neither'
      ? []
      : rank(
          cells.filter(({ variant }) => !partial.includes(variant)),
          figure.better,
        );
  const [first] = ranked;
  const against = (other: string): PairedDifference | null =>
    first === undefined ? null : pairedDifference(valuesOf(other), valuesOf(first));
  const beaten = (other: string): boolean => judge(against(other), figure.better) === 'better';
  const leaders = first === undefined ? [] : [first, ...ranked.slice(1).filter((other) => !beaten(other))];
  const rivals = [...ranked.slice(1), ...partial].filter((other) => against(other) !== null);
  // Who isn't beaten is what a reader has to hear of, before who merely comes second.
  const second = leaders[1] ?? rivals.find((other) => !beaten(other)) ?? rivals[0];
  const lead = second === undefined ? null : against(second);
  const sampledPartly = cells.filter(({ variant, samples }) => partial.includes(variant) && samples > 0);
  const alone = rivals.length > 0 && leaders.length === 1 && sampledPartly.every(({ variant }) => beaten(variant));
  return {
    figure: key,
    label: figure.label,
    unit: figure.unit,
    better: figure.better,
    headline: headline < 0 ? null : headline,
    cells,
    best: first !== undefined && alone ? first : null,
    leaders,
    partial,
    lead:
      first === undefined || second === undefined || lead === null
        ? null
        : { variant: first, over: second, difference: lead },
  };
}

/** Variants without a value on a seed on which another has one. */
function partlySampled(
  variants: readonly string[],
  valuesOf: (variant: string) => readonly (number | null)[],
): readonly string[] {
  const all = variants.map((variant) => ({ variant, values: valuesOf(variant) }));
  return all
    .filter(({ values }) => values.some((value, i) => value === null && all.some((other) => other.values[i] !== null)))
    .map(({ variant }) => variant);
}

function rank(cells: readonly ScorecardCell[], better: Figure['better']): string[] {
  return cells
    .flatMap(({ variant, mean }) => (mean === null ? [] : [{ variant, mean }]))
    .sort((a, b) => (better === 'lower' ? a.mean - b.mean : b.mean - a.mean))
    .map(({ variant }) => variant);
}

function judge(difference: PairedDifference | null, better: Figure['better']): Judgement {
  if (!difference?.significant) return 'unsure';
  if (better === 'neither') return 'different';
  const value = (difference.relative ?? difference.absolute).value;
  return value < 0 === (better === 'lower') ? 'better' : 'worse';
}

function winsOf(difference: PairedDifference | null, better: Figure['better']): number {
  return difference === null || better === 'neither' ? 0 : better === 'lower' ? difference.lower : difference.higher;
}

function lossesOf(difference: PairedDifference | null, better: Figure['better']): number {
  return difference === null || better === 'neither' ? 0 : better === 'lower' ? difference.higher : difference.lower;
}
