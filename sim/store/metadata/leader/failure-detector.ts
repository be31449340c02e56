import type { NodeId } from '../../../host.ts';
import type { Liveness } from '../../model.ts';
import type { MetadataSettings } from '../config.ts';
import type { LivenessChange } from '../state/commands.ts';
import type { NodeRecord } from '../state/node-table.ts';

interface Pulse {
  lastBeatMs: number;
  /** Times that it went down, not longer than `flapForgetMs` apart. */
  falls: number;
  fellMs: number;
  /** Until then a returned node stays suspect. */
  heldUntilMs: number;
}

const mostDoublings = 6;

/**
 * Judges from heartbeats whether nodes are alive, in the leader's memory and by its clock alone. A lease is what
 * a node was promised at its last beat; a node is down only after its lease has run out, so that it has fenced itself by then.
 *
 * Flapping nodes are held suspect after their return, each time twice as long, as routers damp flapping routes (RFC 2439).
 */
export class FailureDetector {
  readonly #settings: MetadataSettings;
  readonly #pulses = new Map<NodeId, Pulse>();

  /** A new leader gives every node a whole lease before it judges. */
  constructor(settings: MetadataSettings, nodes: readonly NodeRecord[], nowMs: number) {
    this.#settings = settings;
    for (const { description } of nodes) this.#pulses.set(description.id, newPulse(nowMs));
  }

  /** Whether a returning node is to be taken up at once. */
  livenessAtReturn(id: NodeId, nowMs: number): Liveness {
    return nowMs < this.#holdUntil(id, nowMs) ? 'suspect' : 'up';
  }

  registered(id: NodeId, nowMs: number): void {
    const heldUntilMs = this.#holdUntil(id, nowMs);
    const pulse = this.#pulses.get(id) ?? newPulse(nowMs);
    pulse.lastBeatMs = nowMs;
    pulse.heldUntilMs = heldUntilMs;
    this.#pulses.set(id, pulse);
  }

  beat(id: NodeId, nowMs: number): void {
    const pulse = this.#pulses.get(id);
    if (pulse !== undefined) pulse.lastBeatMs = nowMs;
  }

  /** Whether the node may still take itself to be registered. */
  leaseHolds(id: NodeId, nowMs: number): boolean {
    const pulse = this.#pulses.get(id);
    return pulse !== undefined && nowMs - pulse.lastBeatMs <= this.#settings.leaseMs;
  }

  /** The leader itself stood still for so long: that silence was its own. */
  excuse(stalledMs: number): void {
    for (const pulse of this.#pulses.values()) pulse.lastBeatMs += stalledMs;
  }

  /** What has changed since `nodes` were judged last. A node that is down comes back by registering, not by a beat. */
  judge(nodes: readonly NodeRecord[], nowMs: number): LivenessChange[] {
    const changes: LivenessChange[] = [];
    for (const { description, liveness, membership } of nodes) {
      const pulse = this.#pulses.get(description.id);
      if (pulse === undefined || liveness === 'down' || membership === 'left') continue;
      const silentMs = nowMs - pulse.lastBeatMs;
      const found = this.#found(pulse, silentMs, nowMs);
      if (found === liveness) continue;
      if (found === 'down') {
        const again = pulse.falls > 0 && nowMs - pulse.fellMs <= this.#settings.flapForgetMs;
        pulse.falls = again ? pulse.falls + 1 : 1;
        pulse.fellMs = nowMs;
      }
      const why = found === 'up' ? 'beats again' : `silent for ${(silentMs / 1_000).toFixed(1)} s`;
      changes.push({ node: description.id, incarnation: description.incarnation, liveness: found, why });
    }
    return changes;
  }

  #found(pulse: Pulse, silentMs: number, nowMs: number): Liveness {
    if (silentMs > this.#settings.downAfterMs) return 'down';
    if (silentMs > this.#settings.suspectAfterMs || nowMs < pulse.heldUntilMs) return 'suspect';
    return 'up';
  }

  #holdUntil(id: NodeId, nowMs: number): number {
    const pulse = this.#pulses.get(id);
    if (pulse === undefined || pulse.falls < 2 || nowMs - pulse.fellMs > this.#settings.flapForgetMs) return nowMs;
    return nowMs + this.#settings.flapHoldMs * (1 << Math.min(pulse.falls - 2, mostDoublings));
  }
}

function newPulse(nowMs: number): Pulse {
  return { lastBeatMs: nowMs, falls: 0, fellMs: 0, heldUntilMs: 0 };
}
