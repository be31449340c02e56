import { at } from '../check.ts';
import { Frontier, type OpenOperation, type SearchLimits } from './frontier.ts';
import { type KeyState, NEVER_WRITTEN, openStoreModel, type StoreOp, storeModel } from './store-model.ts';

/** Told of what a key's history comes to. */
export interface WatchListener {
  /** An operation fits. */
  fits(): void;
  /** An operation fits nowhere. */
  violated(what: string): void;
  /** So many operations can't be judged. */
  notJudged(operations: number): void;
}

/** What one key may use. */
export interface WatchLimits {
  /** Operations that took longer than this are not judged: their call lies in a past that is settled. */
  readonly longestMs: number;
  /** Operations kept, called and not settled. Where there are more, the past is settled earlier. */
  readonly mostOperations: number;
  /** Writes of unknown outcome that may be pending. Where there are more, only generations are judged. */
  readonly mostDoubts: number;
  readonly search: SearchLimits;
}

export const WATCH_LIMITS: WatchLimits = {
  longestMs: 10_000,
  mostOperations: 2_000,
  mostDoubts: 48,
  search: { configurations: 200, steps: 20_000 },
};

/** Two instants nearer than this are one: times are differences of floats. */
const SAME_INSTANT_MS = 1e-6;
/** Operations gathered before there is a look at them. */
const BATCH = 32;

interface Reported {
  readonly op: StoreOp;
  readonly certain: boolean;
  readonly calledMs: number;
  readonly returnedMs: number;
  handle: OpenOperation<StoreOp> | undefined;
  done: boolean;
}

/**
 * Judges the history of one key while it goes on, in bounded memory. Operations are reported when they end, so the past is
 * settled, call by call and return by return, only up to where nothing that is still under way can have begun.
 */
export class KeyWatch {
  readonly #key: string;
  readonly #listener: WatchListener;
  readonly #limits: WatchLimits;
  readonly #frontier: Frontier<KeyState, StoreOp>;
  /** By their ends. */
  #reported: Reported[] = [];
  #look = BATCH;
  /** Everything up to here is settled. */
  #settledMs: number;
  /** Writes may have been that nobody reported. */
  #porous = false;
  /** What only a write that has not been reported can explain: wrong in the end, unless there was one. */
  #unexplained: string[] = [];

  /** `sinceMs`: from when on all operations on the key will be reported; `start`: what it holds then. */
  constructor(
    key: string,
    listener: WatchListener,
    limits: WatchLimits = WATCH_LIMITS,
    start: KeyState = NEVER_WRITTEN,
    sinceMs: number = Number.NEGATIVE_INFINITY,
  ) {
    this.#key = key;
    this.#listener = listener;
    this.#limits = limits;
    this.#frontier = new Frontier(storeModel, limits.search, start);
    this.#settledMs = sinceMs;
  }

  /** Operations that are kept. */
  get kept(): number {
    return this.#reported.length;
  }

  /** An operation ended, not before those that were reported before. */
  report(op: StoreOp, certain: boolean, calledMs: number, returnedMs: number): void {
    const from = calledMs - SAME_INSTANT_MS;
    if (from <= this.#settledMs) {
      this.#reportLate(op);
      return;
    }
    this.#reported.push({ op, certain, calledMs: from, returnedMs, handle: undefined, done: false });
    if (this.#reported.length < this.#look) return;
    this.#settle(returnedMs - this.#limits.longestMs);
    if (this.#reported.length >= this.#limits.mostOperations) {
      this.#settle(this.#reported[this.#reported.length >> 1]?.returnedMs ?? returnedMs);
    }
    this.#look = Math.min(
      this.#reported.length + Math.max(BATCH, this.#reported.length >> 1),
      this.#limits.mostOperations,
    );
  }

  /** No more is reported. `complete`: no write can have gone unreported. */
  close(complete: boolean): void {
    this.#settle(Number.POSITIVE_INFINITY);
    if (complete) for (const what of this.#unexplained) this.#listener.violated(what);
    else this.#listener.notJudged(this.#unexplained.length);
    this.#unexplained = [];
  }

  #settle(untilMs: number): void {
    if (untilMs <= this.#settledMs) return;
    for (const { operation, isReturn } of eventsUntil(this.#reported, untilMs)) {
      if (operation.done) continue;
      if (isReturn) this.#return(operation);
      else this.#call(operation);
    }
    this.#settledMs = untilMs;
    this.#reported = this.#reported.filter(({ done }) => !done);
  }

  #call(operation: Reported): void {
    if (operation.certain) {
      operation.handle = this.#frontier.call(operation.op);
      return;
    }
    operation.done = true;
    this.#doubt(operation.op);
  }

  #return(operation: Reported): void {
    const { handle } = operation;
    if (handle === undefined) return;
    operation.done = true;
    const strict = this.#frontier.place(handle);
    if (strict === 'placed') return this.#listener.fits();
    const before = this.#frontier.states();
    const open = strict === 'refused' ? this.#frontier.place(handle, openStoreModel) : strict;
    if (open === 'placed') {
      if (this.#porous) return this.#listener.notJudged(1);
      this.#unexplained.push(this.#explain(operation, before));
      return;
    }
    if (open === 'refused') this.#listener.violated(this.#explain(operation, before));
    else this.#listener.notJudged(1);
    this.#startAfresh(operation.returnedMs, open === 'undecided');
  }

  /** What follows is judged by itself, so that one fault is told once. */
  #startAfresh(nowMs: number, forgetDoubts: boolean): void {
    this.#frontier.restart({ kind: 'anything', generation: 0 }, forgetDoubts);
    if (forgetDoubts) this.#becomePorous();
    this.#settledMs = nowMs;
    for (const operation of this.#reported) {
      if (operation.done || operation.calledMs > nowMs) continue;
      operation.done = true;
      this.#reportLate(operation.op);
    }
  }

  /** It was called in the settled past: it may have taken effect there, or may now. */
  #reportLate(op: StoreOp): void {
    this.#listener.notJudged(1);
    if (storeModel.isRead(op)) return;
    this.#doubt(op.kind === 'write' ? { ...op, generation: undefined } : { kind: 'delete', generation: undefined });
    this.#forgive();
  }

  #doubt(op: StoreOp): void {
    if (this.#frontier.doubts < this.#limits.mostDoubts) this.#frontier.doubt(op);
    else this.#becomePorous();
  }

  #becomePorous(): void {
    this.#porous = true;
    this.#forgive();
  }

  /** A write that was not known of may explain what nothing else did. */
  #forgive(): void {
    this.#listener.notJudged(this.#unexplained.length);
    this.#unexplained = [];
  }

  #explain({ op, calledMs, returnedMs }: Reported, states: readonly string[]): string {
    const known = states.slice(0, 3).join(' or ') + (states.length > 3 ? ' or …' : '');
    const writers = this.#reported.filter(
      (other) => !other.done && other.handle !== undefined && !storeModel.isRead(other.op),
    );
    const beside = writers.slice(0, 3).map((other) => storeModel.describe(other.op));
    const during = beside.length > 0 ? `, with ${beside.join(', ')} under way` : '';
    return `${this.#key}: ${storeModel.describe(op)}, from ${at(calledMs)} to ${at(returnedMs)}, fits nowhere: the key was ${known}${during}`;
  }
}

interface WatchEvent {
  readonly atMs: number;
  readonly isReturn: boolean;
  readonly operation: Reported;
}

/** Calls and returns up to a time that are not settled, in order; at the same time calls first. */
function eventsUntil(reported: readonly Reported[], untilMs: number): WatchEvent[] {
  const events: WatchEvent[] = [];
  for (const operation of reported) {
    const { calledMs, returnedMs, certain, handle } = operation;
    if (handle === undefined && calledMs <= untilMs) events.push({ atMs: calledMs, isReturn: false, operation });
    if (certain && returnedMs <= untilMs) events.push({ atMs: returnedMs, isReturn: true, operation });
  }
  return events.sort((a, b) => a.atMs - b.atMs || Number(a.isReturn) - Number(b.isReturn));
}
