import type { Figure } from '../../sim/record/schema.ts';
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
    row.best !== null || (row.leaders.length > 0 && !row.leaders.includes(card.baseline));
  const ordered = [...rows.filter(decided), ...rows.filter((row) => !decided(row))];
  return [...ordered.map((row) => sentence(row, card)), overall(card)].filter((text) => text !== '');
}

/** Violated checks and missed objectives, one sentence each over all variants, correctness first. Empty where all is well. */
export function failures(card: Scorecard): string[] {
  return [...violations(card, 'correctness'), ...violations(card, 'liveness'), ...misses(card)];
}

function violations(card: Scorecard, kind: 'correctness' | 'liveness'): string[] {
  const violated = card.checks.filter((check) => check.kind === kind && check.violatedSeeds.length > 0);
  return [...new Set(violated.map((check) => check.id))].map((id) => {
    const under = violated.filter((check) => check.id === id);
    const detail = under.find((check) => check.detail !== '')?.detail;
    const where = under.map((check) => `${shorten(check.variant)} on ${seeds(check.violatedSeeds)}`);
    return `${shorten(id)} is violated, ${under[0]?.statement ?? ''}: under ${formatList(where)}${detail ? ` (${shorten(detail, 200)})` : ''}`;
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
          `${shorten(slo.variant)} (${formatValue(slo.worst, slo.unit)} at worst, on ${slo.failedSeeds.length} of ${slo.failedSeeds.length + slo.metSeeds} seeds)`,
      );
    const met = same
      .filter((slo) => slo.failedSeeds.length === 0 && slo.metSeeds > 0)
      .map((slo) => shorten(slo.variant));
    return [
      `The objective ${inSentence(first.label)} ${limits.filter(Boolean).join(' and ')} is missed by ${formatList(by)}${met.length > 0 ? `; met by ${formatList(met)}` : ''}`,
    ];
  });
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
  const [leader] = row.leaders;
  if (leader === undefined || row.lead === null) return `${row.label}: no sample to compare`;
  const mean = (variant: string): string =>
    formatValue(row.cells.find((cell) => cell.variant === variant)?.mean ?? null, row.unit);
  const name = (variant: string): string => shorten(variant);
  const { lead } = row;
  const baseline = row.cells.find((cell) => cell.variant === leader);
  const inLead = row.leaders.includes(card.baseline);

  if (lead.difference.pairs < 2) {
    return `${row.label}: ${name(leader)} ${mean(leader)}, ${name(lead.over)} ${mean(lead.over)}; one seed gives no interval, so no winner is named`;
  }
  if (row.best === card.baseline) {
    return `${name(leader)}, the baseline, is best on ${inSentence(row.label)}: ahead of ${name(lead.over)} by ${describeSize(lead.difference, row.unit)}, ${won(lead.difference, row.better)} (${mean(leader)} against ${mean(lead.over)})`;
  }
  const beats =
    baseline?.difference && baseline.judgement === 'better'
      ? `beats ${name(card.baseline)} on ${inSentence(row.label)} by ${describeSize(baseline.difference, row.unit)}, ${won(baseline.difference, row.better)} (${mean(leader)} against ${mean(card.baseline)})`
      : null;
  if (row.best !== null && beats !== null) {
    const runnerUp =
      lead.over === card.baseline
        ? ''
        : `; ahead of the runner-up, ${name(lead.over)}, by ${describeSize(lead.difference, row.unit)}`;
    return `${name(leader)} ${beats}${runnerUp}`;
  }
  if (inLead || beats === null) {
    const others = row.leaders.filter((variant) => variant !== leader);
    if (row.cells.every((cell) => cell.mean === row.cells[0]?.mean))
      return `${row.label} is a tie: ${mean(leader)} under every variant`;
    if (others.length === row.cells.length - 1) {
      const last = row.leaders.at(-1) ?? leader;
      return `${row.label} is a tie: from ${mean(leader)} (${name(leader)}) to ${mean(last)} (${name(last)}), but no difference to the best is beyond chance over ${lead.difference.pairs} seeds`;
    }
    return `${row.label} is a tie: ${formatList([leader, ...others].map(name))} can't be told apart over ${lead.difference.pairs} seeds (${name(leader)} ${mean(leader)}, ${name(lead.over)} ${mean(lead.over)}, apart by ${describeSize(lead.difference, row.unit)})`;
  }
  return `${name(leader)} ${beats}; it ties with ${formatList(row.leaders.slice(1).map(name))} (${row.leaders.length > 2 ? `nearest ${name(lead.over)}, ` : ''}apart by ${describeSize(lead.difference, row.unit)})`;
}

function alone(row: ScorecardRow, card: Scorecard): string {
  const [cell] = row.cells;
  if (cell === undefined || cell.mean === null) return `${row.label}: no sample`;
  const range =
    cell.samples > 1
      ? `, from ${formatValue(cell.least, row.unit)} to ${formatValue(cell.most, row.unit)} over ${cell.samples} seeds`
      : ' on one seed';
  const slo = card.slos.find(
    (candidate) => candidate.figure === row.figure && candidate.failedSeeds.length === 0 && candidate.metSeeds > 0,
  );
  return `${row.label} is ${formatValue(cell.mean, row.unit)}${range}${slo ? ', within its objective' : ''}`;
}

/** Who is best how often: tells whether the winner of the headline wins throughout. */
function overall(card: Scorecard): string {
  const directed = card.rows.filter((row) => row.better !== 'neither' && row.leaders.length > 0);
  const counts = card.variants
    .map((variant) => ({ variant, best: directed.filter((row) => row.best === variant).length }))
    .filter(({ best }) => best > 0)
    .sort((a, b) => b.best - a.best);
  if (directed.length === 0 || card.seeds.length < 2) return '';
  if (counts.length === 0)
    return `Over all ${directed.length} figures no variant is ahead of every other beyond chance`;
  const parts = counts.map(({ variant, best }) => `${shorten(variant)} in ${best}`);
  return `Over all ${directed.length} figures, clearly ahead of every other variant: ${formatList(parts)}`;
}

function won(difference: PairedDifference, better: Figure['better']): string {
  return `${better === 'lower' ? difference.lower : difference.higher} of ${difference.pairs} seeds`;
}

function seeds(list: readonly number[]): string {
  return `seed${list.length === 1 ? '' : 's'} ${formatList(list.slice(0, 8).map(String))}${list.length > 8 ? ` and ${list.length - 8} more` : ''}`;
}
