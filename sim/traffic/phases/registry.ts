import { z } from 'zod';
import { kindsOf } from '../fields.ts';
import { flashCrowdEffect, flashCrowdSchema } from './flash-crowd.ts';
import { hotKeyEffect, hotKeySchema } from './hot-key.ts';
import type { PhaseContext, PhaseEffect } from './phase.ts';
import { rampEffect, rampSchema } from './ramp.ts';
import { stepEffect, stepSchema } from './step.ts';

/** What happens to the traffic over time: one file a kind. */
export const phaseSchema = z.discriminatedUnion(
  'kind',
  [stepSchema, rampSchema, flashCrowdSchema, hotKeySchema],
  kindsOf(['step', 'ramp', 'flash-crowd', 'hot-key']),
);

export function phaseEffect(spec: z.output<typeof phaseSchema>, context: PhaseContext): PhaseEffect {
  switch (spec.kind) {
    case 'step':
      return stepEffect(spec, context);
    case 'ramp':
      return rampEffect(spec, context);
    case 'flash-crowd':
      return flashCrowdEffect(spec, context);
    case 'hot-key':
      return hotKeyEffect(spec, context);
  }
}
