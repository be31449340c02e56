import type { CallFailure, CallHandler, CallId, Message, TimerHandler, TimerId } from '../../host.ts';
import type { GatewayReply, GatewayRequest } from '../messages.ts';
import type { ClientCore } from './client.ts';

/** Who waits for a block to be fetched or stored. Exactly one of the two is called, once. */
export interface BlockHandler {
  onBlock(tag: number, reply: Exclude<GatewayReply, { kind: 'gateway.error' }>): void;
  /** Given up; `error` is the last one seen. */
  onBlockFailed(tag: number, error: string): void;
}

const BACKOFF_DOUBLINGS = 6;

/**
 * One block on its way through a gateway: another gateway after a pause with full jitter when one fails, as long as the
 * deadline, the attempts and the retry budget last. Reads change nothing and a block's id is unique, so both may be repeated.
 */
export class BlockCall implements CallHandler, TimerHandler {
  readonly #client: ClientCore;
  readonly #request: GatewayRequest;
  readonly #deadlineMs: number;
  readonly #handler: BlockHandler;
  readonly #tag: number;
  #state: 'calling' | 'pausing' | 'done' = 'pausing';
  #call: CallId = 0;
  #timer: TimerId = 0;
  attempts = 0;

  constructor(client: ClientCore, request: GatewayRequest, deadlineMs: number, handler: BlockHandler, tag: number) {
    this.#client = client;
    this.#request = request;
    this.#deadlineMs = deadlineMs;
    this.#handler = handler;
    this.#tag = tag;
  }

  /** Sends it. Only to be called while the deadline lies ahead, and not from within another call's `start`. */
  start(): void {
    const { host, config } = this.#client;
    const remainingMs = this.#deadlineMs - host.clock.nowMs();
    if (remainingMs <= 0) {
      this.#fail('timeout');
      return;
    }
    this.attempts += 1;
    this.#state = 'calling';
    this.#call = host.network.call(
      this.#client.nextGateway(),
      this.#request,
      Math.min(config.gatewayTimeoutMs, remainingMs),
      this,
      0,
    );
  }

  cancel(): void {
    if (this.#state === 'calling') this.#client.host.network.cancel(this.#call);
    if (this.#state === 'pausing') this.#client.host.timers.cancel(this.#timer);
    this.#state = 'done';
  }

  onReply(_tag: number, response: Message): void {
    const reply = response as GatewayReply;
    this.#client.noticeEpoch(reply.epoch);
    if (reply.kind !== 'gateway.error') {
      this.#state = 'done';
      this.#handler.onBlock(this.#tag, reply);
      return;
    }
    // No replica will have it however often one asks, and a malformed request stays malformed.
    if (reply.error === 'absent' || reply.error === 'bad-request') this.#fail(reply.error);
    else this.#retry(reply.error, reply.retryAfterMs ?? 0);
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    this.#retry(failure, 0);
  }

  onTimer(): void {
    this.start();
  }

  #retry(error: string, atLeastMs: number): void {
    const { host, config, budget, jitter } = this.#client;
    if (this.attempts >= config.maxAttempts || !budget.spend()) {
      this.#fail(error);
      return;
    }
    const ceilingMs = config.backoffMs * (1 << Math.min(this.attempts - 1, BACKOFF_DOUBLINGS));
    this.#state = 'pausing';
    this.#timer = host.timers.after(atLeastMs + jitter.next() * ceilingMs, this, 0);
  }

  #fail(error: string): void {
    this.#state = 'done';
    this.#handler.onBlockFailed(this.#tag, error);
  }
}
