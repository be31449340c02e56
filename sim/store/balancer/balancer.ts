import type { NodeId, RandomStream } from '../../host.ts';
import type { AlgorithmDefinition, OwnDefinition } from '../algorithm.ts';

/** A data node as one gateway sees it. The gateway keeps it; a balancer reads it and never writes. */
export interface Backend {
  readonly id: NodeId;
  /** Dense position in the current table, 0 to n − 1; holds until the next `update`. */
  readonly index: number;
  readonly zone: string;
  /** Share of the load it should get, relative to the others; > 0. Changes only with an `update`; a slow start lowers it for a while. */
  readonly weight: number;
  /** Requests that this gateway has open to it now. */
  readonly inFlight: number;
}

/** What is known of the request at the moment of the pick. */
export interface PickRequest {
  readonly key: string;
  /** Unsigned 32-bit hash of the key: the same on every gateway. */
  readonly keyHash: number;
}

/** How an attempt ended: `failed` is an error answer or a refused call, `cancelled` says nothing about the backend. */
export type AttemptOutcome = 'ok' | 'failed' | 'timeout' | 'cancelled';

/**
 * What a data node says of its own load. With an answer: how long it worked on that request, from when it took it up. To
 * a probe: how long a request that comes now will take, by the latest ones that found it about as busy.
 */
export type LoadFeedback =
  | { readonly kind: 'answer'; readonly inFlight: number; readonly serviceMs: number }
  | { readonly kind: 'probe'; readonly inFlight: number; readonly latencyMs: number };

/**
 * Which replica answers this request. One instance a gateway; everything on the hot path, so a pick
 * allocates nothing and keeps O(1) state per backend.
 */
export interface Balancer {
  /** The table of backends changed (start, join, leave, weight). State of backends that stay should stay, by id. */
  update(backends: readonly Backend[]): void;
  /**
   * Picks one of `eligible`: the replicas that hold the block, were not yet tried for this request and are fit by the
   * map and the gateway's policies, in map order, never empty, each an element of the current table. Must not keep or
   * change the array.
   */
  pick(eligible: readonly Backend[], request: PickRequest): Backend;
  /** An attempt on `backend` ended, `latencyMs` after it was sent. Called once for every pick that was sent. */
  onDone(backend: Backend, outcome: AttemptOutcome, latencyMs: number): void;
  /**
   * A data node told of its load: with an answer, just before the `onDone` of that attempt, or to a probe. `inFlight`
   * are all the requests that it has left, of all gateways. Nodes tell only where a balancer has this method.
   */
  onFeedback?(backend: Backend, feedback: LoadFeedback): void;
}

/** Where a gateway stands among its peers: what balancers need that divide the backends between gateways. */
export interface GatewaySeat {
  readonly zone: string;
  /** Its place among the gateways, 0 to n − 1, the same whoever counts. */
  readonly position: number;
  /** The zones of all gateways by position, its own among them. */
  readonly zones: readonly string[];
}

/** What a balancer is built from. */
export interface BalancerContext {
  /** A stream of this balancer's own. */
  readonly random: RandomStream;
  /** Monotonic time, in ms. */
  readonly nowMs: () => number;
  /** Asks a backend for its load; the answer, if one comes, arrives at `onFeedback` later. Absent where nobody can be asked. */
  readonly probe?: (backend: Backend) => void;
  /** Absent where the gateway is the only one, or knows of no other. */
  readonly seat?: GatewaySeat;
}

/** A balancer as scenarios choose it: what it says of itself, its options, and how to build it. */
export type BalancerDefinition<Options> = AlgorithmDefinition<Options, BalancerContext, Balancer>;

/** A balancer in a file of the user's own, which a scenario names by its path. */
export type OwnBalancer<Options = unknown> = OwnDefinition<Options, BalancerContext, Balancer>;
