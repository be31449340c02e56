import type { NodeId } from '../host.ts';
import type { CheckResult, FaultRecord } from '../record/schema.ts';
import { type Check, seconds, Tally } from './check.ts';

/** Corruptions that are followed up at a time. */
const MOST_OPEN = 10_000;

interface Injected {
  readonly node: NodeId;
  readonly file: string;
  /** From then on somebody could find it. */
  atMs: number;
  /** Looks through all blocks that have ended since: the first may have passed the place before. */
  passes: number;
}

/**
 * I11, of finding: what a fault has turned over on a disk is found by a read, a copy, a start or the scrub, within two rounds
 * of the scrub. A place that holds no live block is never read again: a whole look at all blocks settles it as well. What
 * another fault takes of the node's time, or of its disk's, is granted beside.
 */
export class CorruptionCheck implements Check {
  readonly id = 'I11-found';
  readonly statement = 'An injected corruption is found within two rounds of the scrub, by whoever reads it first.';
  readonly kind = 'liveness';
  readonly #tally = new Tally(this);
  readonly #withinMs: (node: NodeId) => number;
  #open: Injected[] = [];
  /** Settled, but later than an undisturbed node may. */
  readonly #late: (Injected & { readonly foundMs: number; readonly withinMs: number })[] = [];
  #injected = 0;
  #unjudged = 0;

  /** `withinMs`: how long a node may take to have looked twice at all blocks, as full as it is now; Infinity where it never does. */
  constructor(withinMs: (node: NodeId) => number) {
    this.#withinMs = withinMs;
  }

  onInjected(node: NodeId, file: string, nowMs: number): void {
    this.#injected++;
    if (this.#open.length < MOST_OPEN) this.#open.push({ node, file, atMs: nowMs, passes: 0 });
    else this.#unjudged++;
  }

  /** A node found a block to be corrupt: that may be any of those that are open there. */
  onFound(node: NodeId, nowMs: number): void {
    this.#settle((injected) => injected.node === node, nowMs, 1);
  }

  onScrubbed(node: NodeId, nowMs: number): void {
    for (const injected of this.#open) if (injected.node === node) injected.passes++;
    this.#settle((injected) => injected.node === node && injected.passes >= 2, nowMs);
  }

  /** A process that starts begins its scrub afresh. */
  onStarted(node: NodeId, nowMs: number): void {
    for (const injected of this.#open) {
      if (injected.node !== node) continue;
      injected.atMs = nowMs;
      injected.passes = 0;
    }
  }

  /** The disk is gone, with all that was wrong on it. */
  onDestroyed(node: NodeId): void {
    this.#open = this.#open.filter((injected) => injected.node !== node);
  }

  close(isRunning: (node: NodeId) => boolean, nowMs: number, faults: readonly FaultRecord[] = []): void {
    for (const { node, file, atMs } of this.#open) {
      if (nowMs - atMs <= this.#withinMs(node) + disturbedMs(faults, node, atMs, nowMs) || !isRunning(node))
        this.#unjudged++;
      else {
        this.#tally.fail(
          (at) => `${at(atMs)}: a bit of ${file} on ${node} was turned over and not found in ${seconds(nowMs - atMs)}`,
          { timeMs: atMs, node, event: 'disk-corrupted' },
        );
      }
    }
    for (const { node, file, atMs, foundMs, withinMs } of this.#late) {
      const acceptedMs = withinMs + disturbedMs(faults, node, atMs, foundMs);
      if (foundMs - atMs <= acceptedMs) this.#tally.pass();
      else {
        this.#tally.fail(
          (at) =>
            `${at(foundMs)}: a bit of ${file} on ${node}, turned over at ${at(atMs)}, was found only after ${seconds(foundMs - atMs)}; ${seconds(acceptedMs)} are accepted`,
          { timeMs: foundMs, node, event: 'corruption' },
        );
      }
    }
  }

  result(originMs?: number): CheckResult {
    const open = this.#unjudged > 0 ? `; ${this.#unjudged} not judged` : '';
    return this.#tally.result(
      `${this.#tally.evaluated} of ${this.#injected} corruptions settled${open}`,
      this.#injected === 0 ? 'nothing was corrupted' : `no time to find them${open}`,
      originMs,
    );
  }

  #settle(isSettled: (injected: Injected) => boolean, nowMs: number, most = Number.POSITIVE_INFINITY): void {
    if (this.#open.length === 0) return;
    let settled = 0;
    this.#open = this.#open.filter((injected) => {
      if (settled >= most || !isSettled(injected)) return true;
      settled++;
      const { node, atMs } = injected;
      const withinMs = this.#withinMs(node);
      if (nowMs - atMs <= withinMs) this.#tally.pass();
      else this.#late.push({ ...injected, foundMs: nowMs, withinMs });
      return false;
    });
  }
}

/** How long faults were in force on a node between two times, added up. */
function disturbedMs(faults: readonly FaultRecord[], node: NodeId, fromMs: number, toMs: number): number {
  let sumMs = 0;
  for (const { kind, targets, startMs, endMs } of faults) {
    // Bit rot is what is looked for, and has no end: it hinders nobody from finding it.
    if (kind !== 'bit-rot' && targets.includes(node))
      sumMs += Math.max(0, Math.min(endMs ?? toMs, toMs) - Math.max(startMs, fromMs));
  }
  return sumMs;
}
