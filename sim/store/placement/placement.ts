import type { NodeId } from '../../host.ts';
import type { AlgorithmDefinition, OwnDefinition } from '../algorithm.ts';

/** A data node as placement sees it. */
export interface PlacementNode {
  readonly id: NodeId;
  /** Share of the data it should hold, relative to the others; > 0 and finite. */
  readonly weight: number;
  readonly zone: string;
  readonly rack: string;
  /** Physical host; nodes on one host fail together. */
  readonly host: string;
}

/** The owners of one partition. */
export interface ReplicaSet {
  /** Distinct nodes in order of preference, as many as asked for. */
  readonly nodes: readonly NodeId[];
  /**
   * What could not be kept apart because there are too few of them: `zone` where some replicas share a zone,
   * `rack` where some share even a rack, `host` where some share even a host; undefined where all replicas are
   * in distinct zones.
   */
  readonly degraded?: 'zone' | 'rack' | 'host';
}

/**
 * Which nodes hold this partition: a pure function of (partition, nodes, options), so that all who know the
 * same nodes compute the same owners. Replicas stand in distinct zones, then racks, then hosts, as far as
 * there are enough of them, in proportion to weight.
 */
export interface Placement {
  /** @throws RangeError if `count` is below 1 or above the number of nodes. */
  replicas(partition: number, count: number): ReplicaSet;
}

/** A placement as scenarios choose it: what it says of itself, its options, and how to build it for a set of nodes. */
export type PlacementDefinition<Options> = AlgorithmDefinition<Options, readonly PlacementNode[], Placement>;

/** A placement in a file of the user's own, which a scenario names by its path. */
export type OwnPlacement<Options = unknown> = OwnDefinition<Options, readonly PlacementNode[], Placement>;
