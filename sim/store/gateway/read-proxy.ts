import type { AbortHandler, CallFailure, CallHandler, CallId, Message } from '../../host.ts';
import type { PickRequest } from '../balancer/balancer.ts';
import { hashKey } from '../hash.ts';
import type { DataReply, DataRequest, GatewayError, GatewayRequest } from '../messages.ts';
import type { PooledBackend } from './backend-pool.ts';
import type { GatewayCore } from './gateway.ts';
import type { RequestContext } from './request-context.ts';

type GetRequest = Extract<GatewayRequest, { kind: 'gateway.get' }>;

/**
 * A read on its way: one data node at a time, the next one when it fails, as long as the budget, the deadline and untried
 * replicas last. A block never changes, so any replica's verified copy is the right answer and a retry does no harm.
 */
export class ReadProxy implements CallHandler, AbortHandler, PickRequest {
  readonly key: string;
  readonly keyHash: number;
  readonly #gateway: GatewayCore;
  readonly #context: RequestContext;
  readonly #request: GetRequest;
  #state: 'picking' | 'waiting' | 'done' = 'picking';
  #backend: PooledBackend | undefined;
  #tried: PooledBackend[] | undefined;
  #call: CallId = 0;
  #sentMs = 0;
  #attempts = 0;
  /** The last failure decides what the client is told, except that "absent" must be everyone's answer. */
  #absentOnly = true;

  constructor(gateway: GatewayCore, context: RequestContext, request: GetRequest) {
    this.#gateway = gateway;
    this.#context = context;
    this.#request = request;
    this.key = request.key;
    this.keyHash = hashKey(request.key);
  }

  start(): void {
    this.#gateway.budget.earn();
    this.#context.exchange.onAbort(this);
    const readers = this.#gateway.director.readers(this.#request.block.partition);
    if (readers.length === 0) this.#refuse('unavailable');
    else this.#attempt(readers);
  }

  onReply(_tag: number, response: Message): void {
    const reply = response as DataReply;
    const backend = this.#settle();
    if (reply.kind === 'block.data') {
      this.#gateway.pickEnded(backend, this.#request.block.partition, 'ok', this.#sentMs, this.#attempts > 1);
      this.#state = 'done';
      this.#context.answer({
        kind: 'gateway.data',
        body: reply.body,
        checksum: reply.checksum,
        served: backend.id,
        attempts: this.#attempts,
        epoch: this.#gateway.epoch,
      });
      return;
    }
    if (reply.kind === 'block.refused') this.#gateway.noticeEpoch(reply.epoch);
    const absent = reply.kind === 'block.refused' && reply.refusal === 'absent';
    if (!absent) this.#absentOnly = false;
    this.#gateway.pickEnded(backend, this.#request.block.partition, 'failed', this.#sentMs, this.#attempts > 1);
    this.#tryNext(absent ? 'absent' : 'bad-gateway');
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    const backend = this.#settle();
    this.#absentOnly = false;
    this.#gateway.pickEnded(
      backend,
      this.#request.block.partition,
      failure === 'timeout' ? 'timeout' : 'failed',
      this.#sentMs,
      this.#attempts > 1,
    );
    this.#tryNext(failure === 'timeout' ? 'timeout' : 'bad-gateway');
  }

  onAborted(): void {
    if (this.#state !== 'waiting') return;
    const backend = this.#settle();
    this.#gateway.host.network.cancel(this.#call);
    this.#gateway.pickEnded(backend, this.#request.block.partition, 'cancelled', this.#sentMs, this.#attempts > 1);
    this.#refuse('timeout');
  }

  #attempt(eligible: readonly PooledBackend[]): void {
    const { host, balancer, config } = this.#gateway;
    const nowMs = host.clock.nowMs();
    const remainingMs = this.#context.exchange.deadlineMs - nowMs;
    if (remainingMs <= 0) {
      this.#refuse('timeout');
      return;
    }
    const picked = balancer.pick(eligible, this);
    const backend = eligible.find((candidate) => candidate === picked);
    if (backend === undefined)
      throw new Error(`balancer '${config.balancer.name}' picked ${picked?.id}, which is not eligible`);
    this.#attempts += 1;
    this.#state = 'waiting';
    this.#backend = backend;
    this.#sentMs = nowMs;
    backend.inFlight += 1;
    const { key, block, range } = this.#request;
    const request: DataRequest = { kind: 'block.read', key, id: block.id, partition: block.partition, range };
    this.#call = host.network.call(backend.id, request, Math.min(config.attemptTimeoutMs, remainingMs), this, 0);
  }

  #tryNext(failure: GatewayError): void {
    const gateway = this.#gateway;
    const tried = this.#tried ?? [];
    if (this.#backend !== undefined) tried.push(this.#backend);
    this.#tried = tried;
    const left = gateway.director.readers(this.#request.block.partition).filter((backend) => !tried.includes(backend));
    if (left.length === 0) this.#refuse(this.#absentOnly ? 'absent' : failure === 'absent' ? 'bad-gateway' : failure);
    else if (this.#attempts >= gateway.config.maxAttempts || !gateway.budget.spend())
      this.#refuse(failure === 'absent' ? 'bad-gateway' : failure);
    else this.#attempt(left);
  }

  /** The open attempt is over: gives its backend, whose count of open requests falls. */
  #settle(): PooledBackend {
    const backend = this.#backend;
    if (backend === undefined) throw new Error('a read got an answer before it was sent');
    backend.inFlight -= 1;
    this.#state = 'picking';
    return backend;
  }

  #refuse(error: GatewayError): void {
    this.#state = 'done';
    this.#context.refuse(
      error,
      this.#attempts,
      this.#gateway.epoch,
      error === 'unavailable' ? this.#gateway.retryAfterMs : undefined,
    );
  }
}
