import type { Exchange } from '../../host.ts';
import type { DataReply, DataRequest } from '../messages/block.ts';
import type { BlockEntry } from './block-index.ts';
import { LogWrite } from './log-write.ts';
import type { ServiceCore } from './service-core.ts';
import { fencedOff, misplacement } from './write-checks.ts';

type DeleteRequest = Extract<DataRequest, { kind: 'block.delete' }>;

/** One delete: a tombstone, durable before it is answered. Works on a read-only disk too. */
export class DeleteOperation extends LogWrite {
  readonly #service: ServiceCore;
  #state: 'idle' | 'writing' | 'ended' = 'idle';
  #exchange: Exchange | undefined;
  #entries: BlockEntry[] = [];

  constructor(service: ServiceCore) {
    super();
    this.#service = service;
  }

  get state(): string {
    return this.#state;
  }

  start(exchange: Exchange, request: DeleteRequest): void {
    this.#exchange = exchange;
    const service = this.#service;
    const { id, partition, epoch } = request;
    const malformed = misplacement(id, partition, epoch);
    if (malformed !== undefined) {
      this.#end(service.refusal('bad-request', malformed));
      return;
    }
    const fenced = fencedOff(service, partition, epoch);
    if (fenced !== undefined) {
      this.#end(fenced);
      return;
    }
    const entry = service.log.index.get(partition, id);
    if (entry === undefined) {
      // A repeated delete may overtake the first one's sync: its answer waits for it too.
      this.#state = 'writing';
      service.log.settle(this);
      return;
    }
    this.#state = 'writing';
    this.#entries = [entry];
    service.log.remove(this.#entries, this);
  }

  protected override onStored(): void {
    for (const { id, partition } of this.#entries) {
      this.#service.health.emit({ kind: 'block-removed', id, partition, why: 'deleted' });
    }
    this.#end({ kind: 'block.deleted', existed: this.#entries.length > 0 });
  }

  protected override onNoSpace(): void {
    this.#end(this.#service.refusal('no-space', 'the disk has no room for a tombstone'));
  }

  protected override undo(): void {
    this.#service.log.undoRemove(this.#entries);
  }

  #end(reply: DataReply): void {
    this.#state = 'ended';
    this.#service.operationEnded();
    this.#exchange?.reply(reply);
  }
}
