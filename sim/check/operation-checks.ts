import type { NodeId } from '../host.ts';
import type { CapacityCheck } from './capacity.ts';
import type { GatewayCheck } from './gateway.ts';
import { HonestyCheck } from './honesty.ts';
import type { KeyModel } from './key-model.ts';
import { LinearizabilityCheck, type LinearizabilityScope } from './linearizability/linearizability-check.ts';
import { ListingCheck } from './listing.ts';
import type { OneContentCheck } from './one-content.ts';
import type { OperationEvent } from './operation.ts';
import type { PartitionBytes } from './partition-bytes.ts';
import type { ResurrectionCheck } from './resurrection.ts';
import { SessionCheck } from './session.ts';

export interface OperationChecksInput {
  readonly model: KeyModel;
  readonly stored: PartitionBytes;
  readonly oneContent: OneContentCheck;
  readonly gateway: GatewayCheck;
  readonly capacity: CapacityCheck;
  readonly resurrection: ResurrectionCheck;
  readonly linearizability: LinearizabilityScope | 'off';
  /** How old a read may be. */
  readonly staleWithinMs: number;
}

/**
 * What clients were told, each operation once to every check that it concerns. It is the most frequent event: the key is
 * looked up once, and a read of the newest version, as nearly all are, ends after a few comparisons.
 */
export class OperationChecks {
  readonly session = new SessionCheck();
  readonly honesty = new HonestyCheck();
  readonly linearizability: LinearizabilityCheck | undefined;
  readonly listing: ListingCheck;
  readonly #input: OperationChecksInput;

  constructor(input: OperationChecksInput) {
    this.#input = input;
    this.linearizability =
      input.linearizability === 'off' ? undefined : new LinearizabilityCheck(input.linearizability);
    this.listing = new ListingCheck(input.model, input.resurrection);
  }

  onOperation(event: OperationEvent, nodeId: NodeId, nowMs: number): void {
    this.#input.gateway.onOperation(event, nodeId, nowMs);
    switch (event.op) {
      case 'get':
      case 'head':
        return this.#onRead(event, nodeId, nowMs);
      case 'list':
        return this.#onList(event, nodeId, nowMs);
      case 'put':
      case 'copy':
      case 'delete':
        return this.#onWrite(event, nodeId, nowMs);
    }
  }

  /** A version was put in place without an operation. */
  preload(key: string, generation: number, checksum: number): void {
    this.#input.model.preload(key, generation, checksum);
    this.linearizability?.preload(key, generation, checksum);
  }

  /** No more operations end; `unfinished` never did. */
  close(unfinished: number): void {
    this.session.close(unfinished);
    this.linearizability?.close(unfinished);
    this.honesty.close(unfinished);
    this.listing.close(unfinished);
  }

  #onRead(event: OperationEvent, nodeId: NodeId, nowMs: number): void {
    const { model, resurrection, staleWithinMs } = this.#input;
    const history = model.of(event.key);
    // A read that may be old by so much is as good as one that was called so much earlier.
    const calledMs = nowMs - event.latencyMs - staleWithinMs;
    this.linearizability?.onOperation(event, calledMs, nowMs, history);
    if (history === undefined || event.status !== 'ok') return;
    if (event.op === 'get') {
      if (history.isPlainGet(event.generation, event.checksum, calledMs)) {
        this.honesty.onPlainGet();
        return this.session.onPlainRead();
      }
      this.honesty.onGet(event, history, nodeId, nowMs);
      model.recordGet(event, history, nowMs);
    }
    const floor = history.floor(calledMs);
    this.session.onRead(event, history, floor, nodeId, nowMs);
    if (typeof floor === 'object' && floor.deleted)
      resurrection.onSeen(event.key, event.generation, floor, event.op, nodeId, nowMs);
  }

  #onWrite(event: OperationEvent, nodeId: NodeId, nowMs: number): void {
    const { model, stored, oneContent, capacity } = this.#input;
    const { op, key, status, generation, checksum } = event;
    const calledMs = nowMs - event.latencyMs;
    if (op === 'delete') capacity.onDelete(event, nodeId, nowMs);
    if (status === 'ok' && generation > 0) {
      if (op === 'put') oneContent.onPut(event, nodeId, nowMs);
      stored.onWrite(event, nowMs);
      this.listing.onWrite(event, calledMs, nodeId, nowMs);
    }
    const history = model.of(key);
    this.linearizability?.onOperation(event, calledMs, nowMs, history);
    if (history === undefined || status === 'failed') return;
    const write = { deletes: op === 'delete', checksum };
    this.honesty.onWrite(event, write, calledMs);
    model.recordWrite(event, history, nowMs);
    this.session.onWrite(event, write, calledMs);
  }

  #onList(event: OperationEvent, nodeId: NodeId, nowMs: number): void {
    const { listing, status } = event;
    if (listing !== undefined && status === 'ok')
      this.listing.onListing(listing, nowMs - event.latencyMs, nodeId, nowMs);
  }
}
