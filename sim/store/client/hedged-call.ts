import type { TimerHandler, TimerId } from '../../host.ts';
import type { GatewayRequest } from '../messages/gateway.ts';
import { BlockCall, type BlockFetch, type BlockHandler, type BlockReply, isFinal } from './block-call.ts';
import type { ClientCore } from './client-core.ts';
import type { Hedging } from './hedging.ts';

const FIRST = 0;
const HEDGE = 1;

/**
 * A get of one block that is asked for a second time, through another gateway, once it has taken longer than nearly all
 * do. The first good answer wins and the other call is cancelled.
 *
 * Source: Dean and Barroso, "The tail at scale" (CACM 56(2), 2013): hedged requests, deferred to the 95th percentile of
 * the expected latency, so that the extra load is at most about 5 %. Here that share is held by a budget besides, since all
 * gets are late at once when the store is overloaded.
 */
export class HedgedCall implements BlockFetch, BlockHandler, TimerHandler {
  readonly #client: ClientCore;
  readonly #hedging: Hedging;
  readonly #request: GatewayRequest;
  readonly #deadlineMs: number;
  readonly #handler: BlockHandler;
  readonly #tag: number;
  readonly #first: BlockCall;
  #hedge: BlockCall | undefined;
  #firstFailed = false;
  #hedgeFailed = false;
  #ended = false;
  #timer: TimerId = 0;
  #startedMs = 0;

  constructor(
    client: ClientCore,
    hedging: Hedging,
    request: GatewayRequest,
    deadlineMs: number,
    handler: BlockHandler,
    tag: number,
  ) {
    this.#client = client;
    this.#hedging = hedging;
    this.#request = request;
    this.#deadlineMs = deadlineMs;
    this.#handler = handler;
    this.#tag = tag;
    this.#first = new BlockCall(client, request, deadlineMs, this, FIRST);
  }

  get attempts(): number {
    return this.#first.attempts + (this.#hedge?.attempts ?? 0);
  }

  start(): void {
    const { clock, timers } = this.#client.host;
    this.#startedMs = clock.nowMs();
    this.#hedging.began();
    this.#first.start();
    const { delayMs } = this.#hedging;
    if (delayMs !== undefined && !this.#ended) this.#timer = timers.after(delayMs, this, 0);
  }

  cancel(): void {
    this.#ended = true;
    this.#client.host.timers.cancel(this.#timer);
    this.#first.cancel();
    this.#hedge?.cancel();
  }

  onTimer(): void {
    const asked = this.#first.waitsFor;
    // One that is about to be repeated anyway needs no hedge.
    if (this.#ended || asked === undefined || !this.#hedging.spend()) return;
    this.#hedge = new BlockCall(this.#client, this.#request, this.#deadlineMs, this, HEDGE, { most: 1, avoid: asked });
    this.#hedge.start();
  }

  faultInBlock(_tag: number, reply: BlockReply): string | undefined {
    return this.#handler.faultInBlock(this.#tag, reply);
  }

  onBlock(_tag: number, reply: BlockReply): void {
    this.#hedging.took(this.#client.host.clock.nowMs() - this.#startedMs);
    this.cancel();
    this.#handler.onBlock(this.#tag, reply);
  }

  onBlockFailed(tag: number, error: string): void {
    if (tag === FIRST) this.#firstFailed = true;
    else this.#hedgeFailed = true;
    const otherGoesOn = tag === FIRST ? this.#hedge !== undefined && !this.#hedgeFailed : !this.#firstFailed;
    if (otherGoesOn && !isFinal(error)) return;
    this.cancel();
    this.#handler.onBlockFailed(this.#tag, error);
  }
}
