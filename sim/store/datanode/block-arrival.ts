import type { Body, CallFailure, CallHandler, CallId, Message, NodeId, TimerHandler, TimerId } from '../../host.ts';
import { crc32c } from '../hash.ts';
import { type DataRequest, isDataReply } from '../messages/block.ts';
import type { BlockRef } from '../model.ts';
import { BlockCheck, type CheckListener } from './block-check.ts';
import type { BlockEntry } from './block-index.ts';
import type { DataNodeConfig } from './config.ts';
import type { DiskHealth } from './disk-health.ts';
import type { BlockLog } from './log.ts';
import { LogWrite } from './log-write.ts';
import { headerBytes } from './record-format.ts';
import { hasBlock } from './write-checks.ts';

/** The transfer that a block arrives for. */
export interface ArrivalOwner {
  readonly log: BlockLog;
  readonly health: DiskHealth;
  readonly config: DataNodeConfig;
  readonly sources: readonly NodeId[];
  /** A block is about to be copied: what follows has to wait until the bandwidth allows it. */
  pay(sizeBytes: number): void;
  /** A good copy of a block has arrived, and is being written. */
  copied(from: NodeId, sizeBytes: number): void;
  /** A block is here, verified and durable, if there is no `failure`. */
  arrivalEnded(arrival: BlockArrival, failure: string | undefined): void;
}

/**
 * One block on its way into this node. What is here already is checked by reading it; else the sources are asked in
 * turn, several rounds with a pause between them, until one sends a copy whose checksum is the one that metadata knows.
 */
export class BlockArrival extends LogWrite implements CallHandler, TimerHandler, CheckListener {
  readonly block: BlockRef;
  readonly #transfer: ArrivalOwner;
  #state: 'new' | 'checking' | 'asking' | 'pausing' | 'storing' | 'ended' = 'new';
  #asked = 0;
  #call: CallId = 0;
  #timer: TimerId = 0;
  #entry: BlockEntry | undefined;
  #previous: BlockEntry | undefined;
  #lastFailure = 'there is no source';

  constructor(transfer: ArrivalOwner, block: BlockRef) {
    super();
    this.#transfer = transfer;
    this.block = block;
  }

  get state(): string {
    return this.#state;
  }

  start(): void {
    const { log, health } = this.#transfer;
    const entry = this.#present();
    if (entry === undefined) this.#ask();
    else if (entry.verified) this.#awaitCommit(entry);
    else {
      this.#state = 'checking';
      new BlockCheck(log, health, entry, this).start();
    }
  }

  onChecked(good: boolean): void {
    if (this.#state !== 'checking') return;
    const entry = this.#present();
    if (good && entry !== undefined) this.#awaitCommit(entry);
    else this.#ask();
  }

  cancel(): void {
    const { network, timers } = this.#transfer.log.host;
    if (this.#state === 'asking') network.cancel(this.#call);
    if (this.#state === 'pausing') timers.cancel(this.#timer);
    if (this.#state !== 'storing') this.#state = 'ended';
  }

  onReply(_tag: number, response: Message): void {
    if (this.#state !== 'asking') return;
    if (!isDataReply(response)) return this.#tryNext(`unexpected answer ${response.kind}`);
    if (response.kind === 'block.refused') return this.#tryNext(response.refusal);
    if (response.kind !== 'block.data') return this.#tryNext(`unexpected answer ${response.kind}`);
    const { body, generation } = response;
    const { block } = this;
    if (body.sizeBytes !== block.sizeBytes || crc32c(body.bytes) !== block.checksum) {
      // Damaged on the way, or the source has another content: either way no copy of this block.
      return this.#tryNext('the copy has another checksum');
    }
    this.#transfer.copied(this.#source ?? '', block.sizeBytes);
    this.#store(body, generation);
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    if (this.#state === 'asking') this.#tryNext(failure);
  }

  onTimer(): void {
    if (this.#state === 'pausing') this.#ask();
  }

  /** The block of this id that is here and good, if its content is the one that metadata knows. */
  #present(): BlockEntry | undefined {
    const entry = this.#transfer.log.index.get(this.block.partition, this.block.id);
    return entry !== undefined && !entry.quarantined && hasBlock(entry, this.block) ? entry : undefined;
  }

  get #source(): string | undefined {
    const { sources } = this.#transfer;
    return sources[this.#asked % Math.max(1, sources.length)];
  }

  #ask(): void {
    const { log, config } = this.#transfer;
    const { block } = this;
    const source = this.#source;
    if (source === undefined) return this.#end(this.#lastFailure);
    if (!log.hasRoomFor(headerBytes(block.id.length, 0) + block.sizeBytes)) return this.#end('no-space');
    this.#state = 'asking';
    this.#transfer.pay(block.sizeBytes);
    const request: DataRequest = { kind: 'block.copy', id: block.id, partition: block.partition };
    this.#call = log.host.network.call(source, request, config.transferTimeoutMs, this, 0);
  }

  #tryNext(failure: string): void {
    const { sources, config, log } = this.#transfer;
    this.#lastFailure = `${this.#source ?? ''}: ${failure}`;
    this.#asked += 1;
    if (this.#asked >= config.transferRounds * sources.length) return this.#end(this.#lastFailure);
    if (this.#asked % sources.length !== 0) return this.#ask();
    this.#state = 'pausing';
    this.#timer = log.host.timers.after(config.transferRetryMs, this, 0);
  }

  #store(body: Body, generation: number): void {
    const { log } = this.#transfer;
    const { block } = this;
    // A client's write of the same block may have come first.
    const existing = log.index.get(block.partition, block.id);
    if (existing !== undefined && !existing.quarantined) {
      if (hasBlock(existing, block)) this.#awaitCommit(existing);
      else this.#end('the id exists here with other content');
      return;
    }
    if (!log.hasRoomFor(headerBytes(block.id.length, body.bytes.length) + block.sizeBytes))
      return this.#end('no-space');
    this.#state = 'storing';
    this.#previous = existing;
    this.#entry = log.put(block, generation, body.bytes, this);
  }

  #awaitCommit(entry: BlockEntry): void {
    const { log } = this.#transfer;
    if (log.isDurable(entry)) return this.#end(undefined);
    this.#state = 'storing';
    log.whenDurable(entry, this);
  }

  protected override onStored(): void {
    // What was waited for may have been another's write, which may have found no space.
    if (this.#present() === undefined) this.#end('was removed meanwhile');
    else this.#end(undefined);
  }

  protected override onNoSpace(): void {
    this.#end('no-space');
  }

  protected override undo(): void {
    if (this.#entry !== undefined) this.#transfer.log.undoPut(this.#entry, this.#previous);
  }

  #end(failure: string | undefined): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#transfer.arrivalEnded(this, failure);
  }
}
