import { type Command, InvalidArgumentError, Option } from 'commander';

/** Options that every command which runs trials understands. */
export interface RunOptions {
  readonly seeds?: readonly number[];
  readonly variants?: readonly string[];
  readonly set: readonly string[];
  readonly trace?: string;
  readonly jobs?: number;
  readonly out: string;
  readonly json?: true;
  readonly quiet?: true;
}

const MAX_SEEDS = 1_000;

/** Adds {@link RunOptions} to a command. */
export function withRunOptions(command: Command, out: string): Command {
  return command
    .option(
      '--seeds <n|list>',
      'a number of seeds (10: seeds 1 to 10) or a list (1,2,7; a single seed is "7,")',
      parseSeeds,
    )
    .option('--variants <names>', 'only these variants, by commas', parseNames)
    .addOption(
      new Option('--set <path=value>', 'another value for any path of the scenario; may be given again')
        .argParser(collect)
        .default([], 'none'),
    )
    .option(
      '--trace <file>',
      'replay this recorded trace in place of the traffic (plain or gzip; its format is recognised)',
    )
    .option('--jobs <n>', 'worker threads at the most; one a core by default', parseCount)
    .option('--out <dir>', 'folder for records and reports; one of the same scenario there is replaced', out)
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'print nothing but the result and errors');
}

/** `10` gives 1 to 10; `1,2,7` these; `7,` only 7. */
export function parseSeeds(text: string): readonly number[] {
  if (/^\d+$/.test(text)) {
    const count = Number(text);
    if (count < 1 || count > MAX_SEEDS)
      throw new InvalidArgumentError(`found '${text}'; accepted: 1 to ${MAX_SEEDS} seeds`);
    return Array.from({ length: count }, (_, i) => i + 1);
  }
  if (!/^\d+(,\d+)*,?$/.test(text))
    throw new InvalidArgumentError(`found '${text}'; accepted: a number such as 10, or a list such as 1,2,7`);
  const seeds = text
    .split(',')
    .filter((part) => part !== '')
    .map(Number);
  const strange = seeds.find((seed) => !Number.isSafeInteger(seed));
  if (strange !== undefined)
    throw new InvalidArgumentError(
      `found the seed ${strange}; accepted: whole numbers up to ${Number.MAX_SAFE_INTEGER}`,
    );
  if (new Set(seeds).size !== seeds.length)
    throw new InvalidArgumentError(`found a seed twice in '${text}'; accepted: distinct seeds`);
  return seeds;
}

function parseNames(text: string): readonly string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new InvalidArgumentError(`found '${text}'; accepted: names of variants, by commas`);
  return [...new Set(names)];
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError(`found '${text}'; accepted: a whole number from 1`);
  return count;
}

/** A whole number from 0. */
export function parseWhole(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new InvalidArgumentError(`found '${text}'; accepted: a whole number from 0`);
  return count;
}

function collect(text: string, earlier: unknown): readonly string[] {
  return [...(Array.isArray(earlier) ? earlier : []), text];
}
