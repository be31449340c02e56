import type { MetadataReply, MetadataRequest } from '../messages/metadata.ts';
import type { MetadataCall, MetadataHandler } from '../metadata/channel.ts';
import type { ClientCore } from './client-core.ts';
import { Operation } from './operation.ts';
import type { OutcomeHandler } from './outcome.ts';

/** Head, delete and list: one question to metadata. */
export class MetadataOperation extends Operation implements MetadataHandler {
  readonly state = 'asking';
  readonly #request: MetadataRequest;
  #call: MetadataCall | undefined;

  constructor(
    client: ClientCore,
    name: 'head' | 'delete' | 'list',
    key: string,
    request: MetadataRequest,
    handler: OutcomeHandler,
    tag: number,
  ) {
    super(client, name, key, handler, tag);
    this.#request = request;
  }

  start(): void {
    this.#call = this.client.metadata.ask(this.#request, this.deadlineMs, this, 0);
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    this.countAttempts(this.#call?.tries ?? 1);
    switch (reply.kind) {
      case 'object.found':
        this.succeed({ kind: 'version', generation: reply.version.generation, sizeBytes: reply.version.sizeBytes }, 0);
        break;
      case 'object.missing':
        this.succeed({ kind: 'missing' }, 0);
        break;
      case 'object.deleted':
        this.succeed({ kind: 'deleted', generation: reply.generation, existed: reply.existed }, 0);
        break;
      case 'object.precondition-failed':
        this.succeed({ kind: 'precondition-failed', generation: reply.generation }, 0);
        break;
      case 'object.page':
        this.succeed(
          { kind: 'page', entries: reply.entries, next: reply.next, revision: reply.revision },
          reply.controlBytes,
        );
        break;
      default:
        this.#fail(
          reply.kind === 'metadata.bad-request' ? reply.detail : `metadata answered ${reply.kind}`,
          this.#call?.mayTakeEffect === true,
        );
    }
  }

  onMetadataFailed(_tag: number, mayTakeEffect: boolean): void {
    this.countAttempts(this.#call?.tries ?? 1);
    this.#fail(mayTakeEffect ? 'unanswered' : 'metadata-unavailable', mayTakeEffect);
  }

  #fail(error: string, mayTakeEffect: boolean): void {
    if (mayTakeEffect && this.name === 'delete') this.leaveUnknown(error, 0);
    else this.fail(error);
  }
}
