import type { AbortHandler, CallFailure, CallHandler, CallId, Exchange, Message, NodeId } from '../host.ts';
import type { EventId, Kernel } from '../kernel/kernel.ts';
import { Work } from './cpu.ts';
import { type Fabric, HEADER_BYTES, wireBytes } from './fabric.ts';
import type { OpenCall, SimulatedNode } from './node.ts';

const REQUEST_ARRIVES = 0;
const REQUEST_WORKED = 1;
const REPLY_ARRIVES = 2;
const REPLY_WORKED = 3;
const TIMED_OUT = 4;
const ABORT_ARRIVES = 5;
const REFUSAL_ARRIVES = 6;
const RESET_ARRIVES = 7;
const TIMES_OUT_SOON = 8;

/** In place of the server's life: the request has not arrived yet, or the process that it came to has ended. */
const NOT_ARRIVED = -1;
const ENDED = -2;

const LONGEST_ROUND_MS = 0x40000000;

/**
 * One call, both sides of it: the caller's open call, the request and the reply on their way and in the CPUs'
 * queues, and the exchange that the server answers. One object a call, and its own event handler, so that a call
 * allocates nothing else.
 */
export class SimulatedCall extends Work implements Exchange, OpenCall {
  id: CallId = 0;
  readonly from: NodeId;
  aborted = false;

  private readonly kernel: Kernel;
  private readonly fabric: Fabric;
  /** When the caller gives up, in true time. */
  private readonly dueMs: number;
  private readonly caller: SimulatedNode;
  private readonly callerLife: number;
  private readonly server: SimulatedNode;
  private readonly request: Message;
  private readonly requestBytes: number;
  private readonly handler: CallHandler;
  private readonly tag: number;
  private timeout: EventId;
  /** The caller still waits. */
  private open = true;
  /** The server's life in which the request arrived. */
  private serverLife = NOT_ARRIVED;
  private replied = false;
  private response: Message | undefined = undefined;
  private responseBytes = 0;
  private abortHandler: AbortHandler | undefined = undefined;

  constructor(
    kernel: Kernel,
    fabric: Fabric,
    caller: SimulatedNode,
    server: SimulatedNode,
    request: Message,
    timeoutMs: number,
    handler: CallHandler,
    tag: number,
  ) {
    super();
    this.kernel = kernel;
    this.fabric = fabric;
    this.caller = caller;
    this.callerLife = caller.life;
    this.from = caller.id;
    this.server = server;
    this.request = request;
    this.requestBytes = wireBytes(request);
    this.handler = handler;
    this.tag = tag;
    const trueMs = caller.drift === undefined ? timeoutMs : timeoutMs / caller.drift.rate;
    this.dueMs = kernel.nowMs + trueMs;
    this.timeout = this.startTimeout(trueMs);
    caller.calls.add(this);
    this.travel(caller, server, request, this.requestBytes, REQUEST_ARRIVES);
  }

  onEvent(op: number): void {
    switch (op) {
      case REQUEST_ARRIVES:
        this.requestArrives();
        return;
      case REQUEST_WORKED:
        if (this.server.cpu.finish(this)) this.serve();
        return;
      case REPLY_ARRIVES:
        this.replyArrives();
        return;
      case REPLY_WORKED:
        if (this.caller.cpu.finish(this)) this.conclude();
        return;
      case TIMED_OUT:
        if (!this.open) return;
        if (this.caller.gate.closed) this.caller.gate.defer(this, op);
        else this.fail('timeout');
        return;
      case TIMES_OUT_SOON:
        if (this.open) this.timeout = this.kernel.scheduleAt(this.dueMs, this, TIMED_OUT, undefined);
        return;
      case ABORT_ARRIVES:
        this.abortArrives();
        return;
      case REFUSAL_ARRIVES:
      case RESET_ARRIVES:
        if (this.arrivesAtCaller(op, HEADER_BYTES) && this.open)
          this.fail(op === REFUSAL_ARRIVES ? 'refused' : 'reset');
        return;
    }
  }

  // The server's side.

  get deadlineMs(): number {
    const { drift } = this.server;
    return drift === undefined ? this.dueMs : drift.localMs(this.dueMs);
  }

  onAbort(handler: AbortHandler): void {
    this.abortHandler = handler;
  }

  reply(response: Message): void {
    if (this.replied) {
      throw new Error(
        `second reply (${response.kind}) of ${this.server.id} to a call (${this.request.kind}) of ${this.from}`,
      );
    }
    this.replied = true;
    this.abortHandler = undefined;
    if (this.serverLife !== this.server.life) return;
    this.response = response;
    this.responseBytes = wireBytes(response);
    this.travel(this.server, this.caller, response, this.responseBytes, REPLY_ARRIVES);
  }

  private requestArrives(): void {
    const { server, request } = this;
    if (server.gate.closed) {
      server.gate.defer(this, REQUEST_ARRIVES);
      return;
    }
    if (server.service === undefined) {
      this.fabric.drop(server.machineUp ? 'no-process' : 'machine-down');
      if (server.machineUp) this.notify(server, this.caller, REFUSAL_ARRIVES);
      return;
    }
    this.fabric.deliver(server, this.requestBytes);
    // The cancel was faster than the request.
    if (this.aborted) return;
    this.serverLife = server.life;
    const cost = server.costs.ofRequest(request.kind);
    if (cost === undefined) this.serve();
    else server.cpu.submit(this, cost.sample(server.cpuStream, this.requestBytes - HEADER_BYTES), REQUEST_WORKED);
  }

  private serve(): void {
    this.server.service?.onRequest(this.request, this);
  }

  private abortArrives(): void {
    const { server } = this;
    if (server.gate.closed) {
      server.gate.defer(this, ABORT_ARRIVES);
      return;
    }
    if (!server.running || (this.serverLife !== NOT_ARRIVED && this.serverLife !== server.life)) {
      this.fabric.drop(server.machineUp ? 'process-ended' : 'machine-down');
      return;
    }
    this.fabric.deliver(server, HEADER_BYTES);
    if (this.replied) return;
    this.aborted = true;
    this.abortHandler?.onAborted();
  }

  serverEnded(server: SimulatedNode, told: boolean): void {
    if (server !== this.server || this.serverLife === NOT_ARRIVED || this.serverLife === ENDED || this.replied) return;
    // Whatever still holds the exchange is dead, and may not answer.
    this.serverLife = ENDED;
    if (told) this.notify(server, this.caller, RESET_ARRIVES);
  }

  // The caller's side.

  cancel(): void {
    this.close();
    if (!this.replied) this.notify(this.caller, this.server, ABORT_ARRIVES);
  }

  callerEnded(told: boolean): void {
    this.close();
    if (told && !this.replied) this.notify(this.caller, this.server, ABORT_ARRIVES);
  }

  private replyArrives(): void {
    const { caller, response } = this;
    if (response === undefined || !this.arrivesAtCaller(REPLY_ARRIVES, this.responseBytes)) return;
    const cost = caller.costs.ofReply(response.kind);
    if (cost === undefined) this.conclude();
    else caller.cpu.submit(this, cost.sample(caller.cpuStream, this.responseBytes - HEADER_BYTES), REPLY_WORKED);
  }

  /** False if a message for the caller has to wait, or finds its process ended. */
  private arrivesAtCaller(op: number, sizeBytes: number): boolean {
    const { caller } = this;
    if (caller.life !== this.callerLife) {
      this.fabric.drop(caller.machineUp ? 'process-ended' : 'machine-down');
      return false;
    }
    if (caller.gate.closed) {
      caller.gate.defer(this, op);
      return false;
    }
    this.fabric.deliver(caller, sizeBytes);
    return true;
  }

  private conclude(): void {
    const { response } = this;
    // It may have timed out or been cancelled while the reply was on its way or waited for the CPU.
    if (!this.open || response === undefined) return;
    this.close();
    this.handler.onReply(this.tag, response);
  }

  private fail(failure: CallFailure): void {
    this.close();
    this.handler.onCallFailed(this.tag, failure);
  }

  /**
   * The kernel's timeouts are cheap if they share few delays, but deadlines that are handed down differ in every
   * call. So wait for a power of two first, less than the timeout and more than half of it; few calls live that long.
   */
  private startTimeout(timeoutMs: number): EventId {
    if (!(timeoutMs >= 0 && timeoutMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`timeoutMs must be a finite number of at least 0, found ${timeoutMs}`);
    }
    if (timeoutMs < 1) return this.kernel.schedule(timeoutMs, this, TIMED_OUT, undefined);
    const roundMs = 1 << (31 - Math.clz32(Math.min(timeoutMs, LONGEST_ROUND_MS)));
    return this.kernel.timeout(roundMs, this, TIMES_OUT_SOON, undefined);
  }

  private close(): void {
    this.open = false;
    this.kernel.cancel(this.timeout);
    this.caller.calls.remove(this);
  }

  private travel(from: SimulatedNode, to: SimulatedNode, message: Message, sizeBytes: number, op: number): void {
    const delayMs = this.fabric.transmit(from, to, message, sizeBytes);
    if (delayMs >= 0) this.kernel.schedule(delayMs, this, op, undefined);
  }

  /** Sends a notice of the transport itself. */
  private notify(from: SimulatedNode, to: SimulatedNode, op: number): void {
    const delayMs = this.fabric.transmit(from, to, undefined, HEADER_BYTES);
    if (delayMs >= 0) this.kernel.schedule(delayMs, this, op, undefined);
  }
}
