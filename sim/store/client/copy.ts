import type { MetadataReply } from '../messages/metadata.ts';
import type { Condition } from '../model.ts';
import type { ClientCore } from './client-core.ts';
import { MetadataOperation } from './metadata-operation.ts';
import type { OutcomeHandler } from './outcome.ts';

/**
 * A copy within metadata: the new version names the blocks of the old one, which never change, so no byte moves. Like any
 * write its outcome is unknown without an answer, unless it reached nobody.
 */
export class CopyOperation extends MetadataOperation {
  readonly #source: string;
  readonly #condition: Condition;

  constructor(
    client: ClientCore,
    source: string,
    key: string,
    condition: Condition,
    handler: OutcomeHandler,
    tag: number,
  ) {
    super(client, 'copy', key, handler, tag, condition, source);
    this.#source = source;
    this.#condition = condition;
  }

  start(): void {
    this.ask({
      kind: 'object.copy',
      key: this.key,
      from: this.#source,
      condition: this.#condition,
      token: this.client.nextId(),
    });
  }

  protected take(reply: MetadataReply): boolean {
    switch (reply.kind) {
      case 'object.committed':
        this.client.cache?.outdate(this.key, reply.generation);
        this.succeed({ kind: 'copied', generation: reply.generation }, 0);
        return true;
      case 'object.precondition-failed':
        this.client.cache?.outdate(this.key, reply.generation);
        this.succeed({ kind: 'precondition-failed', generation: reply.generation }, 0);
        return true;
      case 'object.missing':
        this.succeed({ kind: 'missing' }, 0);
        return true;
      default:
        return false;
    }
  }

  protected giveUp(error: string, mayTakeEffect: boolean): void {
    if (mayTakeEffect) this.leaveUnknown(error, 0);
    else this.fail(error);
  }
}
