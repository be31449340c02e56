import { z } from 'zod';
import type { CallFailure } from '../host.ts';

/** Settings of a {@link PassiveHealth}, with the default of the setting that depends on the kind of peers. */
export function passiveHealthSchema(countTimeouts: boolean) {
  return z
    .strictObject({
      maxFails: z
        .int()
        .min(0)
        .default(1)
        .describe('failed attempts after which a peer is left out; 0: no peer ever is'),
      failTimeoutMs: z
        .number()
        .positive()
        .default(10_000)
        .describe('how long it is left out, and how long its failures are remembered'),
      countTimeouts: z
        .boolean()
        .default(countTimeouts)
        .describe('whether a time-out is a failure too, as in nginx: then a slow peer is left out like a dead one'),
    })
    .prefault({})
    .describe('leaves out peers that refused or reset an attempt, until the failure detector knows');
}

export type PassiveHealthConfig = z.infer<ReturnType<typeof passiveHealthSchema>>;

/** What one process remembers of a peer's failures. Written by {@link PassiveHealth} only. */
export interface PeerHealth {
  fails: number;
  /** When the last attempt failed, on the local monotonic clock. */
  failedMs: number;
  /** When it last failed, or was last tried after its time out. */
  checkedMs: number;
}

/**
 * Leaves out a peer that has just failed, from what is learned in passing: a failure detector takes seconds, and until
 * then each request that goes there costs a retry. After `failTimeoutMs` one request tries the peer again; when that ends
 * well it is back, else its time starts anew. Only attempts without an answer count: a peer that answers, whatever it
 * answers, is there.
 *
 * Source: nginx, `max_fails` and `fail_timeout` in `ngx_http_upstream_round_robin.c`. Like there a node is never missed for
 * good: where all are left out, all are tried.
 */
export class PassiveHealth<Peer extends PeerHealth> {
  readonly #maxFails: number;
  readonly #failTimeoutMs: number;
  readonly #countTimeouts: boolean;
  /** Used again for each selection: no pick allocates. */
  readonly #kept: Peer[] = [];

  constructor({ maxFails, failTimeoutMs, countTimeouts }: PassiveHealthConfig) {
    this.#maxFails = maxFails;
    this.#failTimeoutMs = failTimeoutMs;
    this.#countTimeouts = countTimeouts;
  }

  /** Is this peer left out now? */
  isOut(peer: Peer, nowMs: number): boolean {
    return this.#maxFails > 0 && peer.fails >= this.#maxFails && nowMs - peer.checkedMs <= this.#failTimeoutMs;
  }

  /** Those of `peers` that are not left out; all if that would leave none. Holds until the next call. */
  sift(peers: readonly Peer[], nowMs: number): readonly Peer[] {
    for (const peer of peers) if (peer.fails > 0 && this.isOut(peer, nowMs)) return this.#sifted(peers, nowMs);
    return peers;
  }

  /** A peer that may be tried was chosen. */
  chosen(peer: Peer, nowMs: number): void {
    // From now on others leave it out until this attempt has shown whether it is back.
    if (peer.fails > 0 && nowMs - peer.checkedMs > this.#failTimeoutMs) peer.checkedMs = nowMs;
  }

  /** An attempt ended without an answer. */
  failed(peer: Peer, failure: CallFailure, nowMs: number): void {
    if (failure === 'timeout' && !this.#countTimeouts) return;
    peer.fails += 1;
    peer.failedMs = nowMs;
    peer.checkedMs = nowMs;
  }

  /** An attempt was answered. */
  answered(peer: Peer): void {
    if (peer.fails > 0 && peer.failedMs < peer.checkedMs) peer.fails = 0;
  }

  #sifted(peers: readonly Peer[], nowMs: number): readonly Peer[] {
    const kept = this.#kept;
    kept.length = 0;
    for (const peer of peers) if (!this.isOut(peer, nowMs)) kept.push(peer);
    return kept.length > 0 ? kept : peers;
  }
}
