import type {
  CallHandler,
  CallId,
  Clock,
  Disk,
  DiskHandler,
  Host,
  Message,
  Network,
  NodeId,
  Random,
  RandomStream,
  Service,
  TimerHandler,
  TimerId,
  Timers,
  Trace,
  TraceEvent,
} from '../host.ts';
import type { EventHandler, EventId, Kernel } from '../kernel/kernel.ts';
import { SimulatedCall } from './call.ts';
import type { Fabric } from './fabric.ts';
import { post } from './letter.ts';
import type { SimulatedNode } from './node.ts';

/** Virtual time 0 on the wall clock: 2024-01-01T00:00:00Z. */
export const WALL_EPOCH_MS = 1_704_067_200_000;

/** What a host needs of the world around its node. */
export interface Surroundings {
  readonly kernel: Kernel;
  readonly fabric: Fabric;
  /** The node of that name; for an unknown name, one where nothing listens. */
  find(id: NodeId): SimulatedNode;
  trace(id: NodeId, event: TraceEvent): void;
  /** The process on `node` ends itself. */
  abort(node: SimulatedNode, reason: string): void;
}

/**
 * The ports of one process. Once that process has ended every port is inert: whatever code of it is still on the
 * stack does nothing any more.
 */
export class SimulatedHost implements Host {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly network: Network;
  readonly disk: Disk;
  readonly trace: Trace;
  readonly #world: Surroundings;
  readonly #node: SimulatedNode;
  readonly #life: number;

  constructor(world: Surroundings, node: SimulatedNode) {
    this.#world = world;
    this.#node = node;
    this.#life = node.life;
    this.id = node.id;
    this.incarnation = node.incarnation;
    this.clock = new SimulatedClock(world.kernel, node);
    this.timers = new SimulatedTimers(world.kernel, node);
    this.random = new SimulatedRandom(world.kernel, node.id);
    this.network = new SimulatedNetwork(world, node);
    this.disk = new SimulatedDiskPort(node);
    this.trace = new SimulatedTrace(world, node);
  }

  abort(reason: string): void {
    if (this.#node.life === this.#life) this.#world.abort(this.#node, reason);
  }
}

class SimulatedClock implements Clock {
  readonly #kernel: Kernel;
  readonly #node: SimulatedNode;

  constructor(kernel: Kernel, node: SimulatedNode) {
    this.#kernel = kernel;
    this.#node = node;
  }

  nowMs(): number {
    const { drift } = this.#node;
    return drift === undefined ? this.#kernel.nowMs : drift.localMs(this.#kernel.nowMs);
  }

  wallMs(): number {
    return WALL_EPOCH_MS + this.nowMs() + this.#node.wallSkewMs;
  }
}

class SimulatedRandom implements Random {
  readonly #kernel: Kernel;
  readonly #id: NodeId;

  constructor(kernel: Kernel, id: NodeId) {
    this.#kernel = kernel;
    this.#id = id;
  }

  stream(purpose: string): RandomStream {
    return this.#kernel.stream(`${this.#id}/${purpose}`);
  }
}

class SimulatedTrace implements Trace {
  readonly #world: Surroundings;
  readonly #node: SimulatedNode;
  readonly #life: number;

  constructor(world: Surroundings, node: SimulatedNode) {
    this.#world = world;
    this.#node = node;
    this.#life = node.life;
  }

  emit(event: TraceEvent): void {
    if (this.#node.life === this.#life) this.#world.trace(this.#node.id, event);
  }
}

/** One pending timer. */
class Timer implements EventHandler {
  readonly id: EventId;
  readonly #node: SimulatedNode;
  readonly #life: number;
  readonly #handler: TimerHandler;
  readonly #tag: number;

  constructor(kernel: Kernel, node: SimulatedNode, delayMs: number, handler: TimerHandler, tag: number) {
    this.#node = node;
    this.#life = node.life;
    this.#handler = handler;
    this.#tag = tag;
    this.id = kernel.schedule(delayMs, this, 0, undefined);
  }

  onEvent(op: number): void {
    if (this.#node.life !== this.#life) return;
    if (this.#node.gate.closed) this.#node.gate.defer(this, op);
    else this.#handler.onTimer(this.#tag);
  }
}

class SimulatedTimers implements Timers {
  readonly #kernel: Kernel;
  readonly #node: SimulatedNode;
  readonly #life: number;

  constructor(kernel: Kernel, node: SimulatedNode) {
    this.#kernel = kernel;
    this.#node = node;
    this.#life = node.life;
  }

  after(delayMs: number, handler: TimerHandler, tag: number): TimerId {
    if (this.#node.life !== this.#life) return 0;
    const { drift } = this.#node;
    const trueMs = drift === undefined ? delayMs : drift.untilPassed(delayMs, this.#kernel.nowMs);
    return new Timer(this.#kernel, this.#node, trueMs, handler, tag).id;
  }

  cancel(timer: TimerId): void {
    if (timer === 0 || this.#node.life !== this.#life || this.#kernel.cancel(timer)) return;
    const { gate } = this.#node;
    if (gate.waiting > 0) gate.discard((handler) => handler instanceof Timer && handler.id === timer);
  }
}

class SimulatedNetwork implements Network {
  readonly #world: Surroundings;
  readonly #node: SimulatedNode;
  readonly #life: number;

  constructor(world: Surroundings, node: SimulatedNode) {
    this.#world = world;
    this.#node = node;
    this.#life = node.life;
  }

  send(to: NodeId, message: Message): void {
    if (this.#node.life !== this.#life) return;
    const { kernel, fabric } = this.#world;
    post(kernel, fabric, this.#node, this.#world.find(to), message);
  }

  call(to: NodeId, request: Message, timeoutMs: number, handler: CallHandler, tag: number): CallId {
    if (this.#node.life !== this.#life) return 0;
    const { kernel, fabric } = this.#world;
    return new SimulatedCall(kernel, fabric, this.#node, this.#world.find(to), request, timeoutMs, handler, tag).id;
  }

  cancel(call: CallId): void {
    if (this.#node.life === this.#life) this.#node.calls.get(call)?.cancel();
  }

  serve(service: Service): void {
    if (this.#node.life === this.#life) this.#node.service = service;
  }
}

class SimulatedDiskPort implements Disk {
  readonly #node: SimulatedNode;
  readonly #life: number;

  constructor(node: SimulatedNode) {
    this.#node = node;
    this.#life = node.life;
  }

  append(file: string, bytes: Uint8Array, chargedBytes: number, handler: DiskHandler, tag: number): number {
    return this.#alive() ? this.#node.disk.append(file, bytes, chargedBytes, handler, tag) : 0;
  }

  read(
    file: string,
    offset: number,
    lengthBytes: number,
    chargedBytes: number,
    handler: DiskHandler,
    tag: number,
  ): void {
    if (this.#alive()) this.#node.disk.read(file, offset, lengthBytes, chargedBytes, handler, tag);
  }

  sync(file: string, handler: DiskHandler, tag: number): void {
    if (this.#alive()) this.#node.disk.sync(file, handler, tag);
  }

  truncate(file: string, lengthBytes: number, handler: DiskHandler, tag: number): void {
    if (this.#alive()) this.#node.disk.truncate(file, lengthBytes, handler, tag);
  }

  list(handler: DiskHandler, tag: number): void {
    if (this.#alive()) this.#node.disk.list(handler, tag);
  }

  remove(file: string, handler: DiskHandler, tag: number): void {
    if (this.#alive()) this.#node.disk.remove(file, handler, tag);
  }

  get usedBytes(): number {
    return this.#node.disk.usedBytes + this.#node.disk.foreignBytes;
  }

  get capacityBytes(): number {
    return this.#node.disk.capacityBytes;
  }

  #alive(): boolean {
    return this.#node.life === this.#life;
  }
}
