import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withOwnAlgorithms } from './own/load-own.ts';
import { families, type Scenario, scenarioSchema } from './scenario.ts';
import { parseSetting, type Setting, withSetting } from './set-path.ts';
import { didYouMean } from './suggest.ts';
import { UserError } from './user-error.ts';
import { checkScenario } from './validate.ts';

/** A scenario file with the settings of the command line, before a variant is chosen. */
export interface LoadedScenario {
  /** Where it was found, relative to the root where it lies within: how errors name it. */
  readonly file: string;
  readonly scenario: Scenario;
  readonly raw: unknown;
  /** `--set` texts, as they were given. */
  readonly sets: readonly string[];
}

/** One variant of a scenario: what one trial runs. */
export interface ResolvedVariant {
  readonly name: string;
  readonly scenario: Scenario;
  /** What differs from the scenario, readable. */
  readonly settings: Readonly<Record<string, string>>;
  /** Of all that shapes the run: cluster, traffic, faults, times. Not of prose, seeds, SLOs or budgets. */
  readonly digest: string;
}

const SCENARIO_FOLDER = 'scenarios';

/** Names of the scenarios in `scenarios/`, ascending. */
export async function scenarioNames(root: string): Promise<readonly string[]> {
  const files = await readdir(resolve(root, SCENARIO_FOLDER));
  return files
    .flatMap((file) => (file.endsWith('.ts') && !file.endsWith('.test.ts') ? [file.slice(0, -3)] : []))
    .sort();
}

/**
 * Loads a scenario by its name in `scenarios/` or by the path of its file, and checks it.
 *
 * @throws UserError on an unknown name, a file without a scenario, or any mistake in it: file, path, found, accepted.
 */
export async function loadScenario(root: string, reference: string, sets: readonly string[]): Promise<LoadedScenario> {
  const found = await findScenario(root, reference);
  const file = placeOf(root, found);
  const settings = sets.map(parseSetting);
  const raw = await withOwnAlgorithms(applySettings(await importScenario(found, file), settings), found, file);
  const scenario = parseScenario(file, raw, settings);
  checkScenario(file, scenario);
  for (const variant of Object.keys(scenario.variants)) resolveVariant({ file, scenario, raw, sets }, variant);
  return { file, scenario, raw, sets };
}

/**
 * The scenario as one variant runs it.
 *
 * @throws UserError if there is no such variant, or its settings make the scenario wrong.
 */
export function resolveVariant(loaded: LoadedScenario, name: string): ResolvedVariant {
  const variant = loaded.scenario.variants[name];
  if (variant === undefined) {
    const known = Object.keys(loaded.scenario.variants);
    throw new UserError(
      `--variants: found '${name}'; accepted in ${loaded.scenario.name}: ${known.join(', ')}${didYouMean(name, known)}`,
    );
  }
  const settings: Setting[] = [
    ...families.flatMap((family) => {
      const choice = variant[family];
      return choice === undefined ? [] : [{ path: `cluster.${family}`, value: choice }];
    }),
    ...Object.entries(variant.set).map(([path, value]) => ({ path, value })),
  ];
  const place = `${loaded.file}: variants.${name}`;
  const scenario = parseScenario(place, applySettings(loaded.raw, settings), settings);
  checkScenario(place, scenario);
  const { cluster, traffic, faults, duration, warmup, convergeWithin } = scenario;
  return {
    name,
    scenario,
    settings: Object.fromEntries(settings.map(({ path, value }) => [path, readable(value)])),
    digest: createHash('sha256')
      .update(JSON.stringify({ cluster, traffic, faults, duration, warmup, convergeWithin }))
      .digest('hex')
      .slice(0, 16),
  };
}

async function findScenario(root: string, reference: string): Promise<string> {
  const looksLikePath = reference.endsWith('.ts') || reference.includes('/');
  const file = looksLikePath ? resolve(root, reference) : resolve(root, SCENARIO_FOLDER, `${reference}.ts`);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() === true) return file;
  const known = await scenarioNames(root);
  throw new UserError(
    `scenario: found '${reference}'; accepted: a file, or one of ${known.join(', ')}${didYouMean(reference, known)}`,
  );
}

function placeOf(root: string, file: string): string {
  const path = relative(root, file);
  return path.startsWith('..') ? file : path;
}

async function importScenario(file: string, place: string): Promise<unknown> {
  let module: unknown;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new UserError(`${place}: can't be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default;
  throw new UserError(`${place}: no default export; accepted: export default defineScenario({ … })`);
}

function applySettings(raw: unknown, settings: readonly Setting[]): unknown {
  return settings.reduce(withSetting, raw);
}

function parseScenario(place: string, raw: unknown, settings: readonly Setting[]): Scenario {
  const parsed = scenarioSchema.safeParse(raw, { reportInput: true });
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const path = issue.path.join('.');
    // Where the command line put the value, name it rather than the file, which is right.
    const setting = settings.find(
      (candidate) =>
        path === candidate.path || candidate.path.startsWith(`${path}.`) || path.startsWith(`${candidate.path}.`),
    );
    const where = setting === undefined || setting.path === path ? place : `${place}: set ${setting.path}`;
    return `${where}: ${path === '' ? 'scenario' : path}: ${issue.message}`;
  });
  throw new UserError([...new Set(lines)].join('\n'));
}

function readable(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('name' in value))
    return typeof value === 'string' ? value : JSON.stringify(value);
  const { name: choice, options } = value as { name: unknown; options?: object };
  const name = typeof choice === 'string' ? choice : JSON.parse(JSON.stringify(choice));
  return options === undefined || Object.keys(options).length === 0
    ? String(name)
    : `${String(name)} ${JSON.stringify(options)}`;
}
