import type { AbortHandler, CallFailure, CallHandler, CallId, Message, TimerHandler, TimerId } from '../../host.ts';
import type { AttemptOutcome, Backend, PickRequest } from '../balancer/balancer.ts';
import { hashKey } from '../hash.ts';
import { type DataRequest, isDataReply, type NodeLoad } from '../messages/block.ts';
import type { GatewayError, GatewayRequest } from '../messages/gateway.ts';
import { CIRCUIT_OPEN, type PooledBackend } from './backend-pool.ts';
import type { Route } from './director.ts';
import { errorOf, verdictOf } from './errors.ts';
import type { AttemptPurpose, GatewayCore } from './gateway-core.ts';
import { type MapAwaiter, MapRefresh } from './map-refresh.ts';
import type { RequestContext } from './request-context.ts';
import { backoffMs } from './retry-backoff.ts';
import type { Verdict } from './traffic-window.ts';

type GetRequest = Extract<GatewayRequest, { kind: 'gateway.get' }>;

/**
 * A read on its way: one data node at a time, the next one when it fails, as long as the budget, the deadline and untried
 * replicas last. A block never changes, so any replica's verified copy is the right answer and a retry does no harm.
 *
 * "Absent" must be the answer of every replica, by a map that is not known to be old.
 */
export class ReadProxy implements CallHandler, AbortHandler, MapAwaiter, TimerHandler, PickRequest, AttemptPurpose {
  readonly key: string;
  readonly keyHash: number;
  sentMs = 0;
  readonly #gateway: GatewayCore;
  readonly #context: RequestContext;
  readonly #request: GetRequest;
  #state: 'picking' | 'waiting' | 'pausing' | 'refreshing' | 'done' = 'picking';
  #backend: PooledBackend | undefined;
  #tried: PooledBackend[] | undefined;
  #refresh: MapRefresh | undefined;
  #call: CallId = 0;
  #timer: TimerId = 0;
  /** When the first attempt was sent. */
  #startedMs = 0;
  #attempts = 0;
  #mostAttempts: number;
  /** The open attempt may take as long as a data node may: if nothing comes, that is the node's fault. */
  #fullTime = true;
  #absentOnly = true;
  /** Of the map that the current route was taken from. */
  #routeEpoch: number;
  /** Newest epoch that an answer told of. */
  #toldEpoch = 0;

  constructor(gateway: GatewayCore, context: RequestContext, request: GetRequest) {
    this.#gateway = gateway;
    this.#context = context;
    this.#request = request;
    this.#mostAttempts = gateway.config.maxAttempts;
    this.#routeEpoch = gateway.epoch;
    this.key = request.key;
    this.keyHash = hashKey(request.key);
  }

  get op(): 'read' {
    return 'read';
  }

  get partition(): number {
    return this.#request.block.partition;
  }

  get isRetry(): boolean {
    return this.#attempts > 1;
  }

  start(): void {
    const { exchange } = this.#context;
    // A request may have been aborted while it waited for the CPU; its handler would never be told.
    if (exchange.aborted) this.#refuse('timeout');
    else {
      exchange.onAbort(this);
      this.#begin();
    }
  }

  onReply(_tag: number, response: Message): void {
    const { health, epoch } = this.#gateway;
    if (!isDataReply(response) || response.kind === 'block.stored' || response.kind === 'block.deleted') {
      this.#failed('failed', 'fault', 'bad-gateway');
      return;
    }
    if (this.#backend !== undefined) health.answered(this.#backend);
    if (response.kind === 'block.data') {
      this.#tellBalancer(response.load);
      const { id } = this.#settle('ok', 'success');
      this.#state = 'done';
      this.#context.answer({
        kind: 'gateway.data',
        body: response.body,
        checksum: response.checksum,
        served: id,
        attempts: this.#attempts,
        epoch,
      });
      return;
    }
    const { refusal } = response;
    this.#gateway.noticeEpoch(response.epoch);
    this.#toldEpoch = Math.max(this.#toldEpoch, response.epoch);
    if (refusal === 'bad-request') {
      // It would be malformed for the next one too.
      this.#settle('failed', 'success');
      this.#refuse('bad-request');
    } else this.#failed('failed', verdictOf(refusal), errorOf(refusal));
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    const timeout = failure === 'timeout';
    if (timeout && !this.#fullTime) {
      this.#overtaken();
      this.#refuse('timeout');
      return;
    }
    if (this.#backend !== undefined)
      this.#gateway.health.failed(this.#backend, failure, this.#gateway.host.clock.nowMs());
    this.#failed(timeout ? 'timeout' : 'failed', 'fault', timeout ? 'timeout' : 'bad-gateway');
  }

  onAborted(): void {
    if (this.#state === 'waiting') {
      this.#gateway.host.network.cancel(this.#call);
      this.#overtaken();
    } else if (this.#state === 'refreshing') this.#refresh?.cancel();
    else if (this.#state === 'pausing') this.#gateway.host.timers.cancel(this.#timer);
    else return;
    this.#refuse('timeout');
  }

  onNewerMap(): void {
    this.#state = 'picking';
    this.#routeEpoch = this.#gateway.epoch;
    this.#tried = undefined;
    this.#mostAttempts = this.#attempts + this.#gateway.config.maxAttempts;
    if (this.#gateway.budget.spend()) this.#begin();
    else this.#refuse('unavailable');
  }

  onNoMap(): void {
    this.#refuse('unavailable');
  }

  /** The pause before a retry is over. */
  onTimer(): void {
    this.#state = 'picking';
    this.#begin();
  }

  get #route(): Route {
    return this.#gateway.director.route(this.partition);
  }

  /** What is left of the caller's time, less what the answer needs to reach it. */
  #remainingMs(nowMs: number): number {
    return this.#context.exchange.deadlineMs - this.#gateway.config.deadlineMarginMs - nowMs;
  }

  #begin(): void {
    const nowMs = this.#gateway.host.clock.nowMs();
    const eligible = this.#eligible(nowMs);
    if (eligible.length > 0) this.#attempt(eligible, nowMs);
    else this.#refuse(this.#whyNobody());
  }

  /** Holds until the next one asks. */
  #eligible(nowMs: number): readonly PooledBackend[] {
    return this.#gateway.guard.selection.eligible(this.#route, this.#tried, nowMs);
  }

  #attempt(eligible: readonly PooledBackend[], nowMs: number): void {
    const { host, balancer, budget, config, health } = this.#gateway;
    const remainingMs = this.#remainingMs(nowMs);
    if (remainingMs <= 0) {
      this.#refuse('timeout');
      return;
    }
    const backend = memberOf(eligible, balancer.pick(eligible, this));
    if (backend === undefined) throw new Error('the balancer picked a backend that is not eligible');
    if (this.#attempts === 0) {
      budget.earn();
      this.#startedMs = nowMs;
    }
    this.#attempts += 1;
    this.#state = 'waiting';
    this.#backend = backend;
    this.sentMs = nowMs;
    this.#fullTime = remainingMs >= config.attemptTimeoutMs;
    this.#gateway.attemptSent(backend, this);
    health.chosen(backend, nowMs);
    const { key, block, range } = this.#request;
    const { id, partition } = block;
    const request: DataRequest =
      balancer.onFeedback === undefined
        ? { kind: 'block.read', key, id, partition, range }
        : { kind: 'block.read', key, id, partition, range, wantsLoad: true };
    this.#call = host.network.call(backend.id, request, Math.min(config.attemptTimeoutMs, remainingMs), this, 0);
  }

  /** What a data node says of its load comes just before the end of the attempt. */
  #tellBalancer(load: NodeLoad | undefined): void {
    const { balancer } = this.#gateway;
    if (load !== undefined && this.#backend !== undefined) balancer.onFeedback?.(this.#backend, load);
  }

  /** The open attempt failed: on to the next replica, if one may be tried. */
  #failed(outcome: AttemptOutcome, verdict: Verdict, error: GatewayError): void {
    if (error !== 'absent') this.#absentOnly = false;
    this.#tried ??= [];
    this.#tried.push(this.#settle(outcome, verdict));
    if (this.#attempts < this.#mostAttempts && this.#retry()) return;
    const isLeft = this.#untried().length > 0;
    if (isLeft || !this.#absentOnly) this.#refuse(error === 'absent' ? 'bad-gateway' : error);
    else if (this.#refresh === undefined && this.#toldEpoch > this.#routeEpoch) this.#awaitMap();
    else this.#refuse('absent');
  }

  /** Tries another replica, now or after a pause, if there is one and the budget allows it. */
  #retry(): boolean {
    const { budget, config, host, jitter } = this.#gateway;
    const nowMs = host.clock.nowMs();
    const eligible = this.#eligible(nowMs);
    if (eligible.length === 0 || !budget.spend()) return false;
    const pauseMs = backoffMs(config.retryBackoff, this.#attempts, jitter);
    if (pauseMs === 0) this.#attempt(eligible, nowMs);
    else {
      this.#state = 'pausing';
      this.#timer = host.timers.after(Math.max(0, Math.min(pauseMs, this.#remainingMs(nowMs))), this, 0);
    }
    return true;
  }

  /** All replicas of an old map lack the block: it may have moved. */
  #awaitMap(): void {
    const remainingMs = this.#remainingMs(this.#gateway.host.clock.nowMs());
    this.#state = 'refreshing';
    this.#refresh = new MapRefresh(this.#gateway, this.#toldEpoch, remainingMs, this);
    this.#refresh.start();
  }

  #untried(): readonly PooledBackend[] {
    return this.#route.replicas.filter((backend) => this.#tried?.includes(backend) !== true);
  }

  /** There are no replicas, their circuits are open, or they are at their limits. */
  #whyNobody(): GatewayError {
    return this.#untried().some(({ bars }) => (bars & CIRCUIT_OPEN) === 0) ? 'overloaded' : 'unavailable';
  }

  /** The caller's time was over before the data node's: it is to blame only if it was silent for long. */
  #overtaken(): void {
    if (this.#gateway.isOverdue(this.sentMs)) this.#settle('timeout', 'fault');
    else this.#settle('cancelled', 'nothing');
  }

  /** The open attempt is over: gives its backend, whose count of open requests falls. */
  #settle(outcome: AttemptOutcome, verdict: Verdict): PooledBackend {
    const backend = this.#backend;
    if (backend === undefined) throw new Error('a read got an answer before it was sent');
    this.#state = 'picking';
    const latencyMs = this.#gateway.attemptEnded(backend, this, outcome, verdict);
    this.#gateway.balancer.onDone(backend, outcome, latencyMs);
    if (outcome === 'ok') this.#gateway.readAnswered(this.sentMs - this.#startedMs + latencyMs);
    return backend;
  }

  #refuse(error: GatewayError): void {
    this.#state = 'done';
    this.#context.refuse(error, this.#attempts, this.#gateway.epoch, this.#gateway.config.retryAfterMs);
  }
}

/** The eligible backend that was picked: a balancer of the user's own may err. */
function memberOf(eligible: readonly PooledBackend[], picked: Backend): PooledBackend | undefined {
  for (const backend of eligible) if (backend === picked) return backend;
  return undefined;
}
