import type { EventHandler, Kernel } from '../kernel/kernel.ts';
import { Fifo } from './fifo.ts';
import { LoadGauge, type LoadReading } from './load-gauge.ts';
import { Overlays } from './overlays.ts';
import type { PauseGate } from './pause-gate.ts';

/** What a fault does to the work of a CPU. */
export interface CpuOverlay {
  /** Returns the time that work of `serviceMs` takes now. */
  stretch(serviceMs: number): number;
}

/** A piece of work for a CPU. When its time is over it gets the event given to {@link Cpu.submit}. */
export abstract class Work implements EventHandler {
  /** The rest is the CPU's own. */
  serviceMs = 0;
  op = 0;
  endMs = 0;
  pausedMs = 0;
  round = 0;

  abstract onEvent(op: number, arg: unknown): void;
}

/** The load of cores whose process may be stopped: what is on them waits then, and doesn't keep them busy. */
class PausableGauge extends LoadGauge {
  readonly #gate: PauseGate;
  #running = 0;
  #pausedMs = 0;
  #idleMs = 0;
  #inactiveMs = 0;

  constructor(cores: number, gate: PauseGate) {
    super(cores);
    this.#gate = gate;
  }

  override begin(nowMs: number): void {
    this.#settle(nowMs);
    this.#running++;
    super.begin(nowMs);
  }

  override complete(nowMs: number): void {
    this.#settle(nowMs);
    this.#running--;
    super.complete(nowMs);
  }

  override empty(nowMs: number): void {
    this.#settle(nowMs);
    this.#running = 0;
    super.empty(nowMs);
  }

  override read(nowMs: number): LoadReading {
    this.#settle(nowMs);
    const reading = super.read(nowMs);
    return {
      ...reading,
      busyMs: reading.busyMs - this.#idleMs,
      activeMs: reading.activeMs - this.#inactiveMs,
    };
  }

  /** Takes back the time since the last change in which the process was stopped. */
  #settle(nowMs: number): void {
    const pausedMs = this.#gate.pausedMs(nowMs);
    const elapsedMs = pausedMs - this.#pausedMs;
    if (elapsedMs === 0) return;
    this.#pausedMs = pausedMs;
    this.#idleMs += elapsedMs * this.#running;
    if (this.#running > 0) this.#inactiveMs += elapsedMs;
  }
}

/**
 * The processor of a node: c cores behind one queue, first in first out, no pre-emption (a G/G/c station). Work that
 * is running when the process is stopped goes on for the rest of its time afterwards.
 */
export class Cpu {
  readonly gauge: PausableGauge;
  readonly overlays = new Overlays<CpuOverlay>();
  readonly #kernel: Kernel;
  readonly #gate: PauseGate;
  readonly #cores: number;
  readonly #speed: number;
  readonly #queue = new Fifo<Work>();
  #running = 0;
  /** Tells the work of this process from that of the one before. */
  #round = 0;

  constructor(kernel: Kernel, gate: PauseGate, cores: number, speed: number) {
    this.#kernel = kernel;
    this.#gate = gate;
    this.#cores = cores;
    this.#speed = speed;
    this.gauge = new PausableGauge(cores, gate);
  }

  /**
   * Queues work of `serviceMs` (at speed 1, undisturbed). Afterwards `work` gets `op`, and must ask {@link finish}
   * before it goes on.
   */
  submit(work: Work, serviceMs: number, op: number): void {
    work.serviceMs = serviceMs;
    work.op = op;
    work.round = this.#round;
    this.gauge.arrive(this.#kernel.nowMs);
    if (this.#running < this.#cores) this.#begin(work);
    else this.#queue.push(work);
  }

  /** True if the work is really over: the process that it belongs to lives, and was not stopped meanwhile. */
  finish(work: Work): boolean {
    if (work.round !== this.#round) return false;
    if (this.#gate.closed) {
      this.#gate.defer(work, work.op);
      return false;
    }
    const nowMs = this.#kernel.nowMs;
    const pausedMs = this.#gate.pausedMs(nowMs);
    if (pausedMs > work.pausedMs) {
      work.endMs += pausedMs - work.pausedMs;
      work.pausedMs = pausedMs;
      // The lost time may be a rounding error away from now.
      if (work.endMs > nowMs) {
        this.#kernel.scheduleAt(work.endMs, work, work.op, undefined);
        return false;
      }
    }
    this.#running--;
    this.gauge.complete(nowMs);
    const next = this.#queue.shift();
    if (next !== undefined) this.#begin(next);
    return true;
  }

  /** The process ended: all work is gone. */
  reset(): void {
    this.#round++;
    this.#running = 0;
    this.#queue.clear();
    this.gauge.empty(this.#kernel.nowMs);
  }

  #begin(work: Work): void {
    const nowMs = this.#kernel.nowMs;
    let durationMs = work.serviceMs / this.#speed;
    for (const overlay of this.overlays.active) durationMs = overlay.stretch(durationMs);
    this.#running++;
    this.gauge.begin(nowMs);
    work.endMs = nowMs + durationMs;
    work.pausedMs = this.#gate.pausedMs(nowMs);
    this.#kernel.schedule(durationMs, work, work.op, undefined);
  }
}
