import { z } from 'zod';
import { show } from '../traffic/fields.ts';
import { didYouMean } from './suggest.ts';
import { UserError } from './user-error.ts';

/**
 * The settings of a component: what the cluster dictates, and over the component's defaults what the scenario says.
 *
 * @throws UserError naming the path, what was found and what is accepted.
 */
export function parseSettings<Settings>(
  place: string,
  schema: z.ZodType<Settings>,
  wanted: Readonly<Record<string, unknown>>,
  dictated: Readonly<Record<string, unknown>>,
): Settings {
  const free = fieldsOf(schema).filter((field) => !(field in dictated));
  for (const field of Object.keys(wanted)) {
    if (!free.includes(field))
      throw new UserError(`${place}: found '${field}'; accepted: ${free.join(', ')}${didYouMean(field, free)}`);
  }
  const parsed = schema.safeParse({ ...wanted, ...dictated }, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new UserError(
    parsed.error.issues
      .map((issue) => `${place}.${issue.path.join('.')}: found ${show(issue.input)}; ${issue.message}`)
      .join('\n'),
  );
}

/** Fields of an object schema, read-only or not. */
function fieldsOf(schema: z.ZodType): readonly string[] {
  const inner: z.core.$ZodType = schema instanceof z.ZodReadonly ? schema.unwrap() : schema;
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}
