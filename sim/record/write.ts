import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { checkRecord } from './read.ts';
import type { RunRecord } from './schema.ts';

/** File name of a trial's record: `<variant>-seed-<seed>.json`, with what file systems dislike replaced by `-`. */
export function recordFileName(variant: string, seed: number): string {
  return `${variant.replace(/[^\p{L}\p{N}._-]+/gu, '-')}-seed-${seed}.json`;
}

/**
 * Checks a record and writes it into `folder` (made where absent), whole or not at all. The fields stand in the
 * schema's order, so equal records are equal bytes.
 *
 * @returns the file's name within the folder.
 * @throws RecordError when the record breaks its own schema; errors of the file system as they come.
 */
export async function writeRecord(folder: string, record: RunRecord): Promise<string> {
  const name = recordFileName(record.variant.name, record.seed);
  const checked = checkRecord(record, name);
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(join(folder, name), `${JSON.stringify(checked)}\n`);
  return name;
}
