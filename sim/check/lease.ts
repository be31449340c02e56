import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import { type Check, Tally } from './check.ts';

export type LeaseRevoked = Extract<StoreEvent, { kind: 'lease-revoked' }>;

/** Times of a drifting clock are converted, and come back a little rounded. */
const ROUNDING_MS = 0.001;

/** A lease as its holder takes it to be. */
interface Holding {
  /** When it runs out by its holder's clock. What true time that is may change with the clock's rate. */
  untilLocalMs: number;
  incarnation: number;
}

/**
 * I13: while a node takes its lease to be valid nobody else may take it to have run out (Gray and Cheriton, "Leases", 1989).
 * The harness knows true time, which neither of the two does.
 */
export class LeaseCheck implements Check {
  readonly id = 'I13';
  readonly statement =
    'No lease is revoked while its holder may still serve by it, in true time, and none by a leader that was deposed; no node acknowledges a write without one.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #trueMsOf: (node: NodeId, localMs: number) => number;
  readonly #held = new Map<NodeId, Holding>();
  #newestTerm = 0;

  /** `trueMs`: when a node's clock shows a time, as it runs now; clocks run true by default. */
  constructor(trueMs: (node: NodeId, localMs: number) => number = (_, localMs) => localMs) {
    this.#trueMsOf = trueMs;
  }

  /** A node's process started. */
  onStarted(node: NodeId, incarnation: number): void {
    this.#held.set(node, { untilLocalMs: Number.NEGATIVE_INFINITY, incarnation });
  }

  /** A node's process ended, and its lease with it. */
  onEnded(node: NodeId): void {
    const holding = this.#held.get(node);
    if (holding !== undefined) holding.untilLocalMs = Number.NEGATIVE_INFINITY;
  }

  /** A node takes its lease to last until its clock shows `untilLocalMs`. */
  onLease(node: NodeId, untilLocalMs: number): void {
    const holding = this.#held.get(node);
    if (holding === undefined) this.#held.set(node, { untilLocalMs, incarnation: 0 });
    else holding.untilLocalMs = untilLocalMs;
  }

  /** A leader was elected; with it all before it are deposed as soon as it has applied anything. */
  onApplied(term: number): void {
    if (term > this.#newestTerm) this.#newestTerm = term;
  }

  /** A node acknowledged a write. */
  onWritten(node: NodeId, nowMs: number): void {
    const holding = this.#held.get(node);
    if (holding === undefined) return;
    const untilMs = this.#trueMs(node, holding.untilLocalMs);
    if (untilMs + ROUNDING_MS >= nowMs) return;
    this.#tally.fail(
      (at) =>
        untilMs === Number.NEGATIVE_INFINITY
          ? `${at(nowMs)}: ${node} acknowledged a write before it was given a lease`
          : `${at(nowMs)}: ${node} acknowledged a write; its lease had run out at ${at(untilMs)}`,
      { timeMs: nowMs, node, event: 'served' },
    );
  }

  onRevoked({ node, incarnation, term }: LeaseRevoked, leader: NodeId, nowMs: number): void {
    const witness = { timeMs: nowMs, node, event: 'lease-revoked' };
    if (term < this.#newestTerm) {
      const newest = this.#newestTerm;
      return this.#tally.fail(
        (at) =>
          `${at(nowMs)}: ${leader}, leader of term ${term}, revoked the lease of ${node} when term ${newest} had begun`,
        witness,
      );
    }
    const holding = this.#held.get(node);
    const same = holding === undefined || holding.incarnation === 0 || holding.incarnation === incarnation;
    const untilMs = this.#trueMs(node, holding?.untilLocalMs ?? Number.NEGATIVE_INFINITY);
    if (!same || untilMs <= nowMs) return this.#tally.pass();
    this.#tally.fail(
      (at) => `${at(nowMs)}: ${leader} revoked the lease of ${node}, which holds it until ${at(untilMs)}`,
      witness,
    );
  }

  #trueMs(node: NodeId, localMs: number): number {
    return Number.isFinite(localMs) ? this.#trueMsOf(node, localMs) : localMs;
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} leases revoked`, 'no lease was revoked', originMs);
  }
}
