import type { ResolvedVariant } from './load.ts';

/** One run: a scenario's variant with one seed. */
export interface Trial {
  /** Folder to which the scenario's files are relative. */
  readonly root: string;
  readonly variant: ResolvedVariant;
  readonly seed: number;
  /** What the record gives as the command that runs it again. */
  readonly command: string;
}
