import type { NodeId } from '../../host.ts';
import { PassiveHealth, type PassiveHealthConfig, type PeerHealth } from '../passive-health.ts';

/** A gateway as one client sees it. */
export class GatewayPeer implements PeerHealth {
  readonly id: NodeId;
  fails = 0;
  failedMs = 0;
  checkedMs = 0;

  constructor(id: NodeId) {
    this.id = id;
  }
}

const MOST_MERIT = 3;

/** Which gateway takes the next block: in turn, those left out that have just failed. */
export class GatewayChoice {
  readonly health: PassiveHealth<GatewayPeer>;
  readonly #peers: readonly GatewayPeer[];
  #last: number;

  /** @param first - Position of the gateway before the first choice, so that clients don't all begin with the same one. */
  constructor(ids: readonly NodeId[], config: PassiveHealthConfig, first: number) {
    this.#peers = ids.map((id) => new GatewayPeer(id));
    this.health = new PassiveHealth(config);
    this.#last = first;
  }

  /** The next one in turn; rather one that has not just failed, and rather another than `previous`. */
  next(nowMs: number, previous: GatewayPeer | undefined): GatewayPeer {
    const count = this.#peers.length;
    let best: GatewayPeer | undefined;
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
    if (best === undefined) throw new RangeError('gateways: found none, accepted: at least one');
    this.health.chosen(best, nowMs);
    return best;
  }
}
