import type { MetadataReply } from '../messages/metadata.ts';
import type { Condition } from '../model.ts';
import type { ClientCore } from './client-core.ts';
import { MetadataOperation } from './metadata-operation.ts';
import type { OutcomeHandler } from './outcome.ts';

/** A deletion: without an answer its outcome is unknown, unless it reached nobody. */
export class DeleteOperation extends MetadataOperation {
  readonly #condition: Condition;

  constructor(client: ClientCore, key: string, condition: Condition, handler: OutcomeHandler, tag: number) {
    super(client, 'delete', key, handler, tag, condition);
    this.#condition = condition;
  }

  start(): void {
    this.ask({ kind: 'object.delete', key: this.key, condition: this.#condition, token: this.client.nextId() });
  }

  protected take(reply: MetadataReply): boolean {
    if (reply.kind !== 'object.deleted' && reply.kind !== 'object.precondition-failed') return false;
    const { generation } = reply;
    this.client.cache?.outdate(this.key, generation);
    if (reply.kind === 'object.deleted') this.succeed({ kind: 'deleted', generation, existed: reply.existed }, 0);
    else this.succeed({ kind: 'precondition-failed', generation }, 0);
    return true;
  }

  protected giveUp(error: string, mayTakeEffect: boolean): void {
    if (mayTakeEffect) this.leaveUnknown(error, 0);
    else this.fail(error);
  }
}
