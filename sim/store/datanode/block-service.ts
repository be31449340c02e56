import type { Exchange, Message, NodeId, Service } from '../../host.ts';
import { type DataRefusal, type DataReply, type DataRequest, isProbeRequest } from '../messages/block.ts';
import { AddOperation, type AddService } from './add-operation.ts';
import type { DataNodeConfig } from './config.ts';
import { DeleteOperation } from './delete-operation.ts';
import type { DiskHealth } from './disk-health.ts';
import type { EpochFence } from './epoch-fence.ts';
import type { Lease } from './lease.ts';
import type { LoadMeter } from './load-meter.ts';
import type { BlockLog } from './log.ts';
import { Pool } from './pool.ts';
import { ReadOperation, type ReadService } from './read-operation.ts';
import { UpdateOperation } from './update-operation.ts';

function isDataRequest(message: Message): message is DataRequest {
  switch (message.kind) {
    case 'block.read':
    case 'block.add':
    case 'block.update':
    case 'block.delete':
    case 'block.copy':
      return true;
    default:
      return false;
  }
}

/** Answers requests for blocks. Each is carried by an operation object, which is used again afterwards. */
export class BlockService implements Service, ReadService, AddService {
  readonly config: DataNodeConfig;
  readonly log: BlockLog;
  readonly health: DiskHealth;
  readonly lease: Lease;
  readonly fence: EpochFence;
  readonly meter: LoadMeter;
  /** Requests that were not answered yet. */
  inFlight = 0;
  #copiesOut = 0;
  readonly #reads = new Pool(() => new ReadOperation(this));
  readonly #adds = new Pool(() => new AddOperation(this));

  constructor(
    config: DataNodeConfig,
    log: BlockLog,
    health: DiskHealth,
    lease: Lease,
    fence: EpochFence,
    meter: LoadMeter,
  ) {
    this.config = config;
    this.log = log;
    this.health = health;
    this.lease = lease;
    this.fence = fence;
    this.meter = meter;
  }

  onRequest(request: Message, exchange: Exchange): void {
    if (isProbeRequest(request)) {
      exchange.reply(this.meter.tell(this.inFlight));
      return;
    }
    if (!isDataRequest(request)) {
      exchange.reply(this.refusal('bad-request', `kind: found ${request.kind}, accepted are block requests`));
      return;
    }
    // The caller gave up while the request waited for a processor.
    if (exchange.aborted) return;
    if (!this.lease.isHeld && this.config.leaseGuards === 'reads-and-writes') {
      this.#turnAway(request, exchange, this.refusal('fenced', 'the lease has run out'));
      return;
    }
    const client = request.kind !== 'block.copy';
    if (this.inFlight >= this.config.maxInFlight || (!client && this.#copiesOut >= this.config.maxCopiesOut)) {
      this.#turnAway(request, exchange, this.refusal('overloaded', `${this.inFlight} requests in progress`));
      return;
    }
    this.inFlight += 1;
    switch (request.kind) {
      case 'block.read':
        this.#reads
          .take()
          .start(exchange, request.id, request.partition, request.key, request.range, request.wantsLoad === true);
        return;
      case 'block.copy':
        this.#copiesOut += 1;
        this.#reads.take().start(exchange, request.id, request.partition, undefined, undefined, false);
        return;
      case 'block.add':
        this.#adds.take().start(exchange, request);
        return;
      case 'block.update':
        new UpdateOperation(this).start(exchange, request);
        return;
      case 'block.delete':
        new DeleteOperation(this).start(exchange, request);
        return;
    }
  }

  /** Nobody sends a data node one-way messages; a stray one does no harm. */
  onMessage(_message: Message, _from: NodeId): void {}

  /** A read, or a copy for another node, has answered. */
  readEnded(operation: ReadOperation, copy: boolean): void {
    this.inFlight -= 1;
    if (copy) this.#copiesOut -= 1;
    this.#reads.giveBack(operation);
  }

  addEnded(operation: AddOperation): void {
    this.inFlight -= 1;
    this.#adds.giveBack(operation);
  }

  /** An update or a delete has answered. */
  operationEnded(): void {
    this.inFlight -= 1;
  }

  refusal(refusal: DataRefusal, detail: string): DataReply {
    return { kind: 'block.refused', refusal, epoch: this.fence.known, detail };
  }

  served(op: 'read' | 'write', key: string, partition: number, sizeBytes: number, ok: boolean): void {
    this.health.emit({ kind: 'served', op, key, partition, sizeBytes, ok });
  }

  #turnAway(request: DataRequest, exchange: Exchange, refusal: DataReply): void {
    if (request.kind === 'block.read') this.served('read', request.key, request.partition, 0, false);
    if (request.kind === 'block.add') {
      this.served('write', request.key, request.block.partition, request.block.sizeBytes, false);
    }
    exchange.reply(refusal);
  }
}
