import type { Listing, StoreEvent } from '../events.ts';
import type { Condition } from '../model.ts';
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
  #blockAttempts = 0;
  #metadataAttempts = 0;
  #ended = false;

  constructor(
    client: ClientCore,
    name: OperationName,
    key: string,
    handler: OutcomeHandler,
    tag: number,
    condition?: Condition,
    from?: string,
  ) {
    this.client = client;
    this.name = name;
    this.key = key;
    this.startedMs = client.host.clock.nowMs();
    this.deadlineMs = this.startedMs + client.config.deadlineMs;
    this.#handler = handler;
    this.#tag = tag;
    this.condition = condition?.kind === 'none' ? undefined : condition;
    this.from = from;
  }

  /** What it is waiting for, for people who look at a running system. */
  abstract readonly state: string;

  /** On what it depends; undefined unless it is a write that depends on something. */
  protected readonly condition: Condition | undefined;
  /** Of a copy, the key that is copied. */
  protected readonly from: string | undefined;

  protected get ended(): boolean {
    return this.#ended;
  }

  /** A block took so many attempts; the operation's are those of the block that took most. */
  protected countBlockAttempts(attempts: number): void {
    if (attempts > this.#blockAttempts) this.#blockAttempts = attempts;
  }

  /** The same for a question to metadata. */
  protected countMetadataAttempts(attempts: number): void {
    if (attempts > this.#metadataAttempts) this.#metadataAttempts = attempts;
  }

  /** Of the step that took most. */
  get #attempts(): number {
    return Math.max(1, this.#blockAttempts, this.#metadataAttempts);
  }

  /** `checksum` is that of the whole object, where it was read or written as a whole. */
  protected succeed(result: Result, sizeBytes: number, checksum = 0, listing?: Listing): void {
    const outcome = { status: 'ok', result, attempts: this.#attempts } as const;
    this.#end(outcome, sizeBytes, generationOf(result), checksum, '', listing);
  }

  /** Did not take effect and never will. `checksum` is what a write would have written. */
  protected fail(error: string, checksum = 0): void {
    this.#end({ status: 'failed', error, attempts: this.#attempts }, 0, 0, checksum, error);
  }

  /** A write that may take effect. `checksum` is what would then be read. */
  protected leaveUnknown(error: string, checksum: number): void {
    this.#end({ status: 'unknown', error, attempts: this.#attempts }, 0, 0, checksum, error);
  }

  #end(
    outcome: Outcome,
    sizeBytes: number,
    generation: number,
    checksum: number,
    error: string,
    listing?: Listing,
  ): void {
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
      attempts: this.#blockAttempts,
      metadataAttempts: this.#metadataAttempts,
      error,
      condition: this.condition,
      from: this.from,
      listing,
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
    case 'copied':
    case 'deleted':
      return result.generation;
    case 'missing':
    case 'page':
    case 'list-compacted':
    case 'precondition-failed':
      return 0;
  }
}
