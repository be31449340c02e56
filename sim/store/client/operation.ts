import type { StoreEvent } from '../events.ts';
import type { ClientCore } from './client-core.ts';
import type { Outcome, OutcomeHandler, Result } from './outcome.ts';

export type OperationName = Extract<StoreEvent, { kind: 'operation' }>['op'];

/** What every operation has: a key, a deadline, somebody who waits, and one ending. */
export abstract class Operation {
  protected readonly client: ClientCore;
  readonly name: OperationName;
  readonly key: string;
  readonly startedMs: number;
  readonly deadlineMs: number;
  readonly #handler: OutcomeHandler;
  readonly #tag: number;
  #attempts = 1;
  #ended = false;

  constructor(client: ClientCore, name: OperationName, key: string, handler: OutcomeHandler, tag: number) {
    this.client = client;
    this.name = name;
    this.key = key;
    this.startedMs = client.host.clock.nowMs();
    this.deadlineMs = this.startedMs + client.config.deadlineMs;
    this.#handler = handler;
    this.#tag = tag;
  }

  /** What it is waiting for, for people who look at a running system. */
  abstract readonly state: string;

  protected get ended(): boolean {
    return this.#ended;
  }

  /** A step took so many attempts; the operation's are those of the step that took most. */
  protected countAttempts(attempts: number): void {
    if (attempts > this.#attempts) this.#attempts = attempts;
  }

  /** `checksum` is that of the whole object, where it was read or written as a whole. */
  protected succeed(result: Result, sizeBytes: number, checksum = 0): void {
    this.#end({ status: 'ok', result, attempts: this.#attempts }, sizeBytes, generationOf(result), checksum, '');
  }

  /** Did not take effect and never will. `checksum` is what a write would have written. */
  protected fail(error: string, checksum = 0): void {
    this.#end({ status: 'failed', error, attempts: this.#attempts }, 0, 0, checksum, error);
  }

  /** A write that may take effect. `checksum` is what would then be read. */
  protected leaveUnknown(error: string, checksum: number): void {
    this.#end({ status: 'unknown', error, attempts: this.#attempts }, 0, 0, checksum, error);
  }

  #end(outcome: Outcome, sizeBytes: number, generation: number, checksum: number, error: string): void {
    if (this.#ended) throw new Error(`${this.name} of '${this.key}' ended twice`);
    this.#ended = true;
    const { host } = this.client;
    const event: StoreEvent = {
      kind: 'operation',
      op: this.name,
      key: this.key,
      status: outcome.status,
      missing:
        outcome.status === 'ok' &&
        (outcome.result.kind === 'missing' || (outcome.result.kind === 'deleted' && !outcome.result.existed)),
      startedMs: this.startedMs,
      latencyMs: host.clock.nowMs() - this.startedMs,
      sizeBytes,
      generation,
      checksum,
      attempts: outcome.attempts,
      error,
    };
    host.trace.emit(event);
    this.client.ended();
    this.#handler.onOutcome(this.#tag, outcome);
  }
}

/** The version that was read or made; 0 where there is none. One that failed a condition was neither. */
function generationOf(result: Result): number {
  switch (result.kind) {
    case 'object':
    case 'version':
    case 'stored':
    case 'deleted':
      return result.generation;
    case 'missing':
    case 'page':
    case 'precondition-failed':
      return 0;
  }
}
