import type { Body } from '../host.ts';
import type { EventHandler, Kernel } from '../kernel/kernel.ts';
import type { StoreClient } from '../store/client/client.ts';
import type { Outcome, OutcomeHandler } from '../store/client/outcome.ts';
import type { Condition } from '../store/model.ts';
import type { TrafficRequest } from '../traffic/request.ts';
import type { TrafficSource } from '../traffic/source.ts';
import { modelBody } from './body.ts';
import { KnownGenerations } from './known-generations.ts';
import { ListWalk } from './list-walk.ts';

const LIST_LIMIT = 100;

const NO_BODY: Body = { sizeBytes: 0, bytes: new Uint8Array(0) };

/** Outcomes with this tag are only counted. */
const READ = 0;

/** A write that was sent and not answered yet. */
export interface OpenWrite {
  readonly op: 'put' | 'delete' | 'copy';
  readonly key: string;
  /** Of a put; else empty. */
  readonly body: Body;
  /** Undefined if it depends on nothing. */
  readonly condition?: Condition | undefined;
  /** Of a copy, the key that is copied. */
  readonly from?: string | undefined;
}

/**
 * Plays traffic on the clients, open loop: requests go out when they are due, whatever became of the ones before. Keeps one
 * event pending, however long the traffic.
 */
export class TrafficDriver implements EventHandler, OutcomeHandler {
  readonly #kernel: Kernel;
  readonly #clients: readonly StoreClient[];
  readonly #source: TrafficSource;
  readonly #originMs: number;
  #next: TrafficRequest | undefined;
  /** By the number of the request. */
  readonly #openWrites = new Map<number, OpenWrite>();
  readonly #generations = new KnownGenerations();
  /** Requests sent. */
  sent = 0;
  /** Outcomes heard: every request gets one, unless its client's process ended. */
  answered = 0;

  constructor(kernel: Kernel, clients: readonly StoreClient[], source: TrafficSource, originMs: number) {
    this.#kernel = kernel;
    this.#clients = clients;
    this.#source = source;
    this.#originMs = originMs;
  }

  start(): void {
    this.#advance();
  }

  onEvent(): void {
    const request = this.#next;
    if (request === undefined) return;
    this.#send(request);
    this.#advance();
  }

  onOutcome(tag: number, outcome: Outcome): void {
    this.answered += 1;
    if (tag === READ) return;
    const write = this.#openWrites.get(tag);
    this.#openWrites.delete(tag);
    if (write !== undefined) this.#generations.learn(write.key, outcome);
  }

  /** Writes whose outcome nobody will ever know, if the traffic is over: they may or may not have been carried out. */
  get openWrites(): Iterable<OpenWrite> {
    return this.#openWrites.values();
  }

  #advance(): void {
    const next = this.#source.next();
    this.#next = next;
    if (next !== undefined)
      this.#kernel.scheduleAt(Math.max(this.#kernel.nowMs, this.#originMs + next.atMs), this, 0, undefined);
  }

  #send({ op, key, sizeBytes, client: session, detail }: TrafficRequest): void {
    const client = this.#clients[session % this.#clients.length];
    if (client === undefined) throw new RangeError('traffic: no clients');
    this.sent += 1;
    const condition = detail?.condition === undefined ? undefined : this.#generations.condition(key, detail.condition);
    switch (op) {
      case 'get':
        return client.get(key, detail?.range, this, READ);
      case 'put': {
        const body = modelBody(sizeBytes, this.sent);
        return client.put(key, body, this, this.#open({ op, key, body, condition }), condition);
      }
      case 'head':
        return client.head(key, this, READ);
      case 'delete':
        return client.delete(key, this, this.#open({ op, key, body: NO_BODY, condition }), condition);
      case 'copy': {
        const from = detail?.from ?? key;
        return client.copy(from, key, this, this.#open({ op, key, body: NO_BODY, condition, from }), condition);
      }
      case 'list':
        if (detail?.delimiter !== undefined) return this.#walk(client, key, detail.delimiter);
        return client.list({ prefix: key, limit: LIST_LIMIT }, this, READ);
    }
  }

  /** Each further page is a request of its own. */
  #walk(client: StoreClient, prefix: string, delimiter: string): void {
    const walk = new ListWalk(client, { prefix, delimiter, limit: LIST_LIMIT }, (outcome, goesOn) => {
      this.onOutcome(READ, outcome);
      if (goesOn) this.sent += 1;
    });
    walk.next(undefined);
  }

  #open(write: OpenWrite): number {
    this.#openWrites.set(this.sent, write);
    return this.sent;
  }
}
