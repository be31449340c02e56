import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { RECORD_VERSION, type RunRecord, recordSchema } from './schema.ts';

/** A record, or a file that should be one, that can't be used. The message is for people and may have several lines. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/** More than this many complaints about one file help nobody. */
const MOST_ISSUES = 5;

/**
 * Reads and checks one record.
 *
 * @throws RecordError naming the file, the path in it, what was found and what is accepted.
 */
export async function readRecord(file: string): Promise<RunRecord> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new RecordError(`${file}: can't be read (${reason(error)}); accepted: a record written by evenkeel`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RecordError(`${file}: no JSON (${reason(error)}); accepted: a record written by evenkeel`);
  }
  return checkRecord(value, file);
}

/**
 * Checks that a value is a record. `where` names it in errors.
 *
 * @throws RecordError as {@link readRecord} does.
 */
export function checkRecord(value: unknown, where: string): RunRecord {
  const version = at(value, ['version']);
  if (version !== undefined && version !== RECORD_VERSION) {
    throw new RecordError(
      `${where}: version: found ${shown(version)}, accepted ${RECORD_VERSION}. The record was written by another version of evenkeel; run its scenario again (its "command" says how), or read it with that version`,
    );
  }
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.slice(0, MOST_ISSUES).map((issue) => {
    const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
    return `${where}: ${pathText(path)}: found ${shown(at(value, path))}; accepted: ${accepted(issue)}`;
  });
  const more = parsed.error.issues.length - lines.length;
  if (more > 0) lines.push(`${where}: and ${more} more of the kind`);
  throw new RecordError(lines.join('\n'));
}

function accepted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'unrecognized_keys':
      return 'no such field';
    default:
      return issue.message;
  }
}

function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the whole file';
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value;
  for (const part of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Reflect.get(here, part);
  }
  return here;
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
