import type { MetadataReply, MetadataRequest } from '../messages/metadata.ts';
import type { MetadataCall, MetadataHandler } from '../metadata/channel.ts';
import { Operation } from './operation.ts';

/** What is done by one question to metadata. */
export abstract class MetadataOperation extends Operation implements MetadataHandler {
  #call: MetadataCall | undefined;

  get state(): string {
    return 'asking';
  }

  /** Ends the operation if this is an answer to its question; else says nothing and gives false. */
  protected abstract take(reply: MetadataReply): boolean;

  /** It could not be carried out, or, of a write, not as far as is known. */
  protected abstract giveUp(error: string, mayTakeEffect: boolean): void;

  protected ask(request: MetadataRequest): void {
    this.#call = this.client.metadata.ask(request, this.deadlineMs, this, 0);
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    this.countMetadataAttempts(this.#call?.tries ?? 1);
    if (!this.take(reply)) this.giveUp(refusalOf(reply), this.#call?.mayTakeEffect === true || !isRefusal(reply));
  }

  onMetadataFailed(_tag: number, mayTakeEffect: boolean): void {
    this.countMetadataAttempts(this.#call?.tries ?? 1);
    this.giveUp(mayTakeEffect ? 'unanswered' : 'metadata-unavailable', mayTakeEffect);
  }
}

type Refusal = Extract<MetadataReply, { kind: 'metadata.bad-request' | 'object.conflict' }>;

/** A definite no: it was not carried out by this request and never will be. An answer to something else says nothing of it. */
export function isRefusal(reply: MetadataReply): reply is Refusal {
  return reply.kind === 'metadata.bad-request' || reply.kind === 'object.conflict';
}

/** Why metadata did not do what it was asked, in words. */
export function refusalOf(reply: MetadataReply): string {
  return isRefusal(reply) ? reply.detail : `metadata answered ${reply.kind}`;
}
