import type { Exchange } from '../../host.ts';
import type { DataReply, DataRequest } from '../messages/block.ts';
import type { BlockEntry } from './block-index.ts';
import { LogWrite } from './log-write.ts';
import { headerBytes } from './record-format.ts';
import type { ServiceCore } from './service-core.ts';
import { accepted, fencedOff, hasContent, isGeneration, lapse, malformation } from './write-checks.ts';

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
    const { block, body, epoch, ifGeneration } = request;
    const malformed = isGeneration(ifGeneration)
      ? malformation(block, body, epoch, service.config.maxBlockBytes)
      : `ifGeneration: found ${ifGeneration}, accepted is a whole number from 1`;
    if (malformed !== undefined) {
      this.#end(service.refusal('bad-request', malformed));
      return;
    }
    this.#begin(request);
  }

  override onDurable(): void {
    if (this.#state === 'writing') super.onDurable();
    else if (this.#request !== undefined) this.#begin(this.#request);
  }

  #begin(request: UpdateRequest): void {
    const service = this.#service;
    const fenced = fencedOff(service, request.block.partition, request.epoch);
    if (fenced !== undefined) this.#end(fenced);
    else if (this.#exchange?.aborted) this.#end(service.refusal('overloaded', 'the caller has given up'));
    else this.#write(request);
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
      this.#end(
        service.refusal(
          'generation',
          `ifGeneration: found ${ifGeneration}, accepted is the one here, ${existing.generation}`,
        ),
      );
      return;
    }
    if (!log.space.admits(headerBytes(block.id.length, body.bytes.length) + block.sizeBytes)) {
      this.#end(service.refusal('no-space', 'read-only: the disk is full'));
      return;
    }
    this.#state = 'writing';
    this.#previous = existing;
    this.#entry = log.put(block, ifGeneration + 1, body.bytes, this);
  }

  protected override onStored(): void {
    const request = this.#request;
    const entry = this.#entry;
    if (request === undefined || entry === undefined) return;
    accepted(this.#service, entry, request.epoch);
    this.#end(
      lapse(this.#service, entry, request.epoch) ?? {
        kind: 'block.stored',
        generation: entry.generation,
        existed: false,
      },
    );
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
