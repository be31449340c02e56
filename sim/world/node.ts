import type { Boot, NodeId, RandomStream, Service } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Cpu } from './cpu.ts';
import { type DiskReading, SimulatedDisk } from './disk.ts';
import type { DriftingClock } from './drifting-clock.ts';
import type { LoadReading } from './load-gauge.ts';
import { type Numbered, OpenCalls } from './open-calls.ts';
import { PauseGate } from './pause-gate.ts';
import { CpuCosts } from './sampler.ts';
import type { NodeSpec } from './spec.ts';

export type ProcessState = 'up' | 'down' | 'paused';

/** A call as the node that made it, and the world that ends processes, see it. */
export interface OpenCall extends Numbered {
  /** The caller gives up. */
  cancel(): void;
  /** The process of `server` ended; `told` if its machine lives on to say so. */
  serverEnded(server: SimulatedNode, told: boolean): void;
  /** The caller's process ended; `told` if its machine lives on to say so. */
  callerEnded(told: boolean): void;
}

/** What a node has done up to one moment. Counts and integrals start at 0 and only grow: take differences over a bucket. */
export interface NodeGauges {
  readonly state: ProcessState;
  readonly incarnation: number;
  readonly cpu: LoadReading;
  readonly disk: DiskReading;
  /** On the wire, headers and control data included. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Declared bytes on the disk. */
  readonly usedBytes: number;
  /** Calls of this node that wait for a reply. */
  readonly openCalls: number;
}

/** Where a machine stands, by number: two share a zone, a rack or the machine itself if they share its number. */
export interface Place {
  readonly zone: number;
  readonly rack: number;
  readonly machine: number;
}

/** A machine and the process on it. The machine stays; processes come and go. */
export class SimulatedNode {
  readonly id: NodeId;
  readonly spec: NodeSpec;
  readonly boot: Boot;
  readonly place: Place;
  readonly cpu: Cpu;
  readonly disk: SimulatedDisk;
  readonly gate = new PauseGate();
  readonly costs: CpuCosts;
  readonly cpuStream: RandomStream;
  readonly networkStream: RandomStream;
  readonly calls = new OpenCalls<OpenCall>();
  readonly #kernel: Kernel;

  /** Changes whenever the process starts or ends: what began under another value has nobody left to tell. */
  life = 0;
  running = false;
  /** No process runs because the last one ended itself. */
  aborted = false;
  incarnation = 0;
  /** False from a machine's crash to its restart: nothing answers, not even a refusal. */
  machineUp = true;
  /** What the process serves; undefined before it does and after it ended. */
  service: Service | undefined = undefined;
  /** Added to the wall clock that the process sees. */
  wallSkewMs = 0;
  /** Both clocks of the process, where a fault lets them drift; undefined while they have always run true. */
  drift: DriftingClock | undefined = undefined;

  /** When the last message handed to the network will have left. */
  outgoingFreeMs = 0;
  bytesIn = 0;
  bytesOut = 0;
  messagesIn = 0;
  messagesOut = 0;

  constructor(kernel: Kernel, spec: NodeSpec, boot: Boot, place: Place) {
    this.#kernel = kernel;
    this.id = spec.id;
    this.spec = spec;
    this.boot = boot;
    this.place = place;
    this.cpu = new Cpu(kernel, this.gate, spec.cpu.cores, spec.cpu.speed);
    this.costs = new CpuCosts(spec.cpu.costs);
    this.cpuStream = kernel.stream(`cpu:${spec.id}`);
    this.networkStream = kernel.stream(`network:${spec.id}`);
    this.disk = new SimulatedDisk(kernel, this.gate, spec.disk, kernel.stream(`disk:${spec.id}`));
  }

  get state(): ProcessState {
    if (!this.running) return 'down';
    return this.gate.closed ? 'paused' : 'up';
  }

  gauges(): NodeGauges {
    const nowMs = this.#kernel.nowMs;
    return {
      state: this.state,
      incarnation: this.incarnation,
      cpu: this.cpu.gauge.read(nowMs),
      disk: this.disk.reading(),
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      messagesIn: this.messagesIn,
      messagesOut: this.messagesOut,
      usedBytes: this.disk.usedBytes,
      openCalls: this.calls.size,
    };
  }

  /** Starts a new interval for the highest queues. */
  resetPeaks(): void {
    this.cpu.gauge.resetPeak();
    this.disk.gauge.resetPeak();
  }
}
