import type { CallFailure, CallHandler, CallId, Message, TimerHandler, TimerId } from '../../host.ts';
import { type GatewayError, type GatewayReply, type GatewayRequest, isGatewayReply } from '../messages/gateway.ts';
import type { Peer } from '../peer-rotation.ts';
import type { ClientCore } from './client-core.ts';

/** A gateway's answer that is no error. */
export type BlockReply = Exclude<GatewayReply, { kind: 'gateway.error' }>;

/** Who waits for a block to be fetched or stored. In the end exactly one of `onBlock` and `onBlockFailed` is called, once. */
export interface BlockHandler {
  /** What is wrong with an answer, undefined if nothing: a faulty one is asked for again. */
  faultInBlock(tag: number, reply: BlockReply): string | undefined;
  onBlock(tag: number, reply: BlockReply): void;
  /** Given up; `error` is the last one seen. */
  onBlockFailed(tag: number, error: string): void;
}

const BACKOFF_DOUBLINGS = 6;

/** All replicas were asked, or all would say the same: another gateway could do no better. */
const FINAL: ReadonlySet<string> = new Set<GatewayError>(['absent', 'bad-request', 'no-space']);

/** Would any gateway say the same? */
export function isFinal(error: string): boolean {
  return FINAL.has(error);
}

/** One block that is being fetched or stored. */
export interface BlockFetch {
  /** Attempts so far. */
  readonly attempts: number;
  /** Sends it. The handler is called before this returns if the deadline has passed. */
  start(): void;
  /** Gives up: the handler is not called. */
  cancel(): void;
}

/** How a call is to differ from what its client's settings say. */
export interface CallLimits {
  /** Attempts, the first included. */
  readonly most: number;
  /** Rather not through this gateway at first. */
  readonly avoid: Peer;
}

/**
 * One block on its way through a gateway: another gateway after a pause with full jitter when one fails, as long as the
 * deadline, the attempts and the retry budget last. Reads change nothing and a block's id is unique, so both may be repeated.
 */
export class BlockCall implements BlockFetch, CallHandler, TimerHandler {
  readonly #client: ClientCore;
  readonly #request: GatewayRequest;
  readonly #deadlineMs: number;
  readonly #handler: BlockHandler;
  readonly #tag: number;
  readonly #most: number;
  #state: 'calling' | 'pausing' | 'done' = 'pausing';
  #gateway: Peer | undefined;
  #call: CallId = 0;
  #timer: TimerId = 0;
  /** The gateway may take as long as one may: if nothing comes, that is its fault. */
  #fullTime = true;
  attempts = 0;

  constructor(
    client: ClientCore,
    request: GatewayRequest,
    deadlineMs: number,
    handler: BlockHandler,
    tag: number,
    limits?: CallLimits,
  ) {
    this.#client = client;
    this.#request = request;
    this.#deadlineMs = deadlineMs;
    this.#handler = handler;
    this.#tag = tag;
    this.#most = limits?.most ?? client.config.maxAttempts;
    this.#gateway = limits?.avoid;
  }

  /** The gateway whose answer is awaited; undefined while none is. */
  get waitsFor(): Peer | undefined {
    return this.#state === 'calling' ? this.#gateway : undefined;
  }

  start(): void {
    const { host, config, gateways } = this.#client;
    const nowMs = host.clock.nowMs();
    const remainingMs = this.#deadlineMs - nowMs;
    if (remainingMs <= 0) {
      this.#fail('timeout');
      return;
    }
    this.attempts += 1;
    this.#state = 'calling';
    this.#fullTime = remainingMs >= config.gatewayTimeoutMs;
    this.#gateway = gateways.next(nowMs, this.#gateway);
    const timeoutMs = Math.min(config.gatewayTimeoutMs, remainingMs);
    this.#call = host.network.call(this.#gateway.id, this.#request, timeoutMs, this, 0);
  }

  cancel(): void {
    if (this.#state === 'calling') this.#client.host.network.cancel(this.#call);
    if (this.#state === 'pausing') this.#client.host.timers.cancel(this.#timer);
    this.#state = 'done';
  }

  onReply(_tag: number, response: Message): void {
    if (this.#gateway !== undefined) this.#client.gateways.health.answered(this.#gateway);
    if (!isGatewayReply(response)) {
      this.#retry(`answered ${response.kind}`, 0);
      return;
    }
    this.#client.noticeEpoch(response.epoch);
    if (response.kind === 'gateway.error') {
      if (FINAL.has(response.error)) this.#fail(response.error);
      else this.#retry(response.error, response.retryAfterMs ?? 0);
      return;
    }
    const fault = this.#handler.faultInBlock(this.#tag, response);
    if (fault !== undefined) {
      this.#retry(fault, 0);
      return;
    }
    this.#state = 'done';
    this.#handler.onBlock(this.#tag, response);
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    const { host, gateways } = this.#client;
    if (this.#gateway !== undefined && (failure !== 'timeout' || this.#fullTime))
      gateways.health.failed(this.#gateway, failure, host.clock.nowMs());
    this.#retry(failure, 0);
  }

  onTimer(): void {
    this.start();
  }

  #retry(error: string, atLeastMs: number): void {
    const { host, config, budget, jitter } = this.#client;
    if (this.attempts >= this.#most) {
      this.#fail(error);
      return;
    }
    const ceilingMs = config.backoffMs * (1 << Math.min(this.attempts - 1, BACKOFF_DOUBLINGS));
    const pauseMs = atLeastMs + jitter.next() * ceilingMs;
    // A retry that would begin after the deadline is none, and is not paid for.
    if (host.clock.nowMs() + pauseMs >= this.#deadlineMs || !budget.spend()) {
      this.#fail(error);
      return;
    }
    this.#state = 'pausing';
    this.#timer = host.timers.after(pauseMs, this, 0);
  }

  #fail(error: string): void {
    this.#state = 'done';
    this.#handler.onBlockFailed(this.#tag, error);
  }
}
