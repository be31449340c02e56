import { z } from 'zod';
import { strict } from '../fields.ts';
import { duration } from '../units.ts';
import { at, factorOf, hasOneLevel, level, oneLevel, plateau } from './fields.ts';
import type { PhaseContext, PhaseEffect } from './phase.ts';

/** The rate changes at once, for a while or for good. */
export const stepSchema = strict({ kind: z.literal('step'), at, duration: duration.optional(), ...level }).refine(
  hasOneLevel,
  oneLevel,
);

export function stepEffect(spec: z.output<typeof stepSchema>, context: PhaseContext): PhaseEffect {
  return { factor: plateau(spec.at, spec.at + (spec.duration ?? Infinity), factorOf(spec, context)) };
}
