import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { GeneratedPlan } from './generated.ts';
import { seedOf } from './hash.ts';
import type { TrafficPlan } from './plan.ts';
import { loadProfile } from './profile/profile-file.ts';
import { ProfilePlan } from './profile/profile-plan.ts';
import type { TraceSpec, TrafficSpec } from './schema.ts';
import { readTraceOnce } from './trace/trace-cache.ts';
import { TracePlan } from './trace/trace-plan.ts';
import { TrafficError } from './traffic-error.ts';

/** Where the traffic is opened. */
export interface TrafficContext {
  /** Folder to which the paths of traces and profiles are relative; by default the working directory. */
  readonly root?: string;
  /** The trial's seed: decides which keys are hot and how large each object is. Default 0. */
  readonly seed?: number | string;
  /** How long the scenario runs, in ms: the traffic ends there at the latest. Required of generated traffic that has no duration of its own. */
  readonly durationMs?: number;
}

/**
 * Reads and prepares the traffic of a scenario.
 *
 * @throws TrafficError when a file can't be read, or when the traffic would be nil.
 */
export async function openTraffic(spec: TrafficSpec, context: TrafficContext = {}): Promise<TrafficPlan> {
  const plan = await planOf(spec, context);
  if (plan.expectedRequests < 1) {
    throw new TrafficError(
      `traffic: ${plan.expectedRequests} requests are expected in ${plan.durationMs} ms; accepted: 1 or more`,
    );
  }
  return plan;
}

async function planOf(spec: TrafficSpec, context: TrafficContext): Promise<TrafficPlan> {
  const seed = seedOf(String(context.seed ?? 0));
  const limitMs = Math.min(spec.duration ?? Infinity, context.durationMs ?? Infinity);
  if ('trace' in spec) return tracePlan(spec, context, limitMs, seed);
  if ('profile' in spec) return new ProfilePlan(await loadProfile(spec.profile, context.root), spec, limitMs, seed);
  if (limitMs === Infinity)
    throw new TrafficError('traffic.duration: missing; accepted: how long to generate requests');
  return new GeneratedPlan(spec, limitMs, seed);
}

async function tracePlan(
  spec: TraceSpec,
  context: TrafficContext,
  limitMs: number,
  seed: number,
): Promise<TrafficPlan> {
  const { root } = context;
  const { trace: path, elseProfile, format, maxBadLines, unknownSize, timeScale, sample, clients } = spec;
  if (elseProfile !== undefined && !existsSync(resolve(root ?? '.', path))) {
    const profile = await loadProfile(elseProfile, root);
    const rate = (profile.requests / profile.durationMs) * 1000 * timeScale * sample;
    return new ProfilePlan(profile, { profile: elseProfile, rate, timeScale, clients }, limitMs, seed);
  }
  return new TracePlan(
    await readTraceOnce(path, { format, maxBadLines, unknownSizeBytes: unknownSize, root }),
    spec,
    limitMs,
  );
}
