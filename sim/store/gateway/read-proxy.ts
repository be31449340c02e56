import type { AbortHandler, CallFailure, CallHandler, CallId, Message } from '../../host.ts';
import type { AttemptOutcome, Backend, PickRequest } from '../balancer/balancer.ts';
import { hashKey } from '../hash.ts';
import { type DataRequest, isDataReply } from '../messages/block.ts';
import type { GatewayError, GatewayRequest } from '../messages/gateway.ts';
import type { PooledBackend } from './backend-pool.ts';
import type { Route } from './director.ts';
import { errorOf } from './errors.ts';
import type { GatewayCore } from './gateway-core.ts';
import { type MapAwaiter, MapRefresh } from './map-refresh.ts';
import type { RequestContext } from './request-context.ts';

type GetRequest = Extract<GatewayRequest, { kind: 'gateway.get' }>;

/**
 * A read on its way: one data node at a time, the next one when it fails, as long as the budget, the deadline and untried
 * replicas last. A block never changes, so any replica's verified copy is the right answer and a retry does no harm.
 *
 * "Absent" must be the answer of every replica, by a map that is not known to be old.
 */
export class ReadProxy implements CallHandler, AbortHandler, MapAwaiter, PickRequest {
  readonly key: string;
  readonly keyHash: number;
  readonly #gateway: GatewayCore;
  readonly #context: RequestContext;
  readonly #request: GetRequest;
  #state: 'picking' | 'waiting' | 'refreshing' | 'done' = 'picking';
  #backend: PooledBackend | undefined;
  #tried: PooledBackend[] | undefined;
  #refresh: MapRefresh | undefined;
  #call: CallId = 0;
  #sentMs = 0;
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

  start(): void {
    const { exchange } = this.#context;
    const { readers } = this.#route;
    // A request may have been aborted while it waited for the CPU; its handler would never be told.
    if (exchange.aborted) this.#refuse('timeout');
    else if (readers.length === 0) this.#refuse('unavailable');
    else {
      exchange.onAbort(this);
      this.#attempt(readers);
    }
  }

  onReply(_tag: number, response: Message): void {
    const { health, epoch } = this.#gateway;
    if (!isDataReply(response) || response.kind === 'block.stored' || response.kind === 'block.deleted') {
      this.#failed('failed', 'bad-gateway');
      return;
    }
    if (this.#backend !== undefined) health.answered(this.#backend);
    if (response.kind === 'block.data') {
      const { id } = this.#settle('ok');
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
      this.#settle('failed');
      this.#refuse('bad-request');
    } else this.#failed('failed', errorOf(refusal));
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    const timeout = failure === 'timeout';
    if (timeout && !this.#fullTime) {
      this.#settle('cancelled');
      this.#refuse('timeout');
      return;
    }
    if (this.#backend !== undefined)
      this.#gateway.health.failed(this.#backend, failure, this.#gateway.host.clock.nowMs());
    this.#failed(timeout ? 'timeout' : 'failed', timeout ? 'timeout' : 'bad-gateway');
  }

  onAborted(): void {
    if (this.#state === 'waiting') {
      this.#gateway.host.network.cancel(this.#call);
      this.#settle('cancelled');
    } else if (this.#state === 'refreshing') this.#refresh?.cancel();
    else return;
    this.#refuse('timeout');
  }

  onNewerMap(): void {
    this.#state = 'picking';
    this.#routeEpoch = this.#gateway.epoch;
    this.#tried = undefined;
    this.#mostAttempts = this.#attempts + this.#gateway.config.maxAttempts;
    const { readers } = this.#route;
    if (readers.length === 0 || !this.#gateway.budget.spend()) this.#refuse('unavailable');
    else this.#attempt(readers);
  }

  onNoMap(): void {
    this.#refuse('unavailable');
  }

  get #route(): Route {
    return this.#gateway.director.route(this.#request.block.partition);
  }

  #attempt(untried: readonly PooledBackend[]): void {
    const { host, balancer, budget, config, health } = this.#gateway;
    const nowMs = host.clock.nowMs();
    const remainingMs = this.#context.exchange.deadlineMs - nowMs;
    if (remainingMs <= 0) {
      this.#refuse('timeout');
      return;
    }
    const eligible = health.sift(untried, nowMs);
    const backend = memberOf(eligible, balancer.pick(eligible, this));
    if (backend === undefined)
      throw new Error(`balancer '${config.balancer.name}' picked a backend that is not eligible`);
    if (this.#attempts === 0) budget.earn();
    this.#attempts += 1;
    this.#state = 'waiting';
    this.#backend = backend;
    this.#sentMs = nowMs;
    this.#fullTime = remainingMs >= config.attemptTimeoutMs;
    backend.inFlight += 1;
    health.chosen(backend, nowMs);
    const { key, block, range } = this.#request;
    const request: DataRequest = { kind: 'block.read', key, id: block.id, partition: block.partition, range };
    this.#call = host.network.call(backend.id, request, Math.min(config.attemptTimeoutMs, remainingMs), this, 0);
  }

  /** The open attempt failed: on to the next replica, if one may be tried. */
  #failed(outcome: AttemptOutcome, error: GatewayError): void {
    const { budget } = this.#gateway;
    if (error !== 'absent') this.#absentOnly = false;
    this.#tried ??= [];
    this.#tried.push(this.#settle(outcome));
    const left = this.#untried();
    const mayRetry = left.length > 0 && this.#attempts < this.#mostAttempts;
    if (mayRetry && budget.spend()) this.#attempt(left);
    else if (left.length > 0 || !this.#absentOnly) this.#refuse(error === 'absent' ? 'bad-gateway' : error);
    else if (this.#refresh === undefined && this.#toldEpoch > this.#routeEpoch) this.#awaitMap();
    else this.#refuse('absent');
  }

  /** All replicas of an old map lack the block: it may have moved. */
  #awaitMap(): void {
    const gateway = this.#gateway;
    const remainingMs = this.#context.exchange.deadlineMs - gateway.host.clock.nowMs();
    this.#state = 'refreshing';
    this.#refresh = new MapRefresh(gateway, this.#toldEpoch, remainingMs, this);
    this.#refresh.start();
  }

  #untried(): readonly PooledBackend[] {
    const { readers, replicas } = this.#route;
    const left = without(readers, this.#tried);
    return left.length > 0 ? left : without(replicas, this.#tried);
  }

  /** The open attempt is over: gives its backend, whose count of open requests falls. */
  #settle(outcome: AttemptOutcome): PooledBackend {
    const backend = this.#backend;
    if (backend === undefined) throw new Error('a read got an answer before it was sent');
    const { balancer, host } = this.#gateway;
    this.#state = 'picking';
    backend.inFlight -= 1;
    balancer.onDone(backend, outcome, host.clock.nowMs() - this.#sentMs);
    this.#gateway.attemptEnded(backend, this.#request.block.partition, outcome, this.#sentMs, this.#attempts > 1);
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

function without(
  backends: readonly PooledBackend[],
  tried: readonly PooledBackend[] | undefined,
): readonly PooledBackend[] {
  return backends.filter((backend) => tried?.includes(backend) !== true);
}
