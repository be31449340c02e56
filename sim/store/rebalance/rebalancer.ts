import type { NodeId } from '../../host.ts';
import type { AlgorithmDefinition, OwnDefinition } from '../algorithm.ts';
import type { Membership, MoveCause } from '../model.ts';

/** A data node as a rebalancer sees it. */
export interface RebalanceNode {
  readonly id: NodeId;
  readonly zone: string;
  readonly rack: string;
  readonly host: string;
  /** Share of the data that it should hold, relative to the others; > 0. */
  readonly weight: number;
  readonly membership: Membership;
  /** Up, and neither draining nor given up nor too full: it may be given replicas. */
  readonly accepts: boolean;
  /** As of its last heartbeat. */
  readonly usedBytes: number;
  readonly capacityBytes: number;
}

/** A partition as a rebalancer sees it. */
export interface RebalancePartition {
  readonly number: number;
  readonly replicas: readonly NodeId[];
  /** Nodes that are being filled: a partition that has any is left alone. */
  readonly joining: readonly NodeId[];
  /** The replica whose place a joining node will take; undefined if none is. */
  readonly leaving?: NodeId | undefined;
  /** Whom placement would give it to with the present members; empty if there are too few. */
  readonly target: readonly NodeId[];
  /** Declared size of its committed blocks. */
  readonly bytes: number;
  /** When a replica last changed hands; -Infinity if none ever did. */
  readonly movedMs: number;
}

/** The cluster at one moment. */
export interface RebalanceView {
  /** On the clock of `movedMs`. */
  readonly nowMs: number;
  readonly replication: number;
  /** In the order of ids, those that have left not among them. */
  readonly nodes: readonly RebalanceNode[];
  readonly partitions: readonly RebalancePartition[];
}

/** One replica that should change hands. */
export interface PlannedMove {
  readonly partition: number;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly cause: MoveCause;
  /** On the clock of the view: it is wanted, but later, for it moved only lately. */
  readonly notBeforeMs?: number | undefined;
  /** For people, in the decision trace. */
  readonly why: string;
}

/**
 * Which partitions should move. Asked again and again while the membership is still; what it names is checked, and begun in
 * the order given as far as transfers are free, so a plan is what is left to do, most urgent first, and may be
 * empty. At most one move a partition. A function of the view: it keeps no state and draws no lots.
 */
export interface Rebalancer {
  plan(view: RebalanceView): readonly PlannedMove[];
}

/** A rebalancer as scenarios choose it: what it says of itself, its options, and how to build it. */
export type RebalancerDefinition<Options> = AlgorithmDefinition<Options, undefined, Rebalancer>;

/** A rebalancer in a file of the user's own, which a scenario names by its path. */
export type OwnRebalancer<Options = unknown> = OwnDefinition<Options, undefined, Rebalancer>;
