import type { Exchange } from '../../host.ts';
import type { DataReply, DataRequest } from '../messages/block.ts';
import type { BlockEntry } from './block-index.ts';
import { LogWrite } from './log-write.ts';
import { headerBytes } from './record-format.ts';
import type { ServiceCore } from './service-core.ts';
import { accepted, conflict, fencedOff, hasContent, lapse, malformation } from './write-checks.ts';

type AddRequest = Extract<DataRequest, { kind: 'block.add' }>;

/** What an add may use of its data node. */
export interface AddService extends ServiceCore {
  addEnded(operation: AddOperation): void;
}

/** One add. Adding the same content again succeeds, once the first is durable; other content is a conflict. */
export class AddOperation extends LogWrite {
  readonly #service: AddService;
  #state: 'idle' | 'awaiting-twin' | 'writing' = 'idle';
  #exchange: Exchange | undefined;
  #request: AddRequest | undefined;
  #entry: BlockEntry | undefined;
  #previous: BlockEntry | undefined;

  constructor(service: AddService) {
    super();
    this.#service = service;
  }

  get state(): string {
    return this.#state;
  }

  start(exchange: Exchange, request: AddRequest): void {
    this.#exchange = exchange;
    this.#request = request;
    const service = this.#service;
    const { block, body, epoch } = request;
    const malformed = malformation(block, body, epoch, service.config.maxBlockBytes);
    if (malformed !== undefined) {
      this.#refuse(service.refusal('bad-request', malformed));
      return;
    }
    this.#begin(request);
  }

  override onDurable(): void {
    const request = this.#request;
    if (this.#state === 'writing') super.onDurable();
    // The twin may have found no space: look again.
    else if (request !== undefined) this.#begin(request);
  }

  #begin(request: AddRequest): void {
    const service = this.#service;
    const fenced = fencedOff(service, request.block.partition, request.epoch);
    if (fenced !== undefined) this.#refuse(fenced);
    else if (this.#exchange?.aborted) this.#refuse(service.refusal('overloaded', 'the caller has given up'));
    else this.#write(request);
  }

  #write(request: AddRequest): void {
    const { log } = this.#service;
    const { block, body } = request;
    const existing = log.index.get(block.partition, block.id);
    if (existing !== undefined && !existing.quarantined) {
      if (!hasContent(existing, block, body)) {
        this.#refuse(this.#service.refusal('conflict', conflict(existing, block)));
      } else if (log.isDurable(existing)) {
        this.#succeed(existing.generation, true);
      } else {
        this.#state = 'awaiting-twin';
        log.whenDurable(existing, this);
      }
      return;
    }
    if (!log.space.admits(headerBytes(block.id.length, body.bytes.length) + block.sizeBytes)) {
      this.#refuse(this.#service.refusal('no-space', 'read-only: the disk is full'));
      return;
    }
    this.#state = 'writing';
    this.#previous = existing;
    this.#entry = log.put(block, existing?.generation ?? 1, body.bytes, this);
  }

  protected override onStored(): void {
    const request = this.#request;
    const entry = this.#entry;
    if (request === undefined || entry === undefined) return;
    accepted(this.#service, entry, request.epoch);
    const lapsed = lapse(this.#service, entry, request.epoch);
    if (lapsed === undefined) this.#succeed(entry.generation, false);
    else this.#refuse(lapsed);
  }

  protected override onNoSpace(): void {
    this.#refuse(this.#service.refusal('no-space', 'the disk is full'));
  }

  protected override undo(): void {
    if (this.#entry !== undefined) this.#service.log.undoPut(this.#entry, this.#previous);
  }

  #succeed(generation: number, existed: boolean): void {
    this.#end({ kind: 'block.stored', generation, existed }, true);
  }

  #refuse(reply: DataReply): void {
    this.#end(reply, false);
  }

  #end(reply: DataReply, ok: boolean): void {
    const request = this.#request;
    const exchange = this.#exchange;
    this.#state = 'idle';
    this.#request = undefined;
    this.#exchange = undefined;
    this.#entry = undefined;
    this.#previous = undefined;
    if (request === undefined || exchange === undefined) return;
    this.#service.served('write', request.key, request.block.partition, request.block.sizeBytes, ok);
    exchange.reply(reply);
    this.#service.addEnded(this);
  }
}
