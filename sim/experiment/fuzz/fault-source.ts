import type { FaultInput, Scenario } from '../scenario.ts';
import type { Draws } from './draws.ts';
import type { Tolerance } from './tolerance.ts';

/**
 * `all`: the faults stay within what the store promises to survive, so it must give right answers and heal. `safety`: they
 * may go beyond; then only wrong answers count against it.
 */
export type Mode = 'all' | 'safety';

/** What a fault is drawn for. */
export interface Occasion {
  readonly draws: Draws;
  readonly cluster: Scenario['cluster'];
  readonly tolerance: Tolerance;
  /** From its strike to the end of the trial. */
  readonly leftMs: number;
  /** Whether it may have no end. */
  readonly mayLast: boolean;
}

/** Draws faults of one kind for a trial: undefined where the trial has no room for one. */
export interface FaultSource {
  readonly kind: string;
  draw(occasion: Occasion): FaultInput | undefined;
}
