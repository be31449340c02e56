import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';

/**
 * What every algorithm of every family says of itself; `evenkeel list algorithms` prints it and the
 * scenario's options are checked against `options`.
 */
export interface AlgorithmInfo {
  /** Name in scenarios: lower case with hyphens. */
  readonly name: string;
  /** One sentence: what it does. */
  readonly summary: string;
  /** Paper, RFC or production system that it follows. */
  readonly source: string;
  /** Cost of one pick or lookup, and memory, in O() of named quantities. */
  readonly complexity: string;
  /** Where it is known to do badly. */
  readonly weakness: string;
}

/** One algorithm of a family: what it says of itself, its options with their defaults, and how to build it. */
export interface AlgorithmDefinition<Options, Context, Instance> extends AlgorithmInfo {
  /** Strict object schema; every option has a default and a description. */
  readonly options: z.ZodType<Options>;
  create(context: Context, options: Options): Instance;
}

/** A definition of the user's own: it may leave out `options` where it has none. */
export type OwnDefinition<Options, Context, Instance> = Omit<
  AlgorithmDefinition<Options, Context, Instance>,
  'options'
> & { readonly options?: z.ZodType<Options> };

/** The whole definition: one without options refuses all; one that has them is given back as it is. */
export function completed<Options, Context, Instance>(
  definition: OwnDefinition<Options, Context, Instance>,
): AlgorithmDefinition<Options, Context, Instance>;
export function completed<Context, Instance>(
  definition: OwnDefinition<unknown, Context, Instance>,
): AlgorithmDefinition<unknown, Context, Instance> {
  return isComplete(definition) ? definition : { ...definition, options: z.strictObject({}) };
}

function isComplete<Context, Instance>(
  definition: OwnDefinition<unknown, Context, Instance>,
): definition is AlgorithmDefinition<unknown, Context, Instance> {
  return definition.options !== undefined;
}

/** A shipped algorithm by its name, or a definition of the user's own, for schemas. */
export function algorithmChoice<Definition extends AlgorithmInfo>() {
  return z.custom<string | Definition>((value) => typeof value === 'string' || isDefinition(value), {
    error: 'accepted: a name, the path of a file, or a definition',
  });
}

/** Has it at least a name and a way to be built? What it is built from, and what comes of it, shows only when it is. */
export function isDefinition<Context = never, Instance = unknown>(
  value: unknown,
): value is OwnDefinition<unknown, Context, Instance> {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('create' in value)) return false;
  return typeof value.name === 'string' && typeof value.create === 'function';
}

/** Where a refused choice or input stands, what was found there and what is accepted. */
export interface AlgorithmFault {
  /** `balancer`, `placement`, … */
  readonly family: string;
  /** Undefined where the choice of the algorithm itself is at fault. */
  readonly algorithm?: string | undefined;
  /** Option or input at fault, as a path: `virtualNodes`, `node data-3: weight`. */
  readonly path?: string | undefined;
  readonly found: unknown;
  readonly accepted: string;
  /** The accepted word that comes nearest to what was found. */
  readonly didYouMean?: string | undefined;
}

/** An algorithm that doesn't exist, or options or inputs that it refuses. The message is one line for people. */
export class AlgorithmError extends Error {
  override readonly name = 'AlgorithmError';
  readonly fault: AlgorithmFault;

  constructor(fault: AlgorithmFault) {
    const subject = fault.algorithm === undefined ? fault.family : `${fault.family} "${fault.algorithm}"`;
    const path = fault.path === undefined ? '' : `${fault.path}: `;
    const hint = fault.didYouMean === undefined ? '' : `; did you mean "${fault.didYouMean}"?`;
    super(`${subject}: ${path}found ${inWords(fault.found)}, accepted: ${fault.accepted}${hint}`);
    this.fault = fault;
  }
}

/** The algorithms of one family by name, in the order in which they are listed. */
export type AlgorithmRegistry<Context, Instance> = ReadonlyMap<string, AlgorithmDefinition<unknown, Context, Instance>>;

/** Puts the shipped algorithms of a family into a registry. */
export function registryOf<Context, Instance>(
  definitions: readonly AlgorithmDefinition<unknown, Context, Instance>[],
): AlgorithmRegistry<Context, Instance> {
  return new Map(definitions.map((definition) => [definition.name, definition]));
}

/**
 * Finds an algorithm by name; a definition of the user's own is taken as it is.
 *
 * @throws AlgorithmError for an unknown name, or a definition that takes the name of a shipped one.
 */
export function findAlgorithm<Context, Instance>(
  family: string,
  registry: AlgorithmRegistry<Context, Instance>,
  choice: string | AlgorithmDefinition<unknown, Context, Instance>,
): AlgorithmDefinition<unknown, Context, Instance> {
  const name = typeof choice === 'string' ? choice : choice.name;
  const shipped = registry.get(name);
  if (typeof choice === 'string') {
    if (shipped !== undefined) return shipped;
    const names = [...registry.keys()];
    throw new AlgorithmError({ family, found: choice, accepted: names.join(', '), didYouMean: nearest(choice, names) });
  }
  if (shipped !== undefined && shipped !== choice) {
    throw new AlgorithmError({ family, path: 'name', found: name, accepted: 'a name that no shipped algorithm has' });
  }
  return choice;
}

/**
 * Checks `options` against the algorithm's schema and fills in defaults; `undefined` stands for none given.
 *
 * @throws AlgorithmError at the first option that is refused.
 */
export function parseOptions<Options, Context, Instance>(
  family: string,
  definition: AlgorithmDefinition<Options, Context, Instance>,
  options: unknown,
): Options {
  const given = options === undefined ? {} : options;
  const result = definition.options.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw result.error;
  const about = { family, algorithm: definition.name };
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const names = definition.options instanceof z.ZodObject ? Object.keys(definition.options.shape) : [];
    const accepted = names.length === 0 ? 'no options' : `the options ${names.join(', ')}`;
    throw new AlgorithmError({ ...about, path: 'options', found: key, accepted, didYouMean: nearest(key, names) });
  }
  const path = ['options', ...issue.path.map(String)].join('.');
  throw new AlgorithmError({ ...about, path, found: valueAt(given, issue.path), accepted: accepts(issue) });
}

/** Builds an algorithm from a name or a definition and options that nobody has checked yet. */
export function createAlgorithm<Context, Instance>(
  family: string,
  registry: AlgorithmRegistry<Context, Instance>,
  choice: string | AlgorithmDefinition<unknown, Context, Instance>,
  options: unknown,
  context: Context,
): Instance {
  const definition = findAlgorithm(family, registry, choice);
  return definition.create(context, parseOptions(family, definition, options));
}

function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const candidate = closest(word, words);
  return distance(word, candidate) <= Math.max(2, candidate.length / 3) ? candidate : undefined;
}

function valueAt(options: unknown, path: readonly PropertyKey[]): unknown {
  let value = options;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

/** What is wrong with settings, in words: what was found at the place of the issue, and what is accepted there. */
export function foundAndAccepted(given: unknown, issue: z.core.$ZodIssue): string {
  return issue.code === 'custom' || issue.code === 'unrecognized_keys'
    ? issue.message
    : `found ${inWords(valueAt(given, issue.path))}, accepted: ${accepts(issue)}`;
}

function accepts(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `a value of type ${issue.expected}`;
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return issue.values.map((value) => inWords(value)).join(', ');
    default:
      return issue.message;
  }
}

function inWords(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function') return 'a function';
  return value === undefined ? 'nothing' : String(value);
}
