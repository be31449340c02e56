import type { Clock, NodeId } from '../../host.ts';

/** Which peers could not be reached for a copy lately. What one node finds says little; metadata puts it together. */
export class PeerHealth {
  readonly #clock: Clock;
  readonly #rememberMs: number;
  readonly #failedAtMs = new Map<NodeId, number>();

  constructor(clock: Clock, rememberMs: number) {
    this.#clock = clock;
    this.#rememberMs = rememberMs;
  }

  failed(peer: NodeId): void {
    this.#failedAtMs.set(peer, this.#clock.nowMs());
  }

  answered(peer: NodeId): void {
    this.#failedAtMs.delete(peer);
  }

  /** In the order of their names. */
  get unreachable(): readonly NodeId[] {
    const sinceMs = this.#clock.nowMs() - this.#rememberMs;
    for (const [peer, atMs] of this.#failedAtMs) if (atMs < sinceMs) this.#failedAtMs.delete(peer);
    return [...this.#failedAtMs.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }
}
