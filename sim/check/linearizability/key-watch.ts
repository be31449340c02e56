import type { Violation } from '../check.ts';
import { Frontier, type OpenOperation, type SearchLimits } from './frontier.ts';
import { type KeyState, NEVER_WRITTEN, type StoreOp, storeModel } from './store-model.ts';

/** Told of what a key's history comes to. */
export interface WatchListener {
  /** An operation fits. */
  fits(): void;
  /** An operation fits nowhere. */
  violated(violation: Violation): void;
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
  mostDoubts: 24,
  search: { configurations: 64, steps: 2_000 },
};

/** Two instants nearer than this are one: times are differences of floats. */
const SAME_INSTANT_MS = 1e-6;
/** Operations gathered before there is a look at them. */
const BATCH = 16;

interface Reported {
  readonly op: StoreOp;
  readonly certain: boolean;
  readonly calledMs: number;
  readonly returnedMs: number;
  handle: OpenOperation<StoreOp> | undefined;
  /** What was certain when it was called: generations below are over, and at half a step the one below it was deleted. */
  floor: number;
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
  /** What the operations that are over make certain, as in {@link Reported.floor}. */
  #floor = 0;
  /** Writes may have been that nobody reported. */
  #porous = false;
  /** What only a write that has not been reported can explain: wrong in the end, unless there was one. */
  #unexplained: Violation[] = [];
  /** See {@link isPlain}: the newest version that was reported, 0 for none. */
  #plainGeneration = 0;
  #plainChecksum = 0;
  #newest = 0;
  /** A key was missing until then, so what it held when is for the search to say. */
  #missingUntilMs = Number.NEGATIVE_INFINITY;

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
    if (start.kind === 'version' && start.exact) {
      this.#plainGeneration = start.generation;
      this.#plainChecksum = start.checksum;
    }
  }

  /** No longer one of those that are followed. */
  dropped = false;

  /** Operations that are kept. */
  get kept(): number {
    return this.#reported.length;
  }

  /**
   * A read of the newest version that any report has told of: it need not be reported. For it fits right after the last of
   * those reports: all that is under way ends later, and generations only rise. Nearly all reads are of this kind, so this
   * is what keeps the check cheap.
   */
  isPlain(generation: number, checksum: number): boolean {
    if (generation !== this.#plainGeneration || generation === 0) return false;
    if (checksum !== this.#plainChecksum && checksum !== 0) return false;
    this.#listener.fits();
    return true;
  }

  /** An operation ended, not before those that were reported before. */
  report(op: StoreOp, certain: boolean, calledMs: number, returnedMs: number): void {
    const from = calledMs - SAME_INSTANT_MS;
    if (certain) this.#notePlain(op, from, returnedMs);
    if (from <= this.#settledMs) {
      this.#reportLate(op);
      return;
    }
    this.#reported.push({ op, certain, calledMs: from, returnedMs, handle: undefined, floor: 0, done: false });
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
    if (complete) for (const violation of this.#unexplained) this.#listener.violated(violation);
    else this.#listener.notJudged(this.#unexplained.length);
    this.#unexplained = [];
  }

  #notePlain(op: StoreOp, calledMs: number, returnedMs: number): void {
    if (op.kind === 'missing' || op.kind === 'delete') {
      this.#plainGeneration = 0;
      if (op.kind === 'missing') this.#missingUntilMs = returnedMs;
      this.#newest = Math.max(this.#newest, op.kind === 'delete' ? (op.generation ?? 0) : 0);
    } else if (op.kind !== 'refused' && op.generation !== undefined && op.generation >= this.#newest) {
      this.#newest = op.generation;
      const plain = calledMs > this.#missingUntilMs;
      this.#plainGeneration = plain ? op.generation : 0;
      this.#plainChecksum = op.checksum;
    }
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
      operation.floor = this.#floor;
      return;
    }
    operation.done = true;
    this.#doubt(operation.op);
  }

  #return(operation: Reported): void {
    const { handle } = operation;
    if (handle === undefined) return;
    operation.done = true;
    const placed = this.#frontier.place(handle);
    this.#floor = Math.max(this.#floor, floorAfter(operation));
    if (placed === 'placed') {
      this.#listener.fits();
      return;
    }
    if (placed === 'refused') this.#refuse(operation);
    else this.#listener.notJudged(1);
    this.#startAfresh(operation.returnedMs, placed === 'undecided');
  }

  /** Generations that go back are wrong whoever wrote; else a write that nobody has reported yet may be the reason. */
  #refuse(operation: Reported): void {
    if (goesBack(operation)) this.#listener.violated(this.#explain(operation));
    else if (this.#porous) this.#listener.notJudged(1);
    else this.#unexplained.push(this.#explain(operation));
  }

  /** What follows is judged by itself, so that one fault is told once. */
  #startAfresh(nowMs: number, forgetDoubts: boolean): void {
    this.#frontier.restart({ kind: 'anything', generation: this.#floor }, forgetDoubts);
    if (forgetDoubts) this.#becomePorous();
    this.#settledMs = nowMs;
    for (const operation of this.#reported) {
      if (operation.done || operation.calledMs > nowMs) continue;
      operation.done = true;
      this.#leaveOut(operation.op);
    }
  }

  /** A write that was not known of may explain what nothing else did. */
  #reportLate(op: StoreOp): void {
    this.#leaveOut(op);
    if (!storeModel.isRead(op)) this.#forgive();
  }

  /** It was called in the settled past: it may have taken effect there, or may yet. */
  #leaveOut(op: StoreOp): void {
    this.#listener.notJudged(1);
    if (op.kind === 'write') this.#doubt({ kind: 'write', generation: undefined, checksum: op.checksum });
    else if (op.kind === 'delete') this.#doubt({ kind: 'delete', generation: undefined });
  }

  #doubt(op: StoreOp): void {
    if (this.#frontier.doubts < this.#limits.mostDoubts) this.#frontier.doubt(op);
    else this.#becomePorous();
  }

  #becomePorous(): void {
    this.#porous = true;
    this.#forgive();
  }

  #forgive(): void {
    this.#listener.notJudged(this.#unexplained.length);
    this.#unexplained = [];
  }

  #explain({ op, calledMs, returnedMs }: Reported): Violation {
    const states = this.#frontier.states();
    const known = states.slice(0, 3).join(' or ') + (states.length > 3 ? ' or …' : '');
    const writers = this.#reported.filter(
      (other) => !other.done && other.handle !== undefined && !storeModel.isRead(other.op),
    );
    const beside = writers.slice(0, 3).map((other) => storeModel.describe(other.op));
    const during = beside.length > 0 ? `, with ${beside.join(', ')} under way` : '';
    const key = this.#key;
    return {
      what: (at) =>
        `${key}: ${storeModel.describe(op)}, from ${at(calledMs)} to ${at(returnedMs)}, fits nowhere: the key was ${known}${during}`,
      witness: { timeMs: returnedMs, key, event: op.kind === 'found' || op.kind === 'missing' ? 'get' : op.kind },
    };
  }
}

/** What is certain after an operation: that generation, or half a step above one that was seen to be deleted. */
function floorAfter({ op, floor }: Reported): number {
  if (op.kind === 'refused') return floor;
  if (op.kind === 'missing') return floor > 0 ? Math.floor(floor) + 0.5 : 0;
  return (op.generation ?? 0) + (op.kind === 'delete' ? 0.5 : 0);
}

/** Does it tell of a generation older than what was certain at its call? */
function goesBack({ op, floor }: Reported): boolean {
  if (op.kind === 'missing' || op.kind === 'refused' || op.generation === undefined) return false;
  return op.kind === 'found' ? op.generation < floor : op.generation <= floor;
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
