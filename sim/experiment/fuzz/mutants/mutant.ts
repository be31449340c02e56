import type { FocusName } from '../focus.ts';

/** One place of the code, and what takes its place in a copy of the project. */
export interface Edit {
  /** Relative to the root. */
  readonly file: string;
  /** Text that stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A defect that the checks must find. */
export interface Mutant {
  readonly id: string;
  /** What the mutated store does wrong. */
  readonly description: string;
  /** One; several where a defect shows only if a second line of defence is down too. */
  readonly edits: readonly Edit[];
  /** Checks of which one must be violated. */
  readonly expects: readonly string[];
  /** Why these. */
  readonly because: string;
  /** What trials are like in which it shows, where those of the plain search seldom are. */
  readonly focus?: FocusName;
}

/** What shows that an acknowledged write was lost, or seen and lost again. */
export const LOSS = ['I1', 'I2', 'I2-linearizable'];
