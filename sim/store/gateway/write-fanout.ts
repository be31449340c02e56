import type { CallFailure, CallHandler, Message, NodeId } from '../../host.ts';
import type { DataReply, DataRequest, GatewayError, GatewayRequest } from '../messages.ts';
import type { PooledBackend } from './backend-pool.ts';
import type { GatewayCore } from './gateway.ts';
import type { RequestContext } from './request-context.ts';

type PutRequest = Extract<GatewayRequest, { kind: 'gateway.put' }>;

/**
 * A block on its way to all of its replicas at once. Answered when W of them have it durably; the stragglers go on, and those
 * that end well are confirmed to metadata, while the others are known there as missing and get repaired.
 */
export class WriteFanout implements CallHandler {
  readonly #gateway: GatewayCore;
  readonly #context: RequestContext;
  readonly #request: PutRequest;
  #state: 'gathering' | 'answered' = 'gathering';
  #targets: readonly PooledBackend[] = [];
  readonly #sentMs: number;
  readonly #acked: NodeId[] = [];
  #quorumAcks = 0;
  #open = 0;
  #failure: GatewayError = 'bad-gateway';

  constructor(gateway: GatewayCore, context: RequestContext, request: PutRequest) {
    this.#gateway = gateway;
    this.#context = context;
    this.#request = request;
    this.#sentMs = gateway.host.clock.nowMs();
  }

  start(): void {
    const { director, host, config } = this.#gateway;
    const { key, block, body } = this.#request;
    this.#gateway.budget.earn();
    this.#targets = director.writers(block.partition);
    const possible = this.#targets.reduce((sum, { id }) => sum + (director.isReplica(block.partition, id) ? 1 : 0), 0);
    if (possible < config.writeQuorum) {
      this.#refuse('unavailable');
      return;
    }
    const message: DataRequest = { kind: 'block.add', key, block, epoch: this.#gateway.epoch, body };
    this.#open = this.#targets.length;
    this.#targets.forEach((backend, position) => {
      backend.inFlight += 1;
      host.network.call(backend.id, message, config.writeTimeoutMs, this, position);
    });
  }

  onReply(position: number, response: Message): void {
    const reply = response as DataReply;
    if (reply.kind === 'block.stored') {
      this.#end(position, 'ok');
      return;
    }
    if (reply.kind === 'block.refused') {
      this.#gateway.noticeEpoch(reply.epoch);
      this.#failure = failureOf(reply.refusal);
    }
    this.#end(position, 'failed');
  }

  onCallFailed(position: number, failure: CallFailure): void {
    this.#failure = failure === 'timeout' ? 'timeout' : 'bad-gateway';
    this.#end(position, failure === 'timeout' ? 'timeout' : 'failed');
  }

  #end(position: number, outcome: 'ok' | 'failed' | 'timeout'): void {
    const backend = this.#targets[position];
    if (backend === undefined) throw new Error(`a write got an answer from its target ${position}, which it never had`);
    const { block } = this.#request;
    backend.inFlight -= 1;
    this.#open -= 1;
    this.#gateway.writeEnded(backend, block.partition, outcome, this.#sentMs);
    if (outcome === 'ok') this.#acknowledged(backend.id);
    // Joining nodes among the open ones make this refusal late, never wrong.
    else if (this.#state === 'gathering' && this.#quorumAcks + this.#open < this.#gateway.config.writeQuorum)
      this.#refuse(this.#failure);
  }

  #acknowledged(node: NodeId): void {
    const { block } = this.#request;
    if (this.#state === 'answered') {
      this.#gateway.stragglers.confirm(block.id, block.partition, node);
      return;
    }
    this.#acked.push(node);
    if (this.#gateway.director.isReplica(block.partition, node)) this.#quorumAcks += 1;
    if (this.#quorumAcks < this.#gateway.config.writeQuorum) return;
    this.#state = 'answered';
    this.#context.answer({
      kind: 'gateway.stored',
      acked: [...this.#acked],
      epoch: this.#gateway.epoch,
      attempts: this.#targets.length,
    });
  }

  #refuse(error: GatewayError): void {
    this.#state = 'answered';
    this.#context.refuse(error, this.#targets.length, this.#gateway.epoch, this.#gateway.retryAfterMs);
  }
}

function failureOf(refusal: Extract<DataReply, { kind: 'block.refused' }>['refusal']): GatewayError {
  if (refusal === 'no-space') return 'no-space';
  if (refusal === 'bad-request' || refusal === 'conflict') return 'bad-request';
  if (refusal === 'overloaded') return 'overloaded';
  return 'unavailable';
}
