import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { RecordError, readRecord } from './read.ts';
import { type Comparison, comparisonSchema, type RunRecord } from './schema.ts';

const FILE = 'comparison.json';

/** Writes `comparison.json` into a folder, whole or not at all. */
export async function writeComparison(folder: string, comparison: Comparison): Promise<void> {
  await writeFileAtomic(join(folder, FILE), `${JSON.stringify(comparisonSchema.parse(comparison), null, 2)}\n`);
}

/**
 * Reads a folder's `comparison.json` and all records that it names.
 *
 * @throws RecordError naming the file, the path within it, what was found and what is accepted.
 */
export async function readComparison(folder: string): Promise<{ comparison: Comparison; records: RunRecord[] }> {
  const file = join(folder, FILE);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new RecordError(
      `${file}: can't be read (${error instanceof Error ? error.message : String(error)}); accepted: a folder written by 'evenkeel run' or 'compare'`,
    );
  });
  const comparison = parse(file, text);
  const records = await Promise.all(comparison.trials.map((trial) => readRecord(join(folder, trial.file))));
  return { comparison, records };
}

function parse(file: string, text: string): Comparison {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RecordError(`${file}: no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const parsed = comparisonSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RecordError(
    parsed.error.issues.map((issue) => `${file}: ${issue.path.join('.')}: ${issue.message}`).join('\n'),
  );
}
