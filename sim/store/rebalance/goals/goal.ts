import type { Layout, Step } from '../layout.ts';

/** Whether a step may be taken, as the goals before see it. */
export type Acceptance = (step: Step) => boolean;

/** One aim of several. */
export interface Goal {
  readonly name: string;
  /** Plans moves that bring the layout closer to the goal, none that `accepts` refuses. */
  optimise(layout: Layout, accepts: Acceptance): void;
  /** Whether the step leaves the goal as well kept as it is; asked by the goals that come after it. */
  accepts(step: Step): boolean;
}
