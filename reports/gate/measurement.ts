import { z } from 'zod';
import { checkSchema, figureSchema, type RunRecord } from '../../sim/record/schema.ts';

const measuredFigure = figureSchema.omit({ value: true }).extend({
  values: z
    .array(z.number().nullable())
    .describe('one a seed, in the order of `seeds`; null where the run gave no sample'),
});

const measuredVariant = z.strictObject({
  digest: z.string().describe('of the scenario as this variant runs it'),
  fingerprints: z.array(z.string()).describe('one a seed: equal ones took the same course'),
  figures: z.record(z.string(), measuredFigure),
  checks: z
    .record(z.string(), z.array(checkSchema.shape.verdict.nullable()))
    .describe('by id, one verdict a seed; null where the run had no such check'),
});

/** The figures and check verdicts of one scenario, variant by variant and seed by seed. */
export const measurementSchema = z
  .strictObject({
    scenario: z.string(),
    seeds: z.array(z.number().int()).min(1),
    variants: z.record(z.string(), measuredVariant),
  })
  .superRefine((measurement, context) => {
    const message = misfit(measurement);
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['variants'], message });
  });

/** See {@link measurementSchema}. */
export type Measurement = z.infer<typeof measurementSchema>;
export type MeasuredFigure = z.infer<typeof measuredFigure>;
export type MeasuredVariant = z.infer<typeof measuredVariant>;

/** Names the first list that does not hold exactly one entry a seed; undefined where all do. */
export function misfit({ seeds, variants }: Pick<Measurement, 'seeds' | 'variants'>): string | undefined {
  const lists = Object.entries(variants).flatMap(([name, { fingerprints, figures, checks }]) => [
    { path: `${name}.fingerprints`, list: fingerprints },
    ...Object.entries(figures).map(([figure, { values }]) => ({
      path: `${name}.figures.${figure}.values`,
      list: values,
    })),
    ...Object.entries(checks).map(([id, verdicts]) => ({ path: `${name}.checks.${id}`, list: verdicts })),
  ]);
  const wrong = lists.find(({ list }) => list.length !== seeds.length);
  return wrong && `${wrong.path}: found ${wrong.list.length} entries; accepted: ${seeds.length}, one a seed`;
}

/** Gathers the named figures and all checks of a scenario's records. Seeds ascending; every variant must have run with the same ones. @throws Error otherwise. */
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
      checks: checksOver(trials),
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

function checksOver(trials: readonly RunRecord[]): MeasuredVariant['checks'] {
  const ids = [...new Set(trials.flatMap(({ checks }) => checks.map(({ id }) => id)))];
  return Object.fromEntries(
    ids.map((id) => [id, trials.map(({ checks }) => checks.find((check) => check.id === id)?.verdict ?? null)]),
  );
}
