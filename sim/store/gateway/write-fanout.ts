import type { AbortHandler, CallFailure, CallHandler, CallId, Message, NodeId } from '../../host.ts';
import type { AttemptOutcome } from '../balancer/balancer.ts';
import { type DataRequest, isDataReply } from '../messages/block.ts';
import type { GatewayError, GatewayRequest } from '../messages/gateway.ts';
import type { PooledBackend } from './backend-pool.ts';
import type { Route } from './director.ts';
import { errorOf, verdictOf } from './errors.ts';
import type { AttemptPurpose, GatewayCore } from './gateway-core.ts';
import { type MapAwaiter, MapRefresh } from './map-refresh.ts';
import type { WriteAdmission } from './policy/guard.ts';
import type { RequestContext } from './request-context.ts';
import type { Verdict } from './traffic-window.ts';

type PutRequest = Extract<GatewayRequest, { kind: 'gateway.put' }>;

const NOBODY: readonly PooledBackend[] = [];

/**
 * A block on its way to all of its replicas at once. Answered when W of them have it durably; the stragglers go on, and those
 * that end well are confirmed to metadata, while the others are known there as missing and get repaired.
 *
 * A body that was forwarded is sent again only because this is idempotent and can be replayed: block ids are unique for ever,
 * so adding one again is answered by what is there, and the body is held until the write is answered. It happens in one
 * case: a write that was fenced off for its old map goes out once more by the new one, to those that don't have it.
 */
export class WriteFanout implements CallHandler, AbortHandler, MapAwaiter, AttemptPurpose {
  sentMs = 0;
  readonly #gateway: GatewayCore;
  readonly #context: RequestContext;
  readonly #request: PutRequest;
  #state: 'gathering' | 'refreshing' | 'stored' | 'refused' = 'gathering';
  #targets: readonly PooledBackend[] = NOBODY;
  /** By target: its call, 0 once that is over. */
  #calls: CallId[] = [];
  /** The first so many targets are replicas; the others are joining, and don't count. */
  #voters = 0;
  #acked: NodeId[] = [];
  #votes = 0;
  /** Calls to voters that are not over. */
  #openVoters = 0;
  #refresh: MapRefresh | undefined;
  #answeredMs = 0;
  #attempts = 0;
  /** The targets may take as long as a data node may: if nothing comes, that is the node's fault. */
  #fullTime = true;
  #failure: GatewayError = 'bad-gateway';
  /** Newest epoch that a fencing node told of; 0 if none fenced this write off. */
  #fencedEpoch = 0;

  constructor(gateway: GatewayCore, context: RequestContext, request: PutRequest) {
    this.#gateway = gateway;
    this.#context = context;
    this.#request = request;
  }

  get op(): 'write' {
    return 'write';
  }

  get partition(): number {
    return this.#request.block.partition;
  }

  get isRetry(): boolean {
    return this.#refresh !== undefined;
  }

  start(): void {
    const { exchange } = this.#context;
    // A request may have been aborted while it waited for the CPU; its handler would never be told.
    if (exchange.aborted) {
      this.#refuse('timeout');
      return;
    }
    exchange.onAbort(this);
    this.#send();
  }

  onReply(position: number, response: Message): void {
    const backend = this.#targets[position];
    if (backend !== undefined) this.#gateway.health.answered(backend);
    if (!isDataReply(response)) this.#failed(position, 'failed', 'fault', 'bad-gateway');
    else if (response.kind === 'block.stored') this.#stored(position);
    else if (response.kind !== 'block.refused') this.#failed(position, 'failed', 'fault', 'bad-gateway');
    else {
      this.#gateway.noticeEpoch(response.epoch);
      if (response.refusal === 'stale-epoch') this.#fencedEpoch = Math.max(this.#fencedEpoch, response.epoch);
      this.#failed(position, 'failed', verdictOf(response.refusal), errorOf(response.refusal));
    }
  }

  onCallFailed(position: number, failure: CallFailure): void {
    // The writer waits no longer than a data node may take: a straggler that was given long enough is to blame all the same.
    if (failure === 'timeout' && !this.#fullTime && !this.#gateway.isOverdue(this.sentMs)) {
      this.#failed(position, 'cancelled', 'nothing', 'timeout');
      return;
    }
    const backend = this.#targets[position];
    if (backend !== undefined) this.#gateway.health.failed(backend, failure, this.#gateway.host.clock.nowMs());
    if (failure === 'timeout') this.#failed(position, 'timeout', 'fault', 'timeout');
    else this.#failed(position, 'failed', 'fault', 'bad-gateway');
  }

  onAborted(): void {
    if (this.#state === 'refreshing') this.#refresh?.cancel();
    this.#cancelCalls();
    this.#refuse('timeout');
  }

  onNewerMap(): void {
    this.#state = 'gathering';
    this.#send();
  }

  onNoMap(): void {
    this.#refuse('unavailable');
  }

  /** Sends the block to all targets that don't have it yet. */
  #send(): void {
    const gateway = this.#gateway;
    const { host, config, budget } = gateway;
    const route = gateway.director.route(this.partition);
    const { writers, voters } = route;
    const remainingMs = this.#remainingMs;
    const admission = gateway.guard.admitWrite(route, config.writeQuorum, this.isRetry);
    const obstacle = remainingMs <= 0 ? 'timeout' : this.#obstacle(route, admission);
    if (obstacle !== undefined) {
      this.#refuse(obstacle);
      return;
    }
    if (!this.isRetry) budget.earn();
    this.sentMs = host.clock.nowMs();
    this.#targets = writers;
    this.#voters = voters;
    this.#votes = 0;
    this.#openVoters = 0;
    this.#fullTime = remainingMs >= config.writeTimeoutMs;
    const { key, block, body } = this.#request;
    const message: DataRequest = { kind: 'block.add', key, block, epoch: gateway.epoch, body };
    const timeoutMs = Math.min(config.writeTimeoutMs, remainingMs);
    const calls: CallId[] = [];
    for (let position = 0; position < writers.length; position++) {
      const backend = writers[position];
      if (backend === undefined) continue;
      const hasIt = this.#acked.includes(backend.id);
      const isLeftOut = admission !== 'all' && admission[position] === true;
      const votes = position < voters ? 1 : 0;
      if (hasIt) this.#votes += votes;
      if (hasIt || isLeftOut || (this.isRetry && !budget.spend())) {
        calls.push(0);
        continue;
      }
      this.#attempts += 1;
      this.#openVoters += votes;
      gateway.attemptSent(backend, this);
      calls.push(host.network.call(backend.id, message, timeoutMs, this, position));
    }
    this.#calls = calls;
    this.#judge();
  }

  /** Why it can't reach its quorum, as far as is known before it is sent. */
  #obstacle({ voters, full }: Route, admission: WriteAdmission): GatewayError | undefined {
    const { writeQuorum } = this.#gateway.config;
    if (voters < writeQuorum) return voters + full < writeQuorum ? 'unavailable' : 'no-space';
    return admission === 'overloaded' ? 'overloaded' : undefined;
  }

  /** What is left of the caller's time, less what the answer needs to reach it. */
  get #remainingMs(): number {
    const { config, host } = this.#gateway;
    return this.#context.exchange.deadlineMs - config.deadlineMarginMs - host.clock.nowMs();
  }

  #stored(position: number): void {
    const backend = this.#ended(position, 'ok', 'success');
    const { block } = this.#request;
    if (this.#state === 'stored') {
      this.#gateway.stragglers.confirm(block.id, block.partition, backend.id, this.#answeredMs);
      return;
    }
    this.#acked.push(backend.id);
    if (position < this.#voters) this.#votes += 1;
    this.#judge();
  }

  #failed(position: number, outcome: AttemptOutcome, verdict: Verdict, failure: GatewayError): void {
    this.#ended(position, outcome, verdict);
    this.#failure = failure;
    this.#judge();
  }

  /** Is it decided? */
  #judge(): void {
    if (this.#state !== 'gathering') return;
    const { writeQuorum } = this.#gateway.config;
    if (this.#votes >= writeQuorum) this.#answer();
    else if (this.#votes + this.#openVoters < writeQuorum) this.#miss();
  }

  #answer(): void {
    this.#state = 'stored';
    this.#answeredMs = this.#gateway.host.clock.nowMs();
    this.#context.answer({
      kind: 'gateway.stored',
      acked: [...this.#acked],
      epoch: this.#gateway.epoch,
      attempts: this.#attempts,
    });
  }

  /** The quorum is out of reach, by this map. */
  #miss(): void {
    this.#cancelCalls();
    if (this.#fencedEpoch === 0 || this.#refresh !== undefined) {
      this.#refuse(this.#failure);
      return;
    }
    this.#state = 'refreshing';
    this.#refresh = new MapRefresh(this.#gateway, this.#fencedEpoch, this.#remainingMs, this);
    this.#refresh.start();
  }

  #cancelCalls(): void {
    const overdue = this.#gateway.isOverdue(this.sentMs);
    this.#calls.forEach((call, position) => {
      if (call === 0) return;
      this.#gateway.host.network.cancel(call);
      if (overdue) this.#ended(position, 'timeout', 'fault');
      else this.#ended(position, 'cancelled', 'nothing');
    });
  }

  /** The call to a target is over: gives the target, whose count of open requests falls. */
  #ended(position: number, outcome: AttemptOutcome, verdict: Verdict): PooledBackend {
    const backend = this.#targets[position];
    if (backend === undefined) throw new Error(`a write got an answer from its target ${position}, which it never had`);
    this.#calls[position] = 0;
    if (position < this.#voters) this.#openVoters -= 1;
    this.#gateway.attemptEnded(backend, this, outcome, verdict);
    return backend;
  }

  #refuse(error: GatewayError): void {
    this.#state = 'refused';
    this.#context.refuse(error, this.#attempts, this.#gateway.epoch, this.#gateway.config.retryAfterMs);
  }
}
