import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AlgorithmInfo, completed, isDefinition, type OwnDefinition } from '../../store/algorithm.ts';
import type { Balancer, BalancerContext } from '../../store/balancer/balancer.ts';
import type { Placement, PlacementNode } from '../../store/placement/placement.ts';
import type { Rebalancer } from '../../store/rebalance/rebalancer.ts';
import { type Family, families, type Scenario } from '../scenario.ts';
import { UserError } from '../user-error.ts';
import { guardedBalancer } from './guarded-balancer.ts';
import { guardedPlacement } from './guarded-placement.ts';
import { guardedRebalancer } from './guarded-rebalancer.ts';

/** A definition of the user's own as scenarios hold it: guarded, and in a digest its name and the digest of its file. */
export interface LoadedAlgorithm extends AlgorithmInfo {
  toJSON(): string;
}

/** Makes a guarded definition of whatever claims to be one of the family; whether it is shows when it runs. */
const guards: Record<Family, (claimed: unknown) => AlgorithmInfo> = {
  balancer: (claimed) => guardedBalancer(completed(claimedTo<BalancerContext, Balancer>(claimed))),
  placement: (claimed) => guardedPlacement(completed(claimedTo<readonly PlacementNode[], Placement>(claimed))),
  rebalancer: (claimed) => guardedRebalancer(completed(claimedTo<undefined, Rebalancer>(claimed))),
};

function claimedTo<Context, Instance>(claimed: unknown): OwnDefinition<unknown, Context, Instance> {
  if (isDefinition<Context, Instance>(claimed)) return claimed;
  throw new TypeError('found no definition, accepted: one');
}

/**
 * The scenario as its file wrote it, with the definition in place of each path of a user's algorithm, and every definition guarded.
 *
 * @param file - Of the scenario: paths are relative to it.
 * @param place - How errors name it.
 * @throws UserError if a file can't be loaded or exports no definition.
 */
export async function withOwnAlgorithms(raw: unknown, file: string, place: string): Promise<unknown> {
  const loader = new Loader(dirname(file), place);
  if (!isRecord(raw)) return raw;
  const variants = isRecord(raw['variants']) ? { ...raw['variants'] } : raw['variants'];
  if (isRecord(variants)) {
    for (const [name, variant] of Object.entries(variants)) {
      const given = await loader.inChoices(variant, `variants.${name}`, '');
      const set = isRecord(given) ? given['set'] : undefined;
      variants[name] =
        isRecord(given) && set !== undefined
          ? { ...given, set: await loader.inChoices(set, `variants.${name}.set`, 'cluster.') }
          : given;
    }
  }
  return { ...raw, cluster: await loader.inChoices(raw['cluster'], 'cluster', ''), variants };
}

/** Does the scenario run code of its author's? */
export function hasOwnAlgorithms({ cluster }: Scenario): boolean {
  return families.some((family) => typeof cluster[family].name !== 'string');
}

class Loader {
  readonly #folder: string;
  readonly #place: string;

  constructor(folder: string, place: string) {
    this.#folder = folder;
    this.#place = place;
  }

  /** A copy of `holder` with its choices of all families replaced; they stand at `prefix` and the family's name. */
  async inChoices(holder: unknown, path: string, prefix: string): Promise<unknown> {
    if (!isRecord(holder)) return holder;
    const result = { ...holder };
    for (const family of families) {
      for (const key of [`${prefix}${family}`, `${prefix}${family}.name`]) {
        if (key in result) result[key] = await this.#replaced(family, result[key], `${path}.${key}`);
      }
    }
    return result;
  }

  async #replaced(family: Family, choice: unknown, path: string): Promise<unknown> {
    if (isDefinition(choice)) return 'toJSON' in choice ? choice : loaded(family, choice, choice.name);
    if (isRecord(choice)) return { ...choice, name: await this.#replaced(family, choice['name'], path) };
    if (typeof choice !== 'string' || !isPath(choice)) return choice;
    const file = resolve(this.#folder, choice);
    const where = `${this.#place}: ${path}: '${choice}'`;
    const { source, module } = await imported(file, where);
    const digest = createHash('sha256').update(source).digest('hex').slice(0, 16);
    const definition = definitionIn(module, where);
    return loaded(family, definition, `${definition.name} (${choice}, sha256 ${digest})`);
  }
}

function loaded(family: Family, definition: unknown, label: string): LoadedAlgorithm {
  return { ...guards[family](definition), toJSON: () => label };
}

async function imported(file: string, where: string): Promise<{ readonly source: string; readonly module: unknown }> {
  try {
    return { source: await readFile(file, 'utf8'), module: await import(pathToFileURL(file).href) };
  } catch (error) {
    throw new UserError(`${where}: can't be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The default export, or the only export that is a definition. */
function definitionIn(module: unknown, where: string): OwnDefinition<unknown, never, unknown> {
  const exported = isRecord(module) ? module : {};
  const named = Object.values(exported).filter((value) => isDefinition(value));
  const chosen = isDefinition(exported['default']) ? exported['default'] : named[0];
  if (chosen === undefined || (named.length > 1 && chosen !== exported['default'])) {
    throw new UserError(
      `${where}: exports ${named.length} definitions; accepted: one, with name, summary, source, complexity, weakness and create`,
    );
  }
  return chosen;
}

/** Names of algorithms have neither dots nor slashes. */
function isPath(choice: string): boolean {
  return choice.includes('/') || choice.endsWith('.ts');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
