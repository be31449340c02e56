import type { Clock, TimerHandler, Timers } from '../host.ts';
import type { MetadataReply, MetadataRequest } from '../store/messages/metadata.ts';
import type { MetadataHandler } from '../store/metadata/channel.ts';

const DEADLINE_MS = 10_000;
const AGAIN_MS = 1_000;
const TRIES = 10;
/** When an order that takes back or changes an earlier one is given once more: nothing of the earlier one is on its way by then. */
const CONFIRM_MS = DEADLINE_MS + 5_000;

/** Where orders can be given: a client. */
export interface Console {
  readonly host: { readonly clock: Clock; readonly timers: Timers };
  readonly metadata: { ask(request: MetadataRequest, deadlineMs: number, handler: MetadataHandler, tag: number): void };
}

/** The consoles of a cluster; those of which the process runs are preferred. */
export interface Consoles {
  readonly clients: readonly Console[];
  readonly livingClients: readonly Console[];
}

/** Whether an order that was refused is given up at once, or given again as one without an answer is. */
type Patience = 'until refused' | 'until accepted';

interface Order {
  readonly request: MetadataRequest;
  readonly patience: Patience;
  readonly console: Console;
  tries: number;
  /** Given once more after it was carried out. */
  readonly confirm: boolean;
  done: boolean;
}

/** By what it is about: the newest order in a cluster. The others are given no more. */
const newest = new WeakMap<Consoles, Map<string, Order>>();

/**
 * An operator's console on the first client that runs. Orders that get no answer are given again, as an operator would, unless
 * a newer one is about the same. One that follows another is looked after: a late arrival of the first must not undo it.
 */
export class OperatorOrders implements MetadataHandler, TimerHandler {
  /** Orders that were carried out. */
  accepted = 0;
  readonly #cluster: Consoles | undefined;
  readonly #orders: Order[] = [];

  constructor(cluster: Consoles | undefined) {
    this.#cluster = cluster;
  }

  /** All orders are idempotent: one that is carried out twice does no harm. */
  give(request: MetadataRequest, patience: Patience = 'until refused'): void {
    const console = this.#cluster?.livingClients[0] ?? this.#cluster?.clients[0];
    if (console === undefined) throw new Error(`${request.kind}: no client to give the order from`);
    const subject = subjectOf(request);
    const confirm = subject !== undefined && this.#newest.has(subject);
    const order = { request, patience, console, tries: 0, confirm, done: false };
    if (subject !== undefined) this.#newest.set(subject, order);
    this.#orders.push(order);
    this.onTimer(this.#orders.length - 1);
  }

  onTimer(tag: number): void {
    const order = this.#orders[tag];
    if (order === undefined || order.tries >= TRIES) return;
    const subject = subjectOf(order.request);
    if (subject !== undefined && this.#newest.get(subject) !== order) return;
    order.tries += 1;
    const { console, request } = order;
    console.metadata.ask(request, console.host.clock.nowMs() + DEADLINE_MS, this, tag);
  }

  onMetadata(tag: number, reply: MetadataReply): void {
    if (reply.kind === 'admin.done') this.#onDone(tag);
    else if (reply.kind === 'metadata.unavailable' || reply.kind === 'metadata.unknown') this.#again(tag);
    else if (reply.kind === 'admin.refused' && this.#orders[tag]?.patience === 'until accepted') this.#again(tag);
  }

  onMetadataFailed(tag: number): void {
    this.#again(tag);
  }

  get #newest(): Map<string, Order> {
    if (this.#cluster === undefined) return new Map<string, Order>();
    const known = newest.get(this.#cluster) ?? new Map<string, Order>();
    newest.set(this.#cluster, known);
    return known;
  }

  #onDone(tag: number): void {
    const order = this.#orders[tag];
    if (order === undefined || order.done) return;
    order.done = true;
    this.accepted += 1;
    if (order.confirm) this.#again(tag, CONFIRM_MS);
  }

  #again(tag: number, afterMs = AGAIN_MS): void {
    this.#orders[tag]?.console.host.timers.after(afterMs, this, tag);
  }
}

/** Orders about the same replace each other; undefined of one that stands for itself. */
function subjectOf(request: MetadataRequest): string | undefined {
  switch (request.kind) {
    case 'admin.drain':
    case 'admin.undrain':
      return `stay of ${request.node}`;
    case 'admin.weight':
      return `weight of ${request.node}`;
    case 'admin.pause':
      return `pause of ${request.what}`;
    default:
      return undefined;
  }
}
