import type { CheckResult, RunRecord } from '../../sim/record/schema.ts';
import type { Trials } from './trials.ts';
import { describeWitness } from './witness.ts';

/** What one check came to over all trials of one variant. */
export interface CheckOutcome {
  readonly id: string;
  readonly statement: string;
  readonly kind: CheckResult['kind'];
  readonly variant: string;
  readonly held: number;
  readonly violatedSeeds: readonly number[];
  readonly unjudgedSeeds: readonly number[];
  readonly evaluated: number;
  /** Of the first seed that violated it, otherwise of the first. */
  readonly detail: string;
  /** Where the first seed that violated it shows it, and how to play that again; '' if none did. */
  readonly witness: string;
}

/** An objective of the scenario set against what a variant reached. */
export interface SloOutcome {
  readonly figure: string;
  readonly label: string;
  readonly unit: RunRecord['figures'][string]['unit'];
  readonly max: number | null;
  readonly min: number | null;
  readonly variant: string;
  readonly metSeeds: number;
  readonly failedSeeds: readonly number[];
  /** Seeds without a sample, or without a record, can't be said to meet anything. */
  readonly unjudgedSeeds: readonly number[];
  readonly worst: number | null;
}

/** Met on every seed of the comparison: one that gave no sample may have failed as well. */
export function metThroughout(slo: SloOutcome): boolean {
  return slo.metSeeds > 0 && slo.failedSeeds.length === 0 && slo.unjudgedSeeds.length === 0;
}

/** All checks of all variants, in the order in which records name them. */
export function checkOutcomes(trials: Trials): CheckOutcome[] {
  return trials.variants.flatMap((variant) => {
    const records = trials.of(variant).filter((record) => record !== null);
    const ids = [...new Set(records.flatMap((record) => record.checks.map((check) => check.id)))];
    return ids.flatMap((id): CheckOutcome[] => {
      const results = records.flatMap((record) =>
        record.checks
          .filter((check) => check.id === id)
          .map((check) => ({ check, seed: record.seed, command: record.command })),
      );
      const shown = results.find(({ check }) => check.verdict === 'violated') ?? results[0];
      if (shown === undefined) return [];
      return [
        {
          id,
          statement: shown.check.statement,
          kind: shown.check.kind,
          variant,
          held: results.filter(({ check }) => check.verdict === 'held').length,
          violatedSeeds: results.filter(({ check }) => check.verdict === 'violated').map(({ seed }) => seed),
          unjudgedSeeds: results.filter(({ check }) => check.verdict === 'not-judged').map(({ seed }) => seed),
          evaluated: results.reduce((sum, { check }) => sum + check.evaluated, 0),
          detail: shown.check.detail,
          witness: shown.check.verdict === 'violated' ? describeWitness(shown.check.witness, shown.command) : '',
        },
      ];
    });
  });
}

/** All objectives of the scenario for all variants. */
export function sloOutcomes(trials: Trials): SloOutcome[] {
  return trials.variants.flatMap((variant) => {
    const records = trials.of(variant).filter((record) => record !== null);
    return (records[0]?.scenario.slo ?? []).map((slo): SloOutcome => {
      const max = slo.max ?? null;
      const min = slo.min ?? null;
      const samples = trials.seeds.map((seed) => ({
        seed,
        value: trials.at(variant, seed)?.figures[slo.figure]?.value ?? null,
      }));
      const judged = samples.flatMap(({ seed, value }) => (value === null ? [] : [{ seed, value }]));
      const failed = judged.filter(({ value }) => (max !== null && value > max) || (min !== null && value < min));
      const values = judged.map(({ value }) => value);
      const figure = records.find((record) => record.figures[slo.figure])?.figures[slo.figure];
      return {
        figure: slo.figure,
        label: figure?.label ?? slo.figure,
        unit: figure?.unit ?? 'count',
        max,
        min,
        variant,
        metSeeds: judged.length - failed.length,
        failedSeeds: failed.map(({ seed }) => seed),
        unjudgedSeeds: samples.filter(({ value }) => value === null).map(({ seed }) => seed),
        worst: values.length === 0 ? null : max !== null ? Math.max(...values) : Math.min(...values),
      };
    });
  });
}
