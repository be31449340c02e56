import type { MetadataReply } from '../messages/metadata.ts';
import type { ClientCore } from './client-core.ts';
import type { ListQuery } from './list-query.ts';
import { type ListPosition, listToken } from './list-token.ts';
import { MetadataOperation } from './metadata-operation.ts';
import type { OutcomeHandler } from './outcome.ts';

/** One page of a listing. All pages that follow from one first page show the same revision. */
export class ListOperation extends MetadataOperation {
  readonly #query: ListQuery;
  readonly #limit: number;
  readonly #position: ListPosition | undefined;

  /** @param position - Where the page before ended; undefined for a first page. */
  constructor(
    client: ClientCore,
    query: ListQuery,
    limit: number,
    position: ListPosition | undefined,
    handler: OutcomeHandler,
    tag: number,
  ) {
    super(client, 'list', query.prefix ?? '', handler, tag);
    this.#query = query;
    this.#limit = limit;
    this.#position = position;
  }

  start(): void {
    this.ask({
      kind: 'object.list',
      prefix: this.key,
      delimiter: this.#query.delimiter ?? '',
      limit: this.#limit,
      after: this.#after,
      revision: this.#position?.revision,
    });
  }

  protected take(reply: MetadataReply): boolean {
    if (reply.kind === 'object.list-compacted') {
      this.succeed({ kind: 'list-compacted', oldestRevision: reply.oldestRevision }, 0);
      return true;
    }
    if (reply.kind !== 'object.page') return false;
    const { entries, prefixes, next: after, revision, controlBytes } = reply;
    const next = after === undefined ? undefined : listToken(this.#query, { after, revision });
    this.succeed({ kind: 'page', entries, prefixes, next, revision }, controlBytes, 0, {
      prefix: this.key,
      delimiter: this.#query.delimiter ?? '',
      after: this.#after,
      limit: this.#limit,
      revision,
      entries,
      prefixes,
      more: next !== undefined,
    });
    return true;
  }

  protected giveUp(error: string): void {
    this.fail(error);
  }

  get #after(): string {
    return this.#position?.after ?? this.#query.after ?? '';
  }
}
