import { metadataConfigSchema } from '../store/metadata/config.ts';
import type { Scenario } from './scenario.ts';

/** Faults that take a node away for good where they have no end. */
const lasting: ReadonlySet<string> = new Set(['crash', 'pause', 'isolate']);

/**
 * How long the store has to be whole again, in ms, after the last fault and the end of traffic: what the scenario allows for
 * healing, and before it, where a node never comes back, the time for which metadata waits for it by its settings, under a
 * new leader if need be.
 */
export function convergenceMs({ convergeWithin, faults, cluster }: Scenario): number {
  if (!faults.some(({ kind, duration }) => duration === undefined && lasting.has(kind))) return convergeWithin;
  const parsed = metadataConfigSchema.safeParse({ ...cluster.settings.metadata, members: ['-'] });
  if (!parsed.success) return convergeWithin;
  const { safeMode, downAfterMs, replaceAfterMs } = parsed.data;
  return convergeWithin + safeMode.limitMs + downAfterMs + replaceAfterMs;
}
