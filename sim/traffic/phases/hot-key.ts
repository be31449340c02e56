import { z } from 'zod';
import { strict } from '../fields.ts';
import { duration } from '../units.ts';
import { at, hotKey, redirectTo } from './fields.ts';
import type { PhaseContext, PhaseEffect } from './phase.ts';

/** One key takes a share of the requests, for a while or for good; the rate stays. */
export const hotKeySchema = strict({
  kind: z.literal('hot-key'),
  at,
  duration: duration.optional(),
  ...hotKey.shape,
});

export function hotKeyEffect(spec: z.output<typeof hotKeySchema>, context: PhaseContext): PhaseEffect {
  return { factor: [], redirect: redirectTo(spec, spec.at, spec.at + (spec.duration ?? Infinity), context) };
}
