import { z } from 'zod';
import { strict } from '../fields.ts';
import { duration } from '../units.ts';
import { at, factorOf, hasOneLevel, hotKey, level, oneLevel, plateau, redirectTo } from './fields.ts';
import type { PhaseContext, PhaseEffect } from './phase.ts';

/**
 * A crowd comes for one thing: the rate rises, and a share of all requests is for one key. `rise` and
 * `fall` are the slopes at both ends of `duration`.
 */
export const flashCrowdSchema = strict({
  kind: z.literal('flash-crowd'),
  at,
  duration,
  rise: duration.optional(),
  fall: duration.optional(),
  hotKey: hotKey.optional(),
  ...level,
})
  .refine(hasOneLevel, oneLevel)
  .refine((spec) => (spec.rise ?? 0) + (spec.fall ?? 0) <= spec.duration, {
    path: ['rise'],
    message: 'rise and fall take longer than duration; accepted: at most duration together',
  });

export function flashCrowdEffect(spec: z.output<typeof flashCrowdSchema>, context: PhaseContext): PhaseEffect {
  const untilMs = spec.at + spec.duration;
  const factor = plateau(spec.at, untilMs, factorOf(spec, context), spec.rise, spec.fall);
  return spec.hotKey ? { factor, redirect: redirectTo(spec.hotKey, spec.at, untilMs, context) } : { factor };
}
