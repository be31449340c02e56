import { DATA_NODE_MUTANTS } from './data-node-mutants.ts';
import { METADATA_MUTANTS } from './metadata-mutants.ts';
import type { Mutant } from './mutant.ts';
import { PATH_MUTANTS } from './path-mutants.ts';
import { RAFT_MUTANTS } from './raft-mutants.ts';
import { HOLES, type Hole } from './unfound-mutants.ts';

/** All planted defects that the checks find. */
export const MUTANTS: readonly Mutant[] = [...RAFT_MUTANTS, ...METADATA_MUTANTS, ...DATA_NODE_MUTANTS, ...PATH_MUTANTS];

/** Planted defects that they do not find: no part of a whole run, which tells of what may break. */
export const UNFOUND: readonly Hole[] = HOLES;
