import type { StoreClient } from '../store/client/client.ts';
import type { ListQuery } from '../store/client/list-query.ts';
import type { Outcome, OutcomeHandler } from '../store/client/outcome.ts';

/** Asks for all pages of a listing, one after the other. */
export class ListWalk implements OutcomeHandler {
  readonly #client: StoreClient;
  readonly #query: ListQuery;
  readonly #onPage: (outcome: Outcome, goesOn: boolean) => void;

  /** @param onPage - Told of each page, before the next one is asked for if there is one. */
  constructor(client: StoreClient, query: ListQuery, onPage: (outcome: Outcome, goesOn: boolean) => void) {
    this.#client = client;
    this.#query = query;
    this.#onPage = onPage;
  }

  /** Asks for the page of a token; undefined for the first one. */
  next(token: string | undefined): void {
    this.#client.list({ ...this.#query, token }, this, 0);
  }

  onOutcome(_tag: number, outcome: Outcome): void {
    const token = outcome.status === 'ok' && outcome.result.kind === 'page' ? outcome.result.next : undefined;
    this.#onPage(outcome, token !== undefined);
    if (token !== undefined) this.next(token);
  }
}
