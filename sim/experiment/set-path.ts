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
  return replaced(root, path.split('.'), 0, value);
}

function replaced(node: unknown, steps: readonly string[], depth: number, value: unknown): unknown {
  const step = steps[depth];
  if (step === undefined) return value;
  if (Array.isArray(node)) {
    const items: unknown[] = [...node];
    const place = Number(step);
    if (!/^\d+$/.test(step) || place > items.length) {
      throw new UserError(
        `--set: ${steps.slice(0, depth).join('.')}: found '${step}'; accepted: the number of an item, 0 to ${items.length} (a new one)`,
      );
    }
    items[place] = replaced(items[place], steps, depth + 1, value);
    return items;
  }
  const object = isObject(node) ? node : {};
  return { ...object, [step]: replaced(object[step], steps, depth + 1, value) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
