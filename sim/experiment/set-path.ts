import { UserError } from './user-error.ts';

/** One `--set path=value`, or an entry of a variant's `set`. */
export interface Setting {
  /** Where in the scenario: `traffic.rate`, `faults.0.target`. */
  readonly path: string;
  readonly value: unknown;
}

/**
 * Reads `traffic.rate=2000`. The value is JSON where it parses as JSON, else text.
 *
 * @throws UserError without a path or an equals sign.
 */
export function parseSetting(text: string): Setting {
  const equals = text.indexOf('=');
  const path = text.slice(0, Math.max(0, equals)).trim();
  if (path === '' || path.split('.').includes(''))
    throw new UserError(`--set: found '${text}'; accepted: path=value, such as traffic.rate=2000`);
  return { path, value: parseValue(text.slice(equals + 1)) };
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A copy of `root` with one value replaced; objects on the way are made where they are missing. The schema judges the result. */
export function withSetting(root: unknown, { path, value }: Setting): unknown {
  return replaced(root, path.split('.'), value);
}

function replaced(node: unknown, steps: readonly string[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (Array.isArray(node)) {
    const items: unknown[] = [...node];
    if (!/^\d+$/.test(step))
      throw new UserError(`--set: found '${step}' where the number of an item is accepted (0 to ${items.length - 1})`);
    items[Number(step)] = replaced(items[Number(step)], rest, value);
    return items;
  }
  const object = isObject(node) ? node : {};
  return { ...object, [step]: replaced(object[step], rest, value) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
