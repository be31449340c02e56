import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { type Measurement, measurementSchema } from './measurement.ts';

const BASELINE_VERSION = 2;

const acceptance = z.strictObject({
  reason: z.string().min(1),
  author: z.string(),
  on: z.string().describe('date, ISO 8601'),
  changes: z.array(z.string()).describe('one line a figure that moved'),
});

/** A committed baseline: what a scenario measured when somebody last said that this is how it should be, and why. */
export const baselineSchema = z.strictObject({
  version: z.literal(BASELINE_VERSION),
  measurement: measurementSchema,
  accepted: z.array(acceptance).min(1).describe('newest first'),
});

export type Baseline = z.infer<typeof baselineSchema>;
export type Acceptance = z.infer<typeof acceptance>;

/** A baseline that can't be used: names the file, the path in it, what was found and what is accepted. */
export class BaselineError extends Error {
  override readonly name = 'BaselineError';
}

/** Most acceptances that a baseline remembers. */
const MAX_ACCEPTANCES = 20;

/**
 * Reads a scenario's baseline; undefined if there is none.
 *
 * @throws BaselineError if it is cut off, was edited into something else, or comes from another version.
 */
export async function readBaseline(folder: string, scenario: string): Promise<Baseline | undefined> {
  const file = join(folder, `${scenario}.json`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new BaselineError(`${file}: can't be read (${String(error)})`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BaselineError(
      `${file}: no JSON (${error instanceof Error ? error.message : String(error)}); accepted: a baseline written by 'evenkeel gate accept'`,
    );
  }
  const parsed = baselineSchema.safeParse(value);
  if (!parsed.success) {
    throw new BaselineError(
      parsed.error.issues.map(({ path, message }) => `${file}: ${path.join('.')}: ${message}`).join('\n'),
    );
  }
  if (parsed.data.measurement.scenario !== scenario) {
    throw new BaselineError(
      `${file}: measurement.scenario: found '${parsed.data.measurement.scenario}'; accepted: '${scenario}'`,
    );
  }
  return parsed.data;
}

/** Scenarios that have a baseline file, usable or not; none where the folder is missing. */
export async function baselineScenarios(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new BaselineError(`${folder}: can't be read (${String(error)})`);
  }
}

/** Writes a scenario's baseline, whole or not at all, and keeps the reasons of the ones before. */
export async function writeBaseline(
  folder: string,
  measurement: Measurement,
  accepted: Acceptance,
  earlier: Baseline | undefined,
): Promise<string> {
  const file = join(folder, `${measurement.scenario}.json`);
  const baseline: Baseline = {
    version: BASELINE_VERSION,
    measurement,
    accepted: [accepted, ...(earlier?.accepted ?? [])].slice(0, MAX_ACCEPTANCES),
  };
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(file, `${JSON.stringify(baselineSchema.parse(baseline), null, 1)}\n`);
  return file;
}
