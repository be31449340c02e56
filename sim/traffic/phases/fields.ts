import type { z } from 'zod';
import { fraction, notNegative, strict, wholeFromOne } from '../fields.ts';
import { duration } from '../units.ts';
import type { FactorKnot, PhaseContext, Redirect } from './phase.ts';

/** Fields that several kinds of phase share. */
export const at = duration;

/** How high the rate goes: times the base rate, or per second. */
export const level = { rateFactor: notNegative.optional(), rate: notNegative.optional() };

/** One key that gets a share of the requests; by default one from the middle of the ranks, which few had asked for. */
export const hotKey = strict({ share: fraction, rank: wholeFromOne.optional() });

interface Level {
  readonly rateFactor?: number | undefined;
  readonly rate?: number | undefined;
}

/** True if exactly one of the two ways to state a level is used. */
export function hasOneLevel(spec: Level): boolean {
  return (spec.rateFactor === undefined) !== (spec.rate === undefined);
}

export const oneLevel = { path: ['rateFactor'], message: 'accepted: exactly one of rateFactor and rate' };

export function factorOf(spec: Level, context: PhaseContext): number {
  return spec.rateFactor ?? (spec.rate ?? context.rate) / context.rate;
}

/** A factor that holds from one time to another, with slopes of the given lengths inside. */
export function plateau(
  fromMs: number,
  untilMs: number,
  factor: number,
  riseMs = 0,
  fallMs = 0,
): readonly FactorKnot[] {
  const knots = [
    { atMs: fromMs, factor: 1 },
    { atMs: fromMs + riseMs, factor },
  ];
  if (untilMs === Infinity) return knots;
  return [...knots, { atMs: untilMs - fallMs, factor }, { atMs: untilMs, factor: 1 }];
}

export function redirectTo(
  key: z.output<typeof hotKey>,
  fromMs: number,
  untilMs: number,
  context: PhaseContext,
): Redirect {
  const middle = Math.floor(context.keyCount / 2);
  const rank = key.rank === undefined ? middle : Math.min(key.rank, context.keyCount) - 1;
  return { fromMs, untilMs, share: key.share, rank };
}
