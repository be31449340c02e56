import type { AbortHandler, CallFailure, CallHandler, CallId, Message, NodeId } from '../../host.ts';
import type { AttemptOutcome } from '../balancer/balancer.ts';
import { type DataRequest, isDataReply } from '../messages/block.ts';
import type { GatewayError, GatewayRequest } from '../messages/gateway.ts';
import type { PooledBackend } from './backend-pool.ts';
import { errorOf } from './errors.ts';
import type { GatewayCore } from './gateway-core.ts';
import { type MapAwaiter, MapRefresh } from './map-refresh.ts';
import type { RequestContext } from './request-context.ts';

type PutRequest = Extract<GatewayRequest, { kind: 'gateway.put' }>;

const NOBODY: readonly PooledBackend[] = [];

/**
 * A block on its way to all of its replicas at once. Answered when W of them have it durably; the stragglers go on, and those
 * that end well are confirmed to metadata, while the others are known there as missing and get repaired.
 *
 * Adding a block again does no harm, so a write that was fenced off for its old map goes out once more by the new one.
 */
export class WriteFanout implements CallHandler, AbortHandler, MapAwaiter {
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
  #sentMs = 0;
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
    if (!isDataReply(response)) this.#failed(position, 'failed', 'bad-gateway');
    else if (response.kind === 'block.stored') this.#stored(position);
    else if (response.kind !== 'block.refused') this.#failed(position, 'failed', 'bad-gateway');
    else {
      this.#gateway.noticeEpoch(response.epoch);
      if (response.refusal === 'stale-epoch') this.#fencedEpoch = Math.max(this.#fencedEpoch, response.epoch);
      this.#failed(position, 'failed', errorOf(response.refusal));
    }
  }

  onCallFailed(position: number, failure: CallFailure): void {
    if (failure === 'timeout' && !this.#fullTime) {
      this.#failed(position, 'cancelled', 'timeout');
      return;
    }
    const backend = this.#targets[position];
    if (backend !== undefined) this.#gateway.health.failed(backend, failure, this.#gateway.host.clock.nowMs());
    if (failure === 'timeout') this.#failed(position, 'timeout', 'timeout');
    else this.#failed(position, 'failed', 'bad-gateway');
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
    const { director, host, config, budget, epoch } = this.#gateway;
    const { key, block, body } = this.#request;
    const { writers, voters } = director.route(block.partition);
    this.#sentMs = host.clock.nowMs();
    const remainingMs = this.#context.exchange.deadlineMs - this.#sentMs;
    if (voters < config.writeQuorum || remainingMs <= 0) {
      this.#refuse(remainingMs <= 0 ? 'timeout' : 'unavailable');
      return;
    }
    const again = this.#refresh !== undefined;
    if (!again) budget.earn();
    this.#targets = writers;
    this.#voters = voters;
    this.#votes = 0;
    this.#openVoters = 0;
    this.#fullTime = remainingMs >= config.writeTimeoutMs;
    const timeoutMs = Math.min(config.writeTimeoutMs, remainingMs);
    const message: DataRequest = { kind: 'block.add', key, block, epoch, body };
    const calls: CallId[] = [];
    for (let position = 0; position < writers.length; position++) {
      const backend = writers[position];
      if (backend === undefined) continue;
      const votes = position < voters ? 1 : 0;
      if (again && this.#acked.includes(backend.id)) this.#votes += votes;
      if (again && (this.#acked.includes(backend.id) || !budget.spend())) {
        calls.push(0);
        continue;
      }
      this.#attempts += 1;
      this.#openVoters += votes;
      backend.inFlight += 1;
      calls.push(host.network.call(backend.id, message, timeoutMs, this, position));
    }
    this.#calls = calls;
    this.#judge();
  }

  #stored(position: number): void {
    const backend = this.#ended(position, 'ok');
    const { block } = this.#request;
    if (this.#state === 'stored') {
      this.#gateway.stragglers.confirm(block.id, block.partition, backend.id, this.#answeredMs);
      return;
    }
    this.#acked.push(backend.id);
    if (position < this.#voters) this.#votes += 1;
    this.#judge();
  }

  #failed(position: number, outcome: AttemptOutcome, failure: GatewayError): void {
    this.#ended(position, outcome);
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
    const gateway = this.#gateway;
    const remainingMs = this.#context.exchange.deadlineMs - gateway.host.clock.nowMs();
    if (this.#fencedEpoch === 0 || this.#refresh !== undefined) {
      this.#refuse(this.#failure);
      return;
    }
    this.#state = 'refreshing';
    this.#refresh = new MapRefresh(gateway, this.#fencedEpoch, remainingMs, this);
    this.#refresh.start();
  }

  #cancelCalls(): void {
    this.#calls.forEach((call, position) => {
      if (call === 0) return;
      this.#gateway.host.network.cancel(call);
      this.#ended(position, 'cancelled');
    });
  }

  /** The call to a target is over: gives the target, whose count of open requests falls. */
  #ended(position: number, outcome: AttemptOutcome): PooledBackend {
    const backend = this.#targets[position];
    if (backend === undefined) throw new Error(`a write got an answer from its target ${position}, which it never had`);
    this.#calls[position] = 0;
    if (position < this.#voters) this.#openVoters -= 1;
    backend.inFlight -= 1;
    const again = this.#refresh !== undefined;
    this.#gateway.attemptEnded(backend, this.#request.block.partition, outcome, this.#sentMs, again);
    return backend;
  }

  #refuse(error: GatewayError): void {
    this.#state = 'refused';
    this.#context.refuse(error, this.#attempts, this.#gateway.epoch, this.#gateway.config.retryAfterMs);
  }
}
