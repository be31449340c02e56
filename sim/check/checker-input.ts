import type { NodeId } from '../host.ts';
import type { FaultRecord } from '../record/schema.ts';
import type { DiskFill } from './capacity.ts';
import type { Balance } from './conservation.ts';
import type { GatewayCounts, GatewayLimits } from './gateway.ts';
import type { Leftovers } from './leftovers.ts';
import type { LinearizabilityScope } from './linearizability/linearizability-check.ts';
import type { Services } from './reach.ts';
import type { ZoneGuard } from './zone-losses.ts';

/** What is known of a run before it starts. Durations in virtual ms. */
export interface CheckerInput {
  /** W: replicas on which a write is durable before it is acknowledged. */
  readonly writeQuorum: number;
  /** Within this time after the last fault the store must be whole again. */
  readonly convergeWithinMs: number;
  readonly partitionOf: (key: string) => number;
  readonly limits?: GatewayLimits;
  /** Keys whose history is followed; beyond, a sample of them. 50,000 by default. */
  readonly mostKeys?: number;
  /** Keys whose operations must be linearizable: about 200 and the hottest by default. */
  readonly linearizability?: LinearizabilityScope | 'off';
  /** How long a running process may go without a newer map. 15 s by default. */
  readonly mapWithinMs?: number;
  /** How long a partition that was moved for balance must stay. 10 s by default. */
  readonly hysteresisMs?: number;
  /** Whether partitions are moved for the sake of anything but repair; so by default. */
  readonly rebalances?: boolean;
  /** How old a read may be; 0 by default. */
  readonly staleWithinMs?: number;
  /** How long a node may take to have looked twice at all its blocks, as full as it is now. Infinite by default. */
  readonly foundWithinMs?: (node: NodeId) => number;
  /** How full a node's disk is now; undefined where nobody can look. */
  readonly diskOf?: (node: NodeId) => DiskFill | undefined;
  /** How far metadata replaces nodes by itself; as far as need be by default. */
  readonly zoneGuard?: ZoneGuard;
  /** How long the blocks of a version that was replaced or deleted may stay; 0 by default. */
  readonly garbageMs?: number;
  /** How long a block that nobody refers to may stay: its grace, and the time to find it. Infinite by default. */
  readonly orphanWithinMs?: number;
  /** Why a change of membership may move more than it must; undefined, as by default, where it may not. */
  readonly movesMore?: string | undefined;
  /** True time at which a node's monotonic clock shows `localMs`; clocks run true by default. */
  readonly trueMs?: (node: NodeId, localMs: number) => number;
}

/** What the harness knows when a run is over. */
export interface RunFacts {
  readonly nowMs: number;
  /** Until when events were told; to the end by default. */
  readonly heardUntilMs?: number;
  /** The moment that is 0 on the scenario's clock; 0 by default. */
  readonly originMs?: number;
  readonly faults: readonly FaultRecord[];
  readonly faultsPlanned: number;
  /** When the last request was due. */
  readonly trafficEndedMs: number;
  /** Requests that the traffic sent, and answers that it got. */
  readonly sent: number;
  readonly answered: number;
  readonly balances: readonly Balance[];
  readonly services: Services;
  /** What the gateways' processes have counted; none by default. */
  readonly gateways?: readonly GatewayCounts[];
  /** What is left to do and to delete; nobody looked by default. */
  readonly leftovers?: Leftovers;
  /** Least bytes that the changes of membership had to move; null, as by default, where there were none. */
  readonly leastBytes?: number | null;
}
