import type { NodeId } from '../host.ts';
import { PassiveHealth, type PassiveHealthConfig, type PeerHealth } from './passive-health.ts';

/** One of several peers that do the same work, as one process sees it. */
export class Peer implements PeerHealth {
  readonly id: NodeId;
  fails = 0;
  failedMs = 0;
  checkedMs = 0;

  constructor(id: NodeId) {
    this.id = id;
  }
}

const MOST_MERIT = 3;

/** Which of several peers that do the same work is asked next: in turn, those left out that have just failed. */
export class PeerRotation {
  readonly health: PassiveHealth<Peer>;
  readonly #peers: readonly Peer[];
  #last: number;

  /** @param first - Position of the peer before the first choice, so that not all processes begin with the same one. */
  constructor(ids: readonly NodeId[], config: PassiveHealthConfig, first: number) {
    this.#peers = ids.map((id) => new Peer(id));
    this.health = new PassiveHealth(config);
    this.#last = first;
  }

  get(id: NodeId): Peer | undefined {
    return this.#peers.find((peer) => peer.id === id);
  }

  /**
   * The next one in turn; rather one that has not just failed, and rather another than `previous`.
   *
   * @throws RangeError if there are no peers.
   */
  next(nowMs: number, previous?: Peer): Peer {
    const count = this.#peers.length;
    let best: Peer | undefined;
    let bestMerit = -1;
    let position = this.#last;
    for (let step = 0; step < count && bestMerit < MOST_MERIT; step++) {
      position = position + 1 < count ? position + 1 : 0;
      const peer = this.#peers[position];
      if (peer === undefined) continue;
      const merit = (this.health.isOut(peer, nowMs) ? 0 : 2) + (peer === previous ? 0 : 1);
      if (merit <= bestMerit) continue;
      best = peer;
      bestMerit = merit;
      this.#last = position;
    }
    if (best === undefined) throw new RangeError('peers: found none, accepted: at least one');
    this.health.chosen(best, nowMs);
    return best;
  }
}
