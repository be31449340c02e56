import type { Placement, PlacementNode } from './placement.ts';

/**
 * A placement with a table that remembers: after a change of membership it keeps what it can of what was. What it gives is a pure function
 * of the partition, the options and the *sequence* of node sets, so whoever wants its small moves must keep that sequence (or the
 * placement). Built anew for a set of nodes it is the table of a cluster whose nodes all joined at once: deterministic, and
 * rightly spread, but little of it is as before.
 */
export interface EvolvingPlacement extends Placement {
  /** The placement once `nodes` are the members. This one stays as it is. The nodes must pass the same checks as at first. */
  evolve(nodes: readonly PlacementNode[]): EvolvingPlacement;
}

/** Whether a placement remembers. */
export function isEvolving(placement: Placement): placement is EvolvingPlacement {
  return 'evolve' in placement && typeof placement.evolve === 'function';
}
