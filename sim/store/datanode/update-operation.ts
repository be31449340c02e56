import type { Exchange } from '../../host.ts';
import type { DataReply, DataRequest } from '../messages/block.ts';
import type { BlockEntry } from './block-index.ts';
import { LogWrite } from './log-write.ts';
import { headerBytes } from './record-format.ts';
import type { ServiceCore } from './service-core.ts';
import { fencedOff, hasContent, malformation } from './write-checks.ts';

type UpdateRequest = Extract<DataRequest, { kind: 'block.update' }>;

/** One update: new content, if the generation is the expected one. Repeating one that was carried out succeeds. */
export class UpdateOperation extends LogWrite {
  readonly #service: ServiceCore;
  #state: 'idle' | 'awaiting-twin' | 'writing' | 'ended' = 'idle';
  #exchange: Exchange | undefined;
  #request: UpdateRequest | undefined;
  #entry: BlockEntry | undefined;
  #previous: BlockEntry | undefined;

  constructor(service: ServiceCore) {
    super();
    this.#service = service;
  }

  get state(): string {
    return this.#state;
  }

  start(exchange: Exchange, request: UpdateRequest): void {
    this.#exchange = exchange;
    this.#request = request;
    const service = this.#service;
    const { block, body, epoch } = request;
    const malformed = malformation(block, body, service.config.maxBlockBytes);
    if (malformed !== undefined) {
      this.#end(service.refusal('bad-request', malformed));
      return;
    }
    const fenced = fencedOff(service, block.partition, epoch);
    if (fenced !== undefined) this.#end(fenced);
    else this.#write(request);
  }

  override onDurable(): void {
    if (this.#state === 'writing') super.onDurable();
    else if (this.#request !== undefined) this.#write(this.#request);
  }

  #write(request: UpdateRequest): void {
    const service = this.#service;
    const { log } = service;
    const { block, body, ifGeneration } = request;
    const existing = log.index.get(block.partition, block.id);
    if (existing === undefined) {
      this.#end(service.refusal('absent', ''));
      return;
    }
    const isRepeated = existing.generation === ifGeneration + 1 && hasContent(existing, block, body);
    if (isRepeated && !existing.quarantined) {
      if (log.isDurable(existing)) {
        this.#end({ kind: 'block.stored', generation: existing.generation, existed: true });
      } else {
        this.#state = 'awaiting-twin';
        log.whenDurable(existing, this);
      }
      return;
    }
    if (existing.generation !== ifGeneration) {
      this.#end(service.refusal('generation', `ifGeneration: found ${ifGeneration}, here is ${existing.generation}`));
      return;
    }
    if (!log.hasRoomFor(headerBytes(block.id.length, body.bytes.length) + block.sizeBytes)) {
      this.#end(service.refusal('no-space', 'read-only: the disk is full'));
      return;
    }
    this.#state = 'writing';
    this.#previous = existing;
    this.#entry = log.put(block, ifGeneration + 1, body.bytes, this);
  }

  protected override onStored(): void {
    this.#end({ kind: 'block.stored', generation: this.#entry?.generation ?? 1, existed: false });
  }

  protected override onNoSpace(): void {
    this.#end(this.#service.refusal('no-space', 'the disk is full'));
  }

  protected override undo(): void {
    if (this.#entry !== undefined) this.#service.log.undoPut(this.#entry, this.#previous);
  }

  #end(reply: DataReply): void {
    this.#state = 'ended';
    this.#service.operationEnded();
    this.#exchange?.reply(reply);
  }
}
