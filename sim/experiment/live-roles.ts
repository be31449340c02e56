import type { NodeId, TraceEvent } from '../host.ts';
import type { StoreEvent } from '../store/events.ts';
import type { DynamicTargets } from '../world/faults/targets.ts';

/** Roles that nodes take in the course of a run, for faults that strike whoever has one at the moment. */
export class LiveRoles implements DynamicTargets {
  readonly names = ['leader'];
  #leader: NodeId | undefined;
  #term = 0;

  /** Takes note of who leads the metadata service: of two, the one with the higher term. */
  hear(event: TraceEvent): void {
    if (!isElection(event) || event.term < this.#term) return;
    this.#term = event.term;
    this.#leader = event.leader;
  }

  /**
   * Does a leader that was deposed, and has not heard of it yet, tell what replicas hold? It believes what was so when it still
   * led, and nobody acts on it.
   */
  isOutdated(node: NodeId, event: TraceEvent): boolean {
    return event.kind === 'replica' && this.#leader !== undefined && node !== this.#leader;
  }

  /** `leader`: of the metadata service, or who led it last. */
  resolve(selector: string): readonly NodeId[] {
    return selector === 'leader' && this.#leader !== undefined ? [this.#leader] : [];
  }
}

function isElection(event: TraceEvent): event is Extract<StoreEvent, { kind: 'election' }> {
  return event.kind === 'election';
}
