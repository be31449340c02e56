/**
 * The ports: all that store code sees of the world.
 *
 * `sim/world` implements them on virtual time, `sim/live` on sockets, files and the wall clock. One
 * conformance suite (`sim/world/conformance.ts`) states what each port promises and runs against both.
 *
 * Completions arrive by handler and tag, never by promise or closure: an operation that spans several
 * messages is a small class with named states that implements the handlers, so it can be listed,
 * inspected and cancelled, and costs no allocation per step.
 */

/** Name of a node, unique in a cluster: `data-3`, `gateway-1`, `metadata-1`, `client-2`. */
export type NodeId = string;

/**
 * The content of a block or an object as a scale model: network, disk and capacity are charged for
 * `sizeBytes`; checksums, corruption, repair and read-back work on `bytes`, which may be shorter.
 */
export interface Body {
  /** Declared size, in bytes: what the body costs to send and to store. */
  readonly sizeBytes: number;
  /** The real bytes. Never longer than `sizeBytes`; never mutated once handed over. */
  readonly bytes: Uint8Array;
}

/**
 * What travels between nodes. Concrete messages are discriminated unions on `kind`
 * (`sim/store/messages/`). Plain data only: the live host writes it as JSON beside the body's bytes.
 */
export interface Message {
  readonly kind: string;
  /** Charged to the network beside a fixed header. */
  readonly body?: Body | undefined;
  /** Size of bulky control data (a map, a listing, an inventory), charged like a body. */
  readonly controlBytes?: number | undefined;
}

/** Time. Everything is in milliseconds, fractions allowed. */
export interface Clock {
  /** Monotonic, never skewed by a jump; comparable only on the same node and incarnation. */
  nowMs(): number;
  /** Wall clock, in ms since the Unix epoch; may be skewed, may drift, may jump. */
  wallMs(): number;
}

/** Names a pending timer; 0 is never a timer's. */
export type TimerId = number;

export interface TimerHandler {
  onTimer(tag: number): void;
}

export interface Timers {
  /** Calls `handler.onTimer(tag)` once, `delayMs` from now (0 or more), unless cancelled or the process ends. */
  after(delayMs: number, handler: TimerHandler, tag: number): TimerId;
  /** Does nothing for a timer that has fired, was cancelled, or is 0. */
  cancel(timer: TimerId): void;
}

/** A sequence of random draws with a name of its own, so that a draw added elsewhere moves none here. */
export interface RandomStream {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound); `bound` ≥ 1. */
  below(bound: number): number;
  /** Exponential with the given mean. */
  exponential(mean: number): number;
  /** Standard normal. */
  normal(): number;
}

export interface Random {
  /** The node's stream for one purpose; the same purpose gives the same stream. */
  stream(purpose: string): RandomStream;
}

/**
 * Why a call has no reply: `timeout` (nothing came in time; the request may have been carried out),
 * `refused` (no process is listening there; it was not carried out), `reset` (the peer's process ended
 * while the call was open; it may have been carried out).
 */
export type CallFailure = 'timeout' | 'refused' | 'reset';

export interface CallHandler {
  /** The reply to the call made with `tag`. At most one of the two is called, once. */
  onReply(tag: number, response: Message): void;
  onCallFailed(tag: number, failure: CallFailure): void;
}

/** Names an open call; 0 is never a call's. */
export type CallId = number;

/** The server's side of one call. */
export interface Exchange {
  readonly from: NodeId;
  /** When the caller gives up, on this node's monotonic clock. */
  readonly deadlineMs: number;
  /** True once the caller has cancelled or its process has ended: work for it may stop. */
  readonly aborted: boolean;
  /** Called once when the caller cancels, if it has no reply by then. */
  onAbort(handler: AbortHandler): void;
  /** Answers the call. A second answer is a programming error and throws. */
  reply(response: Message): void;
}

export interface AbortHandler {
  onAborted(): void;
}

export interface Service {
  /** A call arrived. It must be answered once, now or later. */
  onRequest(request: Message, exchange: Exchange): void;
  /** A one-way message arrived. */
  onMessage(message: Message, from: NodeId): void;
}

export interface Network {
  /** One-way: may be lost, and the sender never knows. */
  send(to: NodeId, message: Message): void;
  /** Sends a request and waits at most `timeoutMs` for its reply. The handler is never called before this returns. */
  call(to: NodeId, request: Message, timeoutMs: number, handler: CallHandler, tag: number): CallId;
  /** Gives up: neither handler is called, and the far side's exchange is aborted as soon as it can be told. */
  cancel(call: CallId): void;
  /** Starts to listen. Before it, calls to this node are refused. */
  serve(service: Service): void;
}

/** Why a disk operation failed. `no-space` leaves the file as it was; after `io-error` on sync the file is not to be trusted. */
export type DiskError = 'no-space' | 'io-error' | 'not-found' | 'out-of-range';

export interface FileInfo {
  readonly name: string;
  /** Real length: the range of offsets that can be read. */
  readonly lengthBytes: number;
}

export type DiskResult =
  | { readonly ok: true; readonly bytes?: Uint8Array; readonly files?: readonly FileInfo[] }
  | { readonly ok: false; readonly error: DiskError };

export interface DiskHandler {
  onDisk(tag: number, result: DiskResult): void;
}

/**
 * A flat directory of files that only grow, are cut at the end, or are removed. Operations on one file
 * take effect in the order in which they were issued. What was appended and not synced may be lost, or
 * torn at any byte, when the process crashes; a synced prefix survives.
 */
export interface Disk {
  /**
   * Appends to `file`, creating it, and returns at once the offset where the bytes will stand. `chargedBytes`
   * is the declared size that costs time and space. The handler is told when a later read would see it
   * (not yet durable).
   */
  append(file: string, bytes: Uint8Array, chargedBytes: number, handler: DiskHandler, tag: number): number;
  /** Reads `lengthBytes` at `offset` (`out-of-range` if it ends beyond the file); time is charged for `chargedBytes`. */
  read(
    file: string,
    offset: number,
    lengthBytes: number,
    chargedBytes: number,
    handler: DiskHandler,
    tag: number,
  ): void;
  /** Makes everything appended to `file` before this call durable. */
  sync(file: string, handler: DiskHandler, tag: number): void;
  /** Cuts `file` to `lengthBytes`. Durable when the handler is told. */
  truncate(file: string, lengthBytes: number, handler: DiskHandler, tag: number): void;
  /** Lists all files by name, ascending. */
  list(handler: DiskHandler, tag: number): void;
  /** Removes `file`. Durable when the handler is told; removing what is not there succeeds. */
  remove(file: string, handler: DiskHandler, tag: number): void;
  readonly usedBytes: number;
  readonly capacityBytes: number;
}

/** A structured event for the recorder; concrete events are a discriminated union in `sim/store/events.ts`. */
export interface TraceEvent {
  readonly kind: string;
}

export interface Trace {
  emit(event: TraceEvent): void;
}

/** One incarnation of one node's process, as that process sees the world. */
export interface Host {
  readonly id: NodeId;
  /** 1 at the first start of this node, one more at each restart; survives on the node, not on its disk. */
  readonly incarnation: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly network: Network;
  readonly disk: Disk;
  readonly trace: Trace;
  /** Ends this process at once, as a crash of its own making (a failed sync, a broken invariant). Nothing of it runs after. */
  abort(reason: string): void;
}

/** Starts a process on a host: builds the component, which then lives by its handlers. Called at every (re)start. */
export type Boot = (host: Host) => void;
