import { readdir, readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { type ReadOptions, readTrace } from '../trace/read-trace.ts';
import { TrafficError } from '../traffic-error.ts';
import { fitProfile, type ProfileLabel } from './fit.ts';
import { type Profile, profileSchema } from './schema.ts';

/** Where profiles that have a name live, relative to the project's root. */
const folder = 'scenarios/profiles';

/** How a profile is made; what isn't known is said to be unknown. */
export interface ProfileOptions extends ReadOptions, Partial<ProfileLabel> {}

/**
 * Reads a trace and fits a profile to it.
 *
 * @throws TrafficError if the trace can't be read
 */
export async function profileFile(path: string, options: ProfileOptions = {}): Promise<Profile> {
  const trace = await readTrace(path, options);
  return fitProfile(trace, {
    name: options.name ?? basename(path).replace(/\..*$/, ''),
    source: options.source ?? 'not stated',
    licence: options.licence ?? 'not stated',
    date: options.date,
  });
}

/** A profile as the text of its file: one line a field, one line a class. */
export function serializeProfile(profile: Profile): string {
  const { classes, check, ...rest } = profile;
  const fields = Object.entries(rest).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  const rows = classes.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  return `{\n${fields.join(',\n')},\n  "classes": [\n${rows}\n  ],\n  "check": ${JSON.stringify(check)}\n}\n`;
}

/**
 * Loads a profile by its name in `scenarios/profiles`, or by a path (it has a slash or ends in `.json`).
 *
 * @throws TrafficError if there is none, or its content is no profile
 */
export async function loadProfile(nameOrPath: string, root = '.'): Promise<Profile> {
  const isPath = nameOrPath.includes('/') || nameOrPath.endsWith('.json');
  const path = isPath ? nameOrPath : `${folder}/${nameOrPath}.json`;
  let text: string;
  try {
    text = await readFile(resolve(root, path), 'utf8');
  } catch (error) {
    throw new TrafficError(isPath ? `profile ${path} can not be read` : await unknownName(nameOrPath, root), {
      cause: error,
    });
  }
  return parseProfile(text, path);
}

/** Checks the text of a profile's file. @throws TrafficError naming the path, the field, and what is accepted */
export function parseProfile(text: string, path: string): Profile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TrafficError(`profile ${path} is no JSON`, { cause: error });
  }
  const parsed = profileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new TrafficError(`profile ${path}: ${issue?.path.join('.')}: ${issue?.message}`);
}

async function unknownName(name: string, root: string): Promise<string> {
  const files = await readdir(resolve(root, folder)).catch(() => []);
  const names = files.filter((file) => file.endsWith('.json')).map((file) => basename(file, '.json'));
  if (names.length === 0) return `profile ${name}: there is no profile in ${folder}`;
  const sorted = names.sort((a, b) => (a < b ? -1 : 1));
  return `profile ${name} is unknown (did you mean ${closest(name, sorted)}?); accepted: ${sorted.join(', ')}, or a path`;
}
