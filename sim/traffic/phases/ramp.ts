import { z } from 'zod';
import { strict } from '../fields.ts';
import { duration } from '../units.ts';
import { at, factorOf, hasOneLevel, level, oneLevel } from './fields.ts';
import type { PhaseContext, PhaseEffect } from './phase.ts';

/** The rate goes to a new level along a straight line, and stays there. */
export const rampSchema = strict({ kind: z.literal('ramp'), at, duration, ...level }).refine(hasOneLevel, oneLevel);

export function rampEffect(spec: z.output<typeof rampSchema>, context: PhaseContext): PhaseEffect {
  return {
    factor: [
      { atMs: spec.at, factor: 1 },
      { atMs: spec.at + spec.duration, factor: factorOf(spec, context) },
    ],
  };
}
