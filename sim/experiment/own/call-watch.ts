import type { Family } from '../scenario.ts';
import { AlgorithmFailure } from './algorithm-failure.ts';

/** What of a user's algorithm may be running. */
export const calls = ['create', 'update', 'pick', 'onDone', 'onFeedback', 'replicas', 'plan'] as const;
export type Call = (typeof calls)[number];

/** Words of the memory that a worker shares with the thread that watches it: how many calls began and ended, and the latest one. */
const COUNT = 0;
const LATEST = 1;

/** Memory for the pulse of one worker. */
export function createPulse(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}

/** What a pulse shows: a number that changes with every call that begins or ends, and the call that is running, if one is. */
export function readPulse(pulse: Int32Array): { readonly count: number; readonly running: Call | undefined } {
  const count = Atomics.load(pulse, COUNT);
  return { count, running: count % 2 === 0 ? undefined : calls[Atomics.load(pulse, LATEST)] };
}

let pulse: Int32Array = new Int32Array(2);
/** What the running call did that no algorithm may do; it may have swallowed the error that told it so. */
let offence: string | undefined;
let isRunning = false;

/** From now on calls on this thread show in `shared`. */
export function showPulseIn(shared: Int32Array): void {
  pulse = shared;
}

/** Called by what an algorithm must not use. @throws Error if a user's algorithm is running. */
export function refuseInCall(what: string): void {
  if (!isRunning) return;
  offence = `used ${what}, which differs from run to run; accepted: context.random and context.nowMs`;
  throw new Error(offence);
}

/** Runs the calls of one algorithm: they show in the pulse, and what they throw or use fails the variant. */
export class CallWatch {
  readonly #family: Family;
  readonly #algorithm: string;

  constructor(family: Family, algorithm: string) {
    this.#family = family;
    this.#algorithm = algorithm;
  }

  /** A call begins. It must be followed by {@link leave}. */
  enter(call: Call): void {
    offence = undefined;
    isRunning = true;
    Atomics.store(pulse, LATEST, calls.indexOf(call));
    Atomics.add(pulse, COUNT, 1);
  }

  leave(): void {
    isRunning = false;
    Atomics.add(pulse, COUNT, 1);
  }

  /** After a call that returned. @throws AlgorithmFailure if it used what it must not. */
  settle(call: Call): void {
    if (offence !== undefined) throw this.failure(call, offence);
  }

  /** What to throw where a call threw. */
  thrown(call: Call, error: unknown): AlgorithmFailure {
    if (error instanceof AlgorithmFailure) return error;
    const told = error instanceof Error ? error.message : String(error);
    return this.failure(call, offence ?? `threw: ${told}`, error);
  }

  failure(call: Call, what: string, cause?: unknown): AlgorithmFailure {
    return new AlgorithmFailure(this.#family, this.#algorithm, `${call} ${what}`, cause);
  }

  /** Runs a call off the hot path. */
  run<Result>(call: Call, work: () => Result): Result {
    this.enter(call);
    let result: Result;
    try {
      result = work();
    } catch (error) {
      throw this.thrown(call, error);
    } finally {
      this.leave();
    }
    this.settle(call);
    return result;
  }
}
