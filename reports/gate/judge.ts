import { type MeasuredFigure, type MeasuredVariant, type Measurement, misfit } from './measurement.ts';

/** How much worse a figure may be: the larger of the two counts. */
export interface Budget {
  /** In % of the baseline's mean. */
  readonly worsePercent: number;
  /** In the figure's unit. */
  readonly worseAbsolute: number;
}

export type Judgement = 'pass' | 'regressed' | 'improved' | 'cannot-judge';

/** One figure of one variant, judged; or a check, a variant or a scenario that can't be. */
export interface JudgedFigure {
  readonly scenario: string;
  readonly variant: string;
  readonly figure: string;
  readonly label: string;
  readonly unit: MeasuredFigure['unit'] | undefined;
  readonly judgement: Judgement;
  /** Means over the seeds. */
  readonly base: number | null;
  readonly head: number | null;
  /** How much worse, in % of the baseline: negative is better. Null where the baseline is 0. */
  readonly worsePercent: number | null;
  readonly budget: Budget | undefined;
  /** Why it can't be judged; else whether any run took another course. */
  readonly note: string;
}

/**
 * Compares a run with its baseline, figure by figure. Virtual time has no noise of the machine: equal code gives equal
 * figures, so a difference is real, and the budget says which differences matter.
 *
 * Anything missing, extra or without a sample is `cannot-judge`: an empty or partial comparison never passes. So is a check
 * that no longer comes to a verdict: it tells nothing of the store any more. What a check finds violated is not judged here.
 */
export function judge(
  baseline: Measurement | undefined,
  head: Measurement,
  budgets: Readonly<Record<string, Budget>>,
): readonly JudgedFigure[] {
  const refusal = incomparable(baseline, head, budgets);
  if (baseline === undefined || refusal !== undefined)
    return [unjudged(head.scenario, '', '', refusal ?? '', undefined)];
  const variants = [...new Set([...Object.keys(baseline.variants), ...Object.keys(head.variants)])];
  return variants.flatMap((variant) => judgeVariant(baseline, head, variant, budgets));
}

function incomparable(
  baseline: Measurement | undefined,
  head: Measurement,
  budgets: Readonly<Record<string, Budget>>,
): string | undefined {
  if (baseline === undefined) return "no baseline; accept one with: npm run gate -- accept --reason '…'";
  if (Object.keys(budgets).length === 0) return 'the scenario has no budgets; name figures in its `gate`';
  const [base, now] = [baseline.seeds.join(','), head.seeds.join(',')];
  if (base !== now) return `baseline has seeds ${base}, this run ${now}`;
  const [broken, cut] = [misfit(baseline), misfit(head)];
  if (broken !== undefined) return `baseline: ${broken}`;
  if (cut !== undefined) return `this run: ${cut}`;
  return undefined;
}

function judgeVariant(
  baseline: Measurement,
  head: Measurement,
  name: string,
  budgets: Readonly<Record<string, Budget>>,
): readonly JudgedFigure[] {
  const { scenario } = head;
  const base = baseline.variants[name];
  const now = head.variants[name];
  if (base === undefined) return [unjudged(scenario, name, '', 'not in the baseline', undefined)];
  if (now === undefined) return [unjudged(scenario, name, '', 'in the baseline, but it was not run', undefined)];
  if (base.digest !== now.digest)
    return [
      unjudged(
        scenario,
        name,
        '',
        `the scenario changed (digest ${base.digest} → ${now.digest}): figures of two scenarios can't be compared`,
        undefined,
      ),
    ];
  const course = base.fingerprints.every((fingerprint, i) => fingerprint === now.fingerprints[i])
    ? 'same course'
    : 'another course';
  const figures = [...new Set([...Object.keys(budgets), ...Object.keys(base.figures)])];
  return [
    ...figures.map((figure) =>
      judgeFigure(scenario, name, figure, base.figures[figure], now.figures[figure], budgets[figure], course),
    ),
    ...lostChecks(head, name, base, now),
  ];
}

/** One row a check that the baseline does not know, or that came to a verdict there and comes to none now. */
function lostChecks(
  { scenario, seeds }: Measurement,
  variant: string,
  base: MeasuredVariant,
  head: MeasuredVariant,
): readonly JudgedFigure[] {
  const ids = [...new Set([...Object.keys(base.checks), ...Object.keys(head.checks)])];
  return ids.flatMap((id) => {
    const [before, after] = [base.checks[id], head.checks[id]];
    if (before === undefined) return [unjudged(scenario, variant, id, 'check not in the baseline', undefined)];
    if (after === undefined) return [unjudged(scenario, variant, id, 'the run has no such check', undefined)];
    const lost = seeds.filter((_, i) => judged(before[i]) && !judged(after[i]));
    if (lost.length === 0) return [];
    return [
      unjudged(scenario, variant, id, `judged in the baseline, not any more with seeds ${lost.join(', ')}`, undefined),
    ];
  });
}

function judged(verdict: MeasuredVariant['checks'][string][number] | undefined): boolean {
  return verdict === 'held' || verdict === 'violated';
}

function judgeFigure(
  scenario: string,
  variant: string,
  figure: string,
  base: MeasuredFigure | undefined,
  head: MeasuredFigure | undefined,
  budget: Budget | undefined,
  course: string,
): JudgedFigure {
  if (budget === undefined)
    return unjudged(scenario, variant, figure, 'in the baseline, but it has no budget any more', budget);
  if (base === undefined) return unjudged(scenario, variant, figure, 'not in the baseline', budget);
  if (head === undefined) return unjudged(scenario, variant, figure, 'the run has no such figure', budget);
  if (base.unit !== head.unit || base.better !== head.better) {
    const note = `baseline is in ${base.unit}, ${base.better} better; the run in ${head.unit}, ${head.better} better`;
    return unjudged(scenario, variant, figure, note, budget);
  }
  if (base.better === 'neither') return unjudged(scenario, variant, figure, 'has no better and worse', budget);
  const [before, after] = [mean(base.values), mean(head.values)];
  if (before === null || after === null)
    return unjudged(
      scenario,
      variant,
      figure,
      `no sample on a seed of the ${before === null ? 'baseline' : 'run'}`,
      budget,
    );
  const worse = base.better === 'lower' ? after - before : before - after;
  const allowed = Math.max(budget.worseAbsolute, (Math.abs(before) * budget.worsePercent) / 100);
  const judgement = worse > allowed ? 'regressed' : worse < -allowed ? 'improved' : 'pass';
  const worsePercent = before === 0 ? null : (100 * worse) / Math.abs(before);
  return {
    scenario,
    variant,
    figure,
    label: base.label,
    unit: base.unit,
    judgement,
    base: before,
    head: after,
    worsePercent,
    budget,
    note: course,
  };
}

/** The row of a baseline whose scenario the suite no longer holds. */
export function outsideSuite(scenario: string): JudgedFigure {
  return unjudged(
    scenario,
    '',
    '',
    'has a baseline, but is not in the suite; bring it back or delete its baseline',
    undefined,
  );
}

function unjudged(
  scenario: string,
  variant: string,
  figure: string,
  note: string,
  budget: Budget | undefined,
): JudgedFigure {
  return {
    scenario,
    variant,
    figure,
    label: figure,
    unit: undefined,
    judgement: 'cannot-judge',
    base: null,
    head: null,
    worsePercent: null,
    budget,
    note,
  };
}

/** Null if any value is missing: a mean over fewer seeds is another figure. */
function mean(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) return null;
    sum += value;
  }
  return values.length === 0 ? null : sum / values.length;
}
