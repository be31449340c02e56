import type { TimerHandler } from '../host.ts';
import type { StoreClient } from '../store/client/client.ts';
import type { Outcome, OutcomeHandler } from '../store/client/outcome.ts';

/** One operation of a bulk run: starts it on a client. */
export type BulkStep<Item> = (client: StoreClient, item: Item, handler: OutcomeHandler, tag: number) => void;

/**
 * Works through a list with a fixed number of operations open: fills the store before a run and reads it back after one.
 * What failed is tried again for ten seconds, since a fault may still be healing; an error that outlasted that for one item is
 * taken as lasting for the others too.
 */
export class BulkRun<Item> implements OutcomeHandler, TimerHandler {
  readonly #clients: readonly StoreClient[];
  readonly #items: Iterator<Item>;
  readonly #step: BulkStep<Item>;
  readonly #window: number;
  readonly #onDone: (item: Item, outcome: Outcome) => void;
  readonly #open = new Map<number, { item: Item; tries: number }>();
  readonly #lasting = new Set<string>();
  #started = 0;
  #exhausted = false;

  constructor(
    clients: readonly StoreClient[],
    items: Iterable<Item>,
    window: number,
    step: BulkStep<Item>,
    onDone: (item: Item, outcome: Outcome) => void,
  ) {
    this.#clients = clients;
    this.#items = items[Symbol.iterator]();
    this.#window = Math.max(1, window);
    this.#step = step;
    this.#onDone = onDone;
  }

  start(): void {
    for (let i = 0; i < this.#window && !this.#exhausted; i++) this.#next();
  }

  get done(): boolean {
    return this.#exhausted && this.#open.size === 0;
  }

  onOutcome(tag: number, outcome: Outcome): void {
    const work = this.#open.get(tag);
    if (work === undefined) throw new Error(`bulk run: an outcome for ${tag}, which is not open`);
    if (outcome.status !== 'ok' && !this.#lasting.has(outcome.error)) {
      if (work.tries < MAX_TRIES) {
        work.tries += 1;
        this.#clientOf(tag).host.timers.after(RETRY_MS, this, tag);
        return;
      }
      this.#lasting.add(outcome.error);
    }
    this.#open.delete(tag);
    this.#onDone(work.item, outcome);
    this.#next();
  }

  /** Stops: begins nothing more, and gives the items that have not come to an end. */
  abandon(): Item[] {
    const left = [...this.#open.values()].map(({ item }) => item);
    for (let next = this.#items.next(); next.done !== true; next = this.#items.next()) left.push(next.value);
    this.#exhausted = true;
    return left;
  }

  onTimer(tag: number): void {
    const work = this.#open.get(tag);
    if (work !== undefined) this.#send(tag, work.item);
  }

  #next(): void {
    const next = this.#items.next();
    if (next.done === true) {
      this.#exhausted = true;
      return;
    }
    const tag = this.#started;
    this.#started += 1;
    this.#open.set(tag, { item: next.value, tries: 1 });
    this.#send(tag, next.value);
  }

  #send(tag: number, item: Item): void {
    this.#step(this.#clientOf(tag), item, this, tag);
  }

  #clientOf(tag: number): StoreClient {
    const client = this.#clients[tag % this.#clients.length];
    if (client === undefined) throw new RangeError('bulk run: no clients');
    return client;
  }
}

const RETRY_MS = 250;
const MAX_TRIES = 40;
