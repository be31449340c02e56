import { baselineScenarios, readBaseline } from './baseline.ts';
import { type Budget, type JudgedFigure, judge, outsideSuite } from './judge.ts';
import type { Measurement } from './measurement.ts';

/** What a scenario of the suite measured, and how much worse it may be. */
export interface SuiteRun {
  readonly measurement: Measurement;
  readonly budgets: Readonly<Record<string, Budget>>;
}

/**
 * Judges a whole suite against a folder of baselines: every scenario that ran, and every baseline that is there. A scenario
 * that dropped out of the suite can't be judged, so that a smaller suite never passes in place of the whole.
 *
 * @throws BaselineError if a baseline of the suite is unusable
 */
export async function judgeSuite(folder: string, runs: readonly SuiteRun[]): Promise<readonly JudgedFigure[]> {
  const rows: JudgedFigure[] = [];
  for (const { measurement, budgets } of runs) {
    const baseline = await readBaseline(folder, measurement.scenario);
    rows.push(...judge(baseline?.measurement, measurement, budgets));
  }
  const ran = new Set(runs.map(({ measurement }) => measurement.scenario));
  const dropped = (await baselineScenarios(folder)).filter((scenario) => !ran.has(scenario));
  return [...rows, ...dropped.map(outsideSuite)];
}
