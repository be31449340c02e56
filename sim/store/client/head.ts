import type { TimerHandler } from '../../host.ts';
import type { MetadataReply } from '../messages/metadata.ts';
import type { ObjectVersion } from '../model.ts';
import type { ClientCore } from './client-core.ts';
import { Lookup } from './lookup.ts';
import { MetadataOperation } from './metadata-operation.ts';
import type { OutcomeHandler } from './outcome.ts';

/** What there is under a key, without its body. */
export class HeadOperation extends MetadataOperation implements TimerHandler {
  readonly #lookup: Lookup;
  #remembered: ObjectVersion | undefined;

  constructor(client: ClientCore, key: string, staleWithinMs: number, handler: OutcomeHandler, tag: number) {
    super(client, 'head', key, handler, tag);
    this.#lookup = new Lookup(client, key, staleWithinMs);
  }

  start(): void {
    this.#remembered = this.#lookup.remembered();
    if (this.#remembered !== undefined) this.client.host.timers.after(0, this, 0);
    else this.ask(this.#lookup.request());
  }

  /** What is remembered is told like any answer: not before the call has returned. */
  onTimer(): void {
    if (this.#remembered !== undefined) this.#found(this.#remembered);
  }

  protected take(reply: MetadataReply): boolean {
    const version = this.#lookup.learn(reply);
    if (version === undefined) return false;
    if (version === 'missing') this.succeed({ kind: 'missing' }, 0);
    else this.#found(version);
    return true;
  }

  protected giveUp(error: string): void {
    this.fail(error);
  }

  #found({ generation, sizeBytes }: ObjectVersion): void {
    this.succeed({ kind: 'version', generation, sizeBytes }, 0);
  }
}
