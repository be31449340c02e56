import type { Boot, NodeId, RandomStream, TraceEvent } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CrashMode, DiskEvent, WorldEvent } from './events.ts';
import { Fabric, type MessageCounts } from './fabric.ts';
import { type Place, SimulatedNode } from './node.ts';
import { SimulatedHost, type Surroundings } from './simulated-host.ts';
import { type NetworkSpec, type NodeSpec, parseNetworkSpec, parseNodeSpec } from './spec.ts';

/** Hears of everything that components and world report, in order. */
export type TraceListener = (node: NodeId, event: TraceEvent) => void;

/** The simulated cluster: nodes, the network between them, and the processes that come and go on them. */
export class World {
  readonly kernel: Kernel;
  readonly fabric: Fabric;
  readonly #trace: TraceListener;
  readonly #nodes: SimulatedNode[] = [];
  readonly #byId = new Map<NodeId, SimulatedNode>();
  readonly #places = new Places();
  readonly #surroundings: Surroundings;

  /** @throws Error if the network's description is not acceptable, naming the field. */
  constructor(kernel: Kernel, network: NetworkSpec, trace: TraceListener) {
    this.kernel = kernel;
    this.fabric = new Fabric(kernel, parseNetworkSpec(network));
    this.#trace = trace;
    const nowhere = nodeNowhere(kernel);
    this.#surroundings = {
      kernel,
      fabric: this.fabric,
      find: (id) => this.#byId.get(id) ?? nowhere,
      trace,
      abort: (node, reason) => this.#end(node, 'process', 'abort', reason),
    };
  }

  /**
   * Sets up a machine. Its process starts with {@link start}; `boot` is called then and at each restart.
   *
   * @throws Error if the id is taken or the description is not acceptable, naming the field.
   */
  addNode(spec: NodeSpec, boot: Boot): SimulatedNode {
    if (this.#byId.has(spec.id)) throw new Error(`node ${JSON.stringify(spec.id)}: a node of this id exists already`);
    const node = new SimulatedNode(this.kernel, parseNodeSpec(spec), boot, this.#places.of(spec));
    this.#nodes.push(node);
    this.#byId.set(node.id, node);
    return node;
  }

  /** Starts the process of a node that has none, on the disk as it is. False if it runs already. */
  start(id: NodeId): boolean {
    const node = this.node(id);
    if (node.running) return false;
    node.life++;
    node.incarnation++;
    node.running = true;
    node.aborted = false;
    node.machineUp = true;
    this.#report(node, { kind: 'process-started', incarnation: node.incarnation });
    node.boot(new SimulatedHost(this.#surroundings, node));
    return true;
  }

  /** The same as {@link start}: the next incarnation, on what the crash left on the disk. */
  restart(id: NodeId): boolean {
    return this.start(id);
  }

  /**
   * Ends the process, and in mode `machine` the machine with it. Its timers, calls and exchanges vanish; un-synced
   * writes are lost or torn. In mode `process` peers with a call open to it learn `reset` and its own calls are
   * aborted, as far as the network lets them know; in mode `machine` nobody is told. False if no process runs.
   */
  crash(id: NodeId, how: { readonly mode: CrashMode }): boolean {
    const node = this.node(id);
    if (!node.running) {
      // Losing the machine after the process still silences the refusals.
      if (how.mode === 'machine') node.machineUp = false;
      return false;
    }
    this.#end(node, how.mode, 'crash', 'crashed');
    return true;
  }

  /** Stops the process where it stands; what reaches it waits. False if none runs or it is stopped already. */
  pause(id: NodeId): boolean {
    const node = this.node(id);
    if (node.state !== 'up') return false;
    node.gate.close(this.kernel.nowMs);
    this.#report(node, { kind: 'process-paused' });
    return true;
  }

  /** Lets a stopped process go on: what waited reaches it now, in order. False if it is not stopped. */
  resume(id: NodeId): boolean {
    const node = this.node(id);
    if (node.state !== 'paused') return false;
    this.#report(node, { kind: 'process-resumed' });
    node.gate.open(this.kernel.nowMs);
    return true;
  }

  /** The machine gets a new disk: all that the old one held is gone. Its process must have ended. */
  wipeDisk(id: NodeId): void {
    const node = this.node(id);
    if (node.running) throw new Error(`${id}: its process still runs; a disk is wiped after a crash only`);
    this.#report(node, { kind: 'disk-wiped', files: node.disk.wipe() });
  }

  /** Flips one durable bit, in a file that `wanted` accepts. False if nothing durable is there. */
  corruptDisk(id: NodeId, random: RandomStream, wanted: (file: string) => boolean): boolean {
    const node = this.node(id);
    const place = node.disk.corrupt(random, wanted);
    if (place === undefined) return false;
    this.#report(node, { kind: 'disk-corrupted', ...place });
    return true;
  }

  /** @throws Error if there is no such node. */
  node(id: NodeId): SimulatedNode {
    const node = this.#byId.get(id);
    if (node === undefined)
      throw new Error(`no node ${JSON.stringify(id)}; known: ${this.#nodes.map((n) => n.id).join(', ')}`);
    return node;
  }

  has(id: NodeId): boolean {
    return this.#byId.has(id);
  }

  /** In the order in which they were added. */
  nodes(): readonly SimulatedNode[] {
    return this.#nodes;
  }

  /** Messages so far: sent = delivered + in flight + dropped. */
  messages(): MessageCounts {
    return this.fabric.counts();
  }

  #end(node: SimulatedNode, mode: CrashMode, cause: 'crash' | 'abort', reason: string): void {
    const told = mode === 'process';
    const { incarnation } = node;
    node.life++;
    node.running = false;
    node.aborted = cause === 'abort';
    node.machineUp = told;
    node.service = undefined;
    node.cpu.reset();
    node.disk.crash();
    for (const call of [...node.calls]) call.callerEnded(told);
    for (const peer of this.#nodes) {
      for (const call of peer.calls) call.serverEnded(node, told);
    }
    // What waited behind a pause finds nobody: it counts as dropped, and callers are refused.
    node.gate.open(this.kernel.nowMs);
    this.#report(node, { kind: 'process-ended', incarnation, mode, cause, reason });
  }

  #report(node: SimulatedNode, event: WorldEvent | DiskEvent): void {
    this.#trace(node.id, event);
  }
}

/** Numbers zones, racks and machines in the order in which they are first seen. */
class Places {
  readonly #numbers = new Map<string, number>();

  of({ id, zone, rack, host }: NodeSpec): Place {
    const machine = host === undefined ? ['node', id] : ['host', host];
    return {
      zone: this.#number(['zone', zone]),
      rack: this.#number(['rack', zone, rack]),
      machine: this.#number(machine),
    };
  }

  #number(name: readonly string[]): number {
    const key = JSON.stringify(name);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(key, number);
    return number;
  }
}

/** Stands for names that are not in the cluster: a machine where nothing listens. */
function nodeNowhere(kernel: Kernel): SimulatedNode {
  const spec: NodeSpec = {
    id: '?',
    role: 'nowhere',
    zone: '?',
    rack: '?',
    cpu: { cores: 1, speed: 1, costs: { default: { kind: 'fixed', meanMs: 0 } } },
    disk: { capacityBytes: 1, seekMs: 0, bandwidthBytesPerS: 1, syncMs: 0, queueDepth: 1 },
  };
  return new SimulatedNode(kernel, spec, () => {}, { zone: -1, rack: -1, machine: -1 });
}
