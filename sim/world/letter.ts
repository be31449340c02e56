import type { Message } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Work } from './cpu.ts';
import { type Fabric, HEADER_BYTES, wireBytes } from './fabric.ts';
import type { SimulatedNode } from './node.ts';

const ARRIVES = 0;
const WORKED = 1;

/** Sends a one-way message, and the copy that a fault makes of it. */
export function post(kernel: Kernel, fabric: Fabric, from: SimulatedNode, to: SimulatedNode, message: Message): void {
  const sizeBytes = wireBytes(message);
  const delayMs = fabric.transmit(from, to, message, sizeBytes, true);
  if (delayMs < 0) return;
  kernel.schedule(delayMs, new Letter(fabric, from, to, message, sizeBytes), ARRIVES, undefined);
  const copyDelayMs = fabric.takeCopy();
  if (copyDelayMs < 0) return;
  kernel.schedule(copyDelayMs, new Letter(fabric, from, to, message, sizeBytes), ARRIVES, undefined);
}

/** A one-way message on its way and in the receiver's CPU queue. */
class Letter extends Work {
  private readonly fabric: Fabric;
  private readonly from: SimulatedNode;
  private readonly to: SimulatedNode;
  private readonly message: Message;
  private readonly sizeBytes: number;

  constructor(fabric: Fabric, from: SimulatedNode, to: SimulatedNode, message: Message, sizeBytes: number) {
    super();
    this.fabric = fabric;
    this.from = from;
    this.to = to;
    this.message = message;
    this.sizeBytes = sizeBytes;
  }

  onEvent(op: number): void {
    if (op === ARRIVES) this.arrive();
    else if (this.to.cpu.finish(this)) this.hand();
  }

  private arrive(): void {
    const { to, message } = this;
    if (to.gate.closed) {
      to.gate.defer(this, ARRIVES);
      return;
    }
    if (to.service === undefined) {
      this.fabric.drop(to.machineUp ? 'no-process' : 'machine-down');
      return;
    }
    this.fabric.deliver(to, this.sizeBytes);
    const cost = to.costs.ofRequest(message.kind);
    if (cost === undefined) this.hand();
    else to.cpu.submit(this, cost.sample(to.cpuStream, this.sizeBytes - HEADER_BYTES), WORKED);
  }

  private hand(): void {
    this.to.service?.onMessage(this.message, this.from.id);
  }
}
