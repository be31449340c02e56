import type { NodeId, RandomStream } from '../../host.ts';
import type { AlgorithmDefinition } from '../algorithm.ts';

/** A data node as one gateway sees it. The gateway keeps it; a balancer reads it and never writes. */
export interface Backend {
  readonly id: NodeId;
  /** Dense position in the current table, 0 to n − 1; holds until the next `update`. */
  readonly index: number;
  readonly zone: string;
  /** Share of the load it should get, relative to the others; > 0. */
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
 * Which replica answers this request. One instance a gateway; everything on the hot path, so a pick
 * allocates nothing and keeps O(1) state per backend.
 */
export interface Balancer {
  /** The table of backends changed (start, join, leave, weight). State of backends that stay should stay, by id. */
  update(backends: readonly Backend[]): void;
  /**
   * Picks one of `eligible`: the live replicas that hold the block and were not yet tried for this request,
   * in map order, never empty, each an element of the current table. Must not keep or change the array.
   */
  pick(eligible: readonly Backend[], request: PickRequest): Backend;
  /** An attempt on `backend` ended, `latencyMs` after it was sent. Called once for every pick that was sent. */
  onDone(backend: Backend, outcome: AttemptOutcome, latencyMs: number): void;
}

/** What a balancer is built from. */
export interface BalancerContext {
  /** A stream of this balancer's own. */
  readonly random: RandomStream;
  /** Monotonic time, in ms. */
  readonly nowMs: () => number;
}

/** A balancer as scenarios choose it: what it says of itself, its options, and how to build it. */
export type BalancerDefinition<Options> = AlgorithmDefinition<Options, BalancerContext, Balancer>;
