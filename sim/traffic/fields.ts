import { z } from 'zod';

/** How a message shows a value that was found: short, on one line. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(JSON.stringify(value) ?? value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A zod error message that says what was found and what is accepted; the path is the issue's own. */
export function accepted(what: string): { error: (issue: { readonly input?: unknown }) => string } {
  return {
    error: ({ input }) =>
      input === undefined ? `missing; accepted: ${what}` : `found ${show(input)}; accepted: ${what}`,
  };
}

/** A finite number within [min, max], either end excluded where `open` says so. */
export function numberField(what: string, accepts: (value: number) => boolean) {
  return z.number(accepted(what)).refine(accepts, accepted(what));
}

export const positive = numberField('a number above 0', (value) => value > 0);
export const notNegative = numberField('a number from 0', (value) => value >= 0);
export const fraction = numberField('a number from 0 to 1', (value) => value >= 0 && value <= 1);
export const wholeFromOne = numberField('a whole number from 1', (value) => value >= 1 && Number.isSafeInteger(value));
export const wholeFromZero = numberField('a whole number from 0', (value) => value >= 0 && Number.isSafeInteger(value));
export const text = z.string(accepted('a text')).min(1, accepted('a text that is not empty'));

/** Error of a discriminated union on `kind`: names the kinds that exist. */
export function kindsOf(kinds: readonly string[]): { error: (issue: { readonly input?: unknown }) => string } {
  return {
    error: ({ input }) => {
      const kind = typeof input === 'object' && input !== null && 'kind' in input ? input.kind : undefined;
      const found = kind === undefined ? `found ${show(input)}` : `found kind ${show(kind)}`;
      return `${found}; accepted kinds: ${kinds.join(', ')}`;
    },
  };
}

/** An object with these fields and no others; the error of an unknown field lists the known ones. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const fields = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown field ${(issue.keys ?? []).join(', ')}; accepted: ${fields}`
        : accepted(`an object of ${fields}`).error(issue),
  });
}
