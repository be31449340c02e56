import { createServer, type Server } from 'node:net';
import type {
  AbortHandler,
  CallFailure,
  CallHandler,
  CallId,
  Clock,
  Exchange,
  Message,
  Network,
  NodeId,
  Service,
} from '../host.ts';
import { type Address, Connection, type ConnectionOwner } from './connection.ts';
import type { Frame } from './frame.ts';
import type { Lifeline } from './lifeline.ts';

export interface LiveNetworkOptions {
  readonly id: NodeId;
  /** Where to listen once the process serves; port 0 takes any that is free. */
  readonly listen: Address;
  /** Where a peer listens; undefined if there is no such node. Asked at each new connection. */
  readonly addressOf: (id: NodeId) => Address | undefined;
  /** Told of the address once connections are accepted. */
  readonly onListening?: (address: Address) => void;
  /** Listening failed: the address is taken, or not this machine's. */
  readonly onListenFailed: (error: Error) => void;
}

/**
 * Calls and messages over TCP: one connection to each peer, made at the first use, kept, and made again after it
 * broke. Requests and one-way messages go out on it and replies come back on it. A connection that can't be made
 * refuses its calls; one that breaks resets them, and aborts the exchanges of the other side.
 */
export class LiveNetwork implements Network {
  readonly #options: LiveNetworkOptions;
  readonly #lifeline: Lifeline;
  readonly #clock: Clock;
  readonly #peers = new Map<NodeId, Peer>();
  readonly #clients = new Set<Client>();
  readonly #calls = new Map<CallId, OpenCall>();
  #lastCall = 0;
  #server: Server | undefined;
  #service: Service | undefined;

  constructor(options: LiveNetworkOptions, lifeline: Lifeline, clock: Clock) {
    this.#options = options;
    this.#lifeline = lifeline;
    this.#clock = clock;
  }

  send(to: NodeId, message: Message): void {
    if (!this.#lifeline.ended) this.#peer(to)?.connection.send({ type: 'message', message });
  }

  call(to: NodeId, request: Message, timeoutMs: number, handler: CallHandler, tag: number): CallId {
    if (!(timeoutMs >= 0 && timeoutMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`timeoutMs must be a finite number of at least 0, found ${timeoutMs}`);
    }
    if (this.#lifeline.ended) return 0;
    const id = ++this.#lastCall;
    const timeout = setTimeout(() => this.#fail(id, 'timeout'), Math.ceil(timeoutMs));
    const peer = this.#peer(to);
    this.#calls.set(id, { handler, tag, timeout, peer });
    if (peer === undefined) setImmediate(() => this.#fail(id, 'refused'));
    // What can't be queued times out, like anything that a choked network loses.
    else peer.connection.send({ type: 'request', call: id, timeoutMs, message: request });
    return id;
  }

  cancel(call: CallId): void {
    const open = this.#take(call);
    if (open?.peer !== undefined) open.peer.connection.send({ type: 'abort', call });
  }

  serve(service: Service): void {
    if (this.#lifeline.ended) return;
    this.#service = service;
    if (this.#server !== undefined) return;
    const server = createServer((socket) => {
      const client = new Client(
        this.#lifeline,
        this.#clock,
        () => this.#service,
        () => this.#clients.delete(client),
      );
      this.#clients.add(client);
      client.connection = new Connection(socket, client);
    });
    this.#server = server;
    server.on('error', (error) => {
      this.#server = undefined;
      this.#options.onListenFailed(error);
    });
    server.listen(this.#options.listen, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return;
      this.#options.onListening?.({ host: address.address, port: address.port });
    });
  }

  /** Stops listening and breaks all connections. Resolves when the address is free again. */
  close(): Promise<void> {
    for (const { timeout } of this.#calls.values()) clearTimeout(timeout);
    this.#calls.clear();
    for (const peer of this.#peers.values()) peer.connection.destroy();
    for (const client of [...this.#clients]) client.connection?.destroy();
    const server = this.#server;
    if (server === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = (): void => void server.close(() => resolve());
      if (server.listening) stop();
      else server.once('listening', stop).once('error', () => resolve());
    });
  }

  #peer(id: NodeId): Peer | undefined {
    const known = this.#peers.get(id);
    if (known !== undefined) return known;
    const address = this.#options.addressOf(id);
    if (address === undefined) return undefined;
    const peer = new Peer(address, {
      onReply: (call, response) => {
        const open = this.#take(call);
        open?.handler.onReply(open.tag, response);
      },
      onClosed: (closed, established) => this.#lose(id, closed, established ? 'reset' : 'refused'),
    });
    this.#peers.set(id, peer);
    peer.connection.send({ type: 'hello', from: this.#options.id });
    return peer;
  }

  #lose(id: NodeId, peer: Peer, failure: CallFailure): void {
    if (this.#peers.get(id) === peer) this.#peers.delete(id);
    if (this.#lifeline.ended) return;
    for (const [call, open] of [...this.#calls]) if (open.peer === peer) this.#fail(call, failure);
  }

  #fail(call: CallId, failure: CallFailure): void {
    const open = this.#take(call);
    open?.handler.onCallFailed(open.tag, failure);
  }

  /** Ends a call, if it is open and its process lives. */
  #take(call: CallId): OpenCall | undefined {
    const open = this.#lifeline.ended ? undefined : this.#calls.get(call);
    if (open === undefined) return undefined;
    clearTimeout(open.timeout);
    this.#calls.delete(call);
    return open;
  }
}

interface OpenCall {
  readonly handler: CallHandler;
  readonly tag: number;
  readonly timeout: NodeJS.Timeout;
  /** Undefined if there is no such node. */
  readonly peer: Peer | undefined;
}

interface PeerEvents {
  onReply(call: CallId, response: Message): void;
  onClosed(peer: Peer, established: boolean): void;
}

/** A node that this one calls. */
class Peer implements ConnectionOwner {
  readonly connection: Connection;
  readonly #events: PeerEvents;

  constructor(address: Address, events: PeerEvents) {
    this.#events = events;
    this.connection = Connection.to(address, this);
  }

  onFrame(frame: Frame, connection: Connection): void {
    if (frame.type === 'reply') this.#events.onReply(frame.call, frame.message);
    else connection.destroy();
  }

  onClosed(_connection: Connection, established: boolean): void {
    this.#events.onClosed(this, established);
  }
}

/** A node that calls this one, as long as its connection lasts. */
class Client implements ConnectionOwner {
  connection: Connection | undefined;
  readonly #lifeline: Lifeline;
  readonly #clock: Clock;
  readonly #service: () => Service | undefined;
  readonly #forget: () => void;
  readonly #exchanges = new Map<number, LiveExchange>();
  #from: NodeId | undefined;

  constructor(lifeline: Lifeline, clock: Clock, service: () => Service | undefined, forget: () => void) {
    this.#lifeline = lifeline;
    this.#clock = clock;
    this.#service = service;
    this.#forget = forget;
  }

  onFrame(frame: Frame, connection: Connection): void {
    if (this.#lifeline.ended) return;
    if (frame.type === 'hello') {
      this.#from = frame.from;
      return;
    }
    const from = this.#from;
    if (from === undefined || frame.type === 'reply') {
      connection.destroy();
      return;
    }
    if (frame.type === 'message') this.#service()?.onMessage(frame.message, from);
    else if (frame.type === 'abort') this.#exchanges.get(frame.call)?.abort();
    else {
      const { call } = frame;
      const exchange = new LiveExchange(from, this.#clock.nowMs() + frame.timeoutMs, frame.message.kind, (response) => {
        this.#exchanges.delete(call);
        if (!this.#lifeline.ended) connection.send({ type: 'reply', call, message: response });
      });
      this.#exchanges.set(call, exchange);
      this.#service()?.onRequest(frame.message, exchange);
    }
  }

  onClosed(): void {
    this.#forget();
    if (this.#lifeline.ended) return;
    for (const exchange of [...this.#exchanges.values()]) exchange.abort();
    this.#exchanges.clear();
  }
}

class LiveExchange implements Exchange {
  readonly from: NodeId;
  readonly deadlineMs: number;
  aborted = false;
  readonly #kind: string;
  readonly #answer: (response: Message) => void;
  #replied = false;
  #handler: AbortHandler | undefined;

  constructor(from: NodeId, deadlineMs: number, kind: string, answer: (response: Message) => void) {
    this.from = from;
    this.deadlineMs = deadlineMs;
    this.#kind = kind;
    this.#answer = answer;
  }

  onAbort(handler: AbortHandler): void {
    this.#handler = handler;
  }

  reply(response: Message): void {
    if (this.#replied) throw new Error(`second reply (${response.kind}) to a call (${this.#kind}) of ${this.from}`);
    this.#replied = true;
    this.#answer(response);
  }

  abort(): void {
    if (this.#replied || this.aborted) return;
    this.aborted = true;
    this.#handler?.onAborted();
  }
}
