import type { NodeId, TraceEvent } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Cluster } from './cluster.ts';
import type { ReadBack } from './stock.ts';

/**
 * Where a trial is in its course: `built`, before anything is drawn or started; `filled`, with everything stored and
 * settled, at time 0; `ended`, when the scenario's time is over; `settled`, when the cluster is whole again or its time
 * for that is over; `read-back`, when all that was written was read.
 */
export type TrialStation = 'built' | 'filled' | 'ended' | 'settled' | 'read-back';

/** A trial as it stands at a station. */
export interface TrialStage {
  readonly kernel: Kernel;
  readonly cluster: Cluster;
  /** Empty before the station `read-back`. */
  readonly readBack: readonly ReadBack[];
}

/** Looks on at a trial from the outside, for proofs and tools. A watcher that only reads changes nothing of its course. */
export interface TrialWatcher {
  onStation?(station: TrialStation, stage: TrialStage): void;
  /** Everything that components and world report, from the first moment on; `nowMs` is the kernel's. */
  onEvent?(node: NodeId, event: TraceEvent, nowMs: number): void;
}
