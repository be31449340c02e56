import { z } from 'zod';
import { figureSchema, type RunRecord } from '../../sim/record/schema.ts';

const measuredFigure = figureSchema.omit({ value: true }).extend({
  values: z
    .array(z.number().nullable())
    .describe('one a seed, in the order of `seeds`; null where the run gave no sample'),
});

/** The figures of one scenario, variant by variant and seed by seed. */
export const measurementSchema = z.strictObject({
  scenario: z.string(),
  seeds: z.array(z.number().int()).min(1),
  variants: z.record(
    z.string(),
    z.strictObject({
      digest: z.string().describe('of the scenario as this variant runs it'),
      fingerprints: z.array(z.string()).describe('one a seed: equal ones took the same course'),
      figures: z.record(z.string(), measuredFigure),
    }),
  ),
});

/** See {@link measurementSchema}. */
export type Measurement = z.infer<typeof measurementSchema>;
export type MeasuredFigure = z.infer<typeof measuredFigure>;

/** Gathers the named figures of a scenario's records. Seeds ascending; every variant must have run with the same ones. @throws Error otherwise. */
export function measure(records: readonly RunRecord[], figures: readonly string[]): Measurement {
  const [first] = records;
  if (first === undefined) throw new Error('measure: no records');
  const seeds = [...new Set(records.map(({ seed }) => seed))].sort((a, b) => a - b);
  const names = [...new Set(records.map(({ variant }) => variant.name))];
  const variants: Measurement['variants'] = {};
  for (const name of names) {
    const trials = seeds.map((seed) => {
      const trial = records.find((record) => record.variant.name === name && record.seed === seed);
      if (trial === undefined) throw new Error(`measure: variant '${name}' has no trial with seed ${seed}`);
      return trial;
    });
    variants[name] = {
      digest: trials[0]?.scenario.digest ?? '',
      fingerprints: trials.map(({ fingerprint }) => fingerprint),
      figures: Object.fromEntries(figures.flatMap((figure) => figureOver(trials, figure))),
    };
  }
  return { scenario: first.scenario.name, seeds, variants };
}

/** Nothing for a figure that no trial has: the judge then says that it is missing. */
function figureOver(trials: readonly RunRecord[], figure: string): [string, MeasuredFigure][] {
  const known = trials.map((trial) => trial.figures[figure]).find((candidate) => candidate !== undefined);
  if (known === undefined) return [];
  const { label, unit, better } = known;
  return [[figure, { label, unit, better, values: trials.map((trial) => trial.figures[figure]?.value ?? null) }]];
}
