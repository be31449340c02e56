import type { StoreEvent } from '../events.ts';
import type { ClientCore } from './client.ts';
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

  /** Attempts at the step that took most of them. */
  protected abstract readonly attempts: number;

  protected get ended(): boolean {
    return this.#ended;
  }

  protected succeed(result: Result, sizeBytes: number): void {
    const versioned = result.kind === 'missing' || result.kind === 'page' ? 0 : result.generation;
    const checksum = result.kind === 'object' || result.kind === 'stored' ? result.checksum : 0;
    this.#end({ status: 'ok', result, attempts: this.attempts }, sizeBytes, versioned, checksum, '');
  }

  /** Did not take effect and never will. */
  protected fail(error: string): void {
    this.#end({ status: 'failed', error, attempts: this.attempts }, 0, 0, 0, error);
  }

  /** A write that may take effect. `checksum` is what would then be read. */
  protected leaveUnknown(error: string, checksum: number): void {
    this.#end({ status: 'unknown', error, attempts: this.attempts }, 0, 0, checksum, error);
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
    this.client.ended(this);
    this.#handler.onOutcome(this.#tag, outcome);
  }
}
