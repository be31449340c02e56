import type { Comparison, RunRecord } from '../../sim/record/schema.ts';

/** The records of a comparison, addressable by variant and seed. */
export interface Trials {
  readonly variants: readonly string[];
  readonly seeds: readonly number[];
  readonly baseline: string;
  /** One record a seed, in order of `seeds`; null where a trial is missing. */
  of(variant: string): readonly (RunRecord | null)[];
  at(variant: string, seed: number): RunRecord | null;
}

/**
 * Puts records in the order of their comparison.
 *
 * @throws Error where there is no record at all, or one belongs to another scenario, variant or seed than the comparison names
 */
export function arrangeTrials(comparison: Comparison, records: readonly RunRecord[]): Trials {
  if (records.length === 0) throw new Error('records: found none, a report needs at least one');
  const byKey = new Map<string, RunRecord>();
  const key = (variant: string, seed: number): string => `${seed} ${variant}`;
  for (const record of records) {
    const { name } = record.variant;
    if (record.scenario.name !== comparison.scenario) {
      throw new Error(
        `records: found scenario "${record.scenario.name}", the comparison is of "${comparison.scenario}"`,
      );
    }
    if (!comparison.variants.includes(name))
      throw new Error(`records: found variant "${name}", the comparison names ${comparison.variants.join(', ')}`);
    if (!comparison.seeds.includes(record.seed))
      throw new Error(`records: found seed ${record.seed}, the comparison names ${comparison.seeds.join(', ')}`);
    byKey.set(key(name, record.seed), record);
  }
  const variants = comparison.variants.filter((variant) =>
    comparison.seeds.some((seed) => byKey.has(key(variant, seed))),
  );
  const [first] = variants;
  if (first === undefined) throw new Error('records: none belongs to a variant of the comparison');
  const at = (variant: string, seed: number): RunRecord | null => byKey.get(key(variant, seed)) ?? null;
  return {
    variants,
    seeds: comparison.seeds,
    baseline: variants.includes(comparison.baseline) ? comparison.baseline : first,
    at,
    of: (variant) => comparison.seeds.map((seed) => at(variant, seed)),
  };
}
