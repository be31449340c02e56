import type { Figure } from '../../sim/record/schema.ts';
import { metThroughout, type SloOutcome } from './failures.ts';
import { formatList, formatNumber, formatValue, inSentence, shorten } from './format.ts';
import type { PairedDifference } from './paired.ts';
import type { Scorecard, ScorecardRow } from './scorecard.ts';

/**
 * What the comparison shows, in sentences, most important first. A variant is said to beat another only where the interval,
 * paired by seed, excludes zero; a tie is called a tie; with one seed no winner is named.
 */
export function verdict(card: Scorecard): string[] {
  const rows = card.rows.filter((row) => row.headline !== null);
  if (card.variants.length === 1) return rows.map((row) => alone(row, card));
  // What was decided comes first: a tie is worth saying, but not as the answer.
  const decided = (row: ScorecardRow): boolean =>
    row.best !== null ||
    row.cells.some(({ variant, judgement }) => variant === row.leaders[0] && judgement === 'better');
  const ordered = [...rows.filter(decided), ...rows.filter((row) => !decided(row))];
  return [...ordered.map((row) => sentence(row, card)), overall(card)].filter((text) => text !== '');
}

/** A violated check or a missed objective. */
export interface Failure {
  readonly sentence: string;
  /** Of a check: where it shows first, and how to see that again. */
  readonly witness: string;
}

/** Violated checks and missed objectives, one each over all variants, correctness first. Empty where all is well. */
export function failuresWithWitness(card: Scorecard): Failure[] {
  const missed = misses(card).map((sentence) => ({ sentence, witness: '' }));
  return [...violations(card, 'correctness'), ...violations(card, 'liveness'), ...missed];
}

/** The sentences of {@link failuresWithWitness}. */
export function failures(card: Scorecard): string[] {
  return failuresWithWitness(card).map(({ sentence }) => sentence);
}

function violations(card: Scorecard, kind: 'correctness' | 'liveness'): Failure[] {
  const violated = card.checks.filter((check) => check.kind === kind && check.violatedSeeds.length > 0);
  return [...new Set(violated.map((check) => check.id))].map((id) => {
    const under = violated.filter((check) => check.id === id);
    const detail = under.find((check) => check.detail !== '')?.detail;
    const where = under.map((check) => `${shorten(check.variant)} on ${seeds(check.violatedSeeds)}`);
    const sentence = `${shorten(id)} is violated, ${under[0]?.statement ?? ''}: under ${formatList(where)}${detail ? ` (${shorten(detail, 200)})` : ''}`;
    return { sentence, witness: under.find((check) => check.witness !== '')?.witness ?? '' };
  });
}

function misses(card: Scorecard): string[] {
  const missed = card.slos.filter((slo) => slo.failedSeeds.length > 0);
  return [...new Set(missed.map((slo) => `${slo.figure} ${slo.max} ${slo.min}`))].flatMap((key) => {
    const same = card.slos.filter((slo) => `${slo.figure} ${slo.max} ${slo.min}` === key);
    const [first] = same;
    if (first === undefined) return [];
    const limits = [
      first.max === null ? '' : `at most ${formatValue(first.max, first.unit)}`,
      first.min === null ? '' : `at least ${formatValue(first.min, first.unit)}`,
    ];
    const by = same
      .filter((slo) => slo.failedSeeds.length > 0)
      .map(
        (slo) =>
          `${shorten(slo.variant)} (${formatValue(slo.worst, slo.unit)} at worst, on ${slo.failedSeeds.length} of ${slo.failedSeeds.length + slo.metSeeds} seeds${slo.unjudgedSeeds.length > 0 ? `, ${noSample(slo)}` : ''})`,
      );
    const met = same.filter(metThroughout).map((slo) => shorten(slo.variant));
    const open = same
      .filter((slo) => slo.failedSeeds.length === 0 && slo.unjudgedSeeds.length > 0)
      .map((slo) => `${shorten(slo.variant)} (${noSample(slo)})`);
    return [
      `The objective ${inSentence(first.label)} ${limits.filter(Boolean).join(' and ')} is missed by ${formatList(by)}${met.length > 0 ? `; met by ${formatList(met)}` : ''}${open.length > 0 ? `; not judged throughout for ${formatList(open)}` : ''}`,
    ];
  });
}

/** `no sample on 2 of 3 seeds`. */
export function noSample(slo: SloOutcome): string {
  const all = slo.metSeeds + slo.failedSeeds.length + slo.unjudgedSeeds.length;
  return `no sample on ${slo.unjudgedSeeds.length} of ${all} seeds`;
}

/** `41 % [37, 45]`, as a size without sign, or the absolute difference where a ratio makes no sense. */
export function describeSize(difference: PairedDifference, unit: Figure['unit']): string {
  const { relative, absolute } = difference;
  if (relative === null) {
    const scale = unit === 'fraction' ? 100 : 1;
    const print = (value: number): string =>
      unit === 'fraction' ? formatNumber(value * scale, 2) : formatValue(value, unit);
    const [low, high] = magnitudes(absolute);
    const points = unit === 'fraction' ? ' points' : '';
    return `${print(Math.abs(absolute.value))}${points}${low === null || high === null ? '' : ` [${print(low)}, ${print(high)}]`}`;
  }
  const percent = (value: number): string => formatNumber(value * 100, Math.abs(value) >= 1 ? 3 : 2);
  const [low, high] = magnitudes(relative);
  return `${percent(Math.abs(relative.value))} %${low === null || high === null ? '' : ` [${percent(low)}, ${percent(high)}]`}`;
}

/** Ends of an interval as sizes: the sign that the value has becomes plus, the smaller end stands first. */
function magnitudes({
  value,
  low,
  high,
}: {
  value: number;
  low: number | null;
  high: number | null;
}): [number | null, number | null] {
  if (low === null || high === null) return [null, null];
  return value < 0 ? [-high, -low] : [low, high];
}

function sentence(row: ScorecardRow, card: Scorecard): string {
  const missing = withoutSample(row, card);
  return `${standing(row, card)}${missing === '' ? '' : `; ${missing}`}`;
}

/** `p2c has no sample on 2 of 5 seeds`: nothing where every variant has one wherever another has. */
function withoutSample(row: ScorecardRow, card: Scorecard): string {
  if (row.cells.every(({ samples }) => samples === 0)) return '';
  return formatList(
    row.cells
      .filter(({ variant }) => row.partial.includes(variant))
      .map(({ variant, samples }) => {
        const seeds = card.seeds.length;
        return `${shorten(variant)} has no sample on ${seeds - samples} of ${seeds} seeds`;
      }),
  );
}

/** Who is ahead in one figure, and by how much. */
function standing(row: ScorecardRow, card: Scorecard): string {
  if (row.cells.every(({ samples }) => samples === 0)) return `${row.label}: no sample to compare`;
  const [leader] = row.leaders;
  const what = inSentence(row.label);
  if (leader === undefined) return `No winner is named on ${what}`;
  const name = (variant: string): string => shorten(variant);
  const cellOf = (variant: string) => row.cells.find((cell) => cell.variant === variant);
  const mean = (variant: string): string => formatValue(cellOf(variant)?.mean ?? null, row.unit);
  const { lead } = row;
  if (lead === null) return `${row.label}: ${name(leader)} ${mean(leader)}, with nothing to compare it with`;

  const { difference } = lead;
  const by = describeSize(difference, row.unit);
  const [ours, theirs] = [difference.headMean, difference.baseMean].map((value) => formatValue(value, row.unit));
  if (difference.pairs < 2) {
    return `${row.label}: ${name(leader)} ${ours}, ${name(lead.over)} ${theirs}; one seed gives no interval, so no winner is named`;
  }
  if (row.best === card.baseline) {
    return `${name(leader)}, the baseline, is best on ${what}: ahead of ${name(lead.over)} by ${by}, ${won(difference, row)}`;
  }
  const toBaseline = cellOf(leader)?.judgement === 'better' ? cellOf(leader)?.difference : null;
  if (toBaseline) {
    const beats = `${name(leader)} beats ${name(card.baseline)} on ${what} by ${describeSize(toBaseline, row.unit)}, ${won(toBaseline, row)}`;
    if (row.best !== null)
      return lead.over === card.baseline ? beats : `${beats}; ahead of the runner-up, ${name(lead.over)}, by ${by}`;
    const level = row.leaders.slice(1);
    if (level.length === 0) return beats;
    return `${beats}; it ties with ${formatList(level.map(name))} (${level.length > 1 ? `nearest ${name(lead.over)}, ` : ''}apart by ${by})`;
  }
  if (row.best !== null)
    return `${name(leader)} is ahead of ${name(lead.over)} on ${what} by ${by}, ${won(difference, row)}`;
  if (row.leaders.length === 1) {
    return `No winner is named on ${what}: over the ${difference.pairs} seeds with a sample of both, ${name(leader)} ${ours}, ${name(lead.over)} ${theirs}`;
  }
  const seeds = `over ${difference.pairs} seeds`;
  if (row.cells.every((cell) => cell.mean === row.cells[0]?.mean))
    return `${row.label} is a tie: ${mean(leader)} under every variant`;
  if (row.leaders.length === row.cells.length) {
    const last = row.leaders.at(-1) ?? leader;
    return `${row.label} is a tie: from ${mean(leader)} (${name(leader)}) to ${mean(last)} (${name(last)}), but no difference to the best is beyond chance ${seeds}`;
  }
  return `${row.label} is a tie: ${formatList(row.leaders.map(name))} can't be told apart ${seeds} (${name(leader)} ${mean(leader)}, ${name(lead.over)} ${mean(lead.over)}, apart by ${by})`;
}

function alone(row: ScorecardRow, card: Scorecard): string {
  const [cell] = row.cells;
  if (cell === undefined || cell.mean === null) return `${row.label}: no sample`;
  const range =
    cell.samples > 1
      ? `, from ${formatValue(cell.least, row.unit)} to ${formatValue(cell.most, row.unit)} over ${cell.samples}${cell.samples < card.seeds.length ? ` of ${card.seeds.length}` : ''} seeds`
      : card.seeds.length > 1
        ? ` on one of ${card.seeds.length} seeds`
        : ' on one seed';
  const slos = card.slos.filter((slo) => slo.figure === row.figure);
  const within = slos.length > 0 && slos.every(metThroughout);
  return `${row.label} is ${formatValue(cell.mean, row.unit)}${range}${within ? ', within its objective' : ''}`;
}

/** Who is best how often: tells whether the winner of the headline wins throughout. */
function overall(card: Scorecard): string {
  const directed = card.rows.filter(
    (row) => row.better !== 'neither' && row.cells.every(({ samples }) => samples > 0) && row.leaders.length > 0,
  );
  const counts = card.variants
    .map((variant) => ({ variant, best: directed.filter((row) => row.best === variant).length }))
    .filter(({ best }) => best > 0)
    .sort((a, b) => b.best - a.best);
  if (directed.length === 0 || card.seeds.length < 2) return '';
  const sampled = card.rows.filter(
    (row) => row.better !== 'neither' && row.cells.some(({ samples }) => samples > 0),
  ).length;
  const scope =
    directed.length === sampled
      ? `Over all ${directed.length} figures`
      : `Over the ${directed.length} of ${sampled} figures that can be compared over all variants`;
  if (counts.length === 0) return `${scope} no variant is ahead of every other beyond chance`;
  const parts = counts.map(({ variant, best }) => `${shorten(variant)} in ${best}`);
  return `${scope}, clearly ahead of every other variant: ${formatList(parts)}`;
}

/** `4 of 4 seeds (12 ms against 20 ms)`: the means of the seeds compared, which may be fewer than the variants ran with. */
function won(difference: PairedDifference, { better, unit }: ScorecardRow): string {
  const wins = better === 'lower' ? difference.lower : difference.higher;
  return `${wins} of ${difference.pairs} seeds (${formatValue(difference.headMean, unit)} against ${formatValue(difference.baseMean, unit)})`;
}

function seeds(list: readonly number[]): string {
  return `seed${list.length === 1 ? '' : 's'} ${formatList(list.slice(0, 8).map(String))}${list.length > 8 ? ` and ${list.length - 8} more` : ''}`;
}
