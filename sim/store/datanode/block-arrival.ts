import type { Body, CallFailure, CallHandler, CallId, Message, NodeId, TimerHandler, TimerId } from '../../host.ts';
import { crc32c } from '../hash.ts';
import { type DataRequest, isDataReply } from '../messages/block.ts';
import type { BlockRef } from '../model.ts';
import { BlockCheck, type CheckListener } from './block-check.ts';
import type { BlockEntry } from './block-index.ts';
import type { DataNodeConfig } from './config.ts';
import type { DiskHealth } from './disk-health.ts';
import type { EpochFence } from './epoch-fence.ts';
import type { BlockLog } from './log.ts';
import { LogWrite } from './log-write.ts';
import type { PeerHealth } from './peer-health.ts';
import { headerBytes } from './record-format.ts';
import { hasBlock } from './write-checks.ts';

/** The transfer that a block arrives for. */
export interface ArrivalOwner {
  readonly log: BlockLog;
  readonly health: DiskHealth;
  readonly fence: EpochFence;
  readonly peers: PeerHealth;
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
 * Room for it is set aside before the first is asked.
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
  /** The epoch that the copy counts as written under. */
  #writerEpoch = 0;
  #lastFailure = 'there is no source';
  /** Room that is set aside for it. */
  #reservedBytes = 0;

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

  onChecked(outcome: 'good' | 'bad' | 'unread'): void {
    if (this.#state !== 'checking') return;
    const entry = this.#present();
    if (outcome === 'good' && entry !== undefined) this.#awaitCommit(entry);
    // It may be there and good: to store it again would need its place.
    else if (outcome === 'unread') this.#end('the disk did not read the block that is here');
    else this.#ask();
  }

  cancel(): void {
    const { network, timers } = this.#transfer.log.host;
    if (this.#state === 'asking') network.cancel(this.#call);
    if (this.#state === 'pausing') timers.cancel(this.#timer);
    if (this.#state === 'storing') return;
    this.#state = 'ended';
    this.#release();
  }

  onReply(_tag: number, response: Message): void {
    if (this.#state !== 'asking') return;
    this.#transfer.peers.answered(this.#source ?? '');
    if (!isDataReply(response)) return this.#tryNext(`unexpected answer ${response.kind}`);
    if (response.kind === 'block.refused') return this.#tryNext(response.refusal);
    if (response.kind !== 'block.data') return this.#tryNext(`unexpected answer ${response.kind}`);
    const { body, generation } = response;
    const { block } = this;
    if (body.bytes.length > block.sizeBytes) return this.#tryNext('the copy is longer than it says');
    if (body.sizeBytes !== block.sizeBytes || crc32c(body.bytes) !== block.checksum) {
      // Damaged on the way, or the source has another content: either way no copy of this block.
      return this.#tryNext('the copy has another checksum');
    }
    this.#transfer.copied(this.#source ?? '', block.sizeBytes);
    this.#store(body, generation);
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    if (this.#state !== 'asking') return;
    this.#transfer.peers.failed(this.#source ?? '');
    this.#tryNext(failure);
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
    // The table of checksums grows with the real length, which is at most the declared one.
    if (!this.#reserve(headerBytes(block.id.length, block.sizeBytes) + block.sizeBytes)) return this.#end('no-space');
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
    const { log, fence } = this.#transfer;
    const { block } = this;
    // A client's write of the same block may have come first.
    const existing = log.index.get(block.partition, block.id);
    if (existing !== undefined && !existing.quarantined) {
      if (hasBlock(existing, block)) this.#awaitCommit(existing);
      else this.#end('the id exists here with other content');
      return;
    }
    this.#state = 'storing';
    this.#release();
    this.#previous = existing;
    // A copy comes by no map: it counts as written under the newest one that a writer had come with when it took its place.
    this.#writerEpoch = fence.oldest(log.index.partition(block.partition));
    this.#entry = log.put(block, generation, body.bytes, this);
  }

  #awaitCommit(entry: BlockEntry): void {
    const { log } = this.#transfer;
    if (log.isDurable(entry)) return this.#end(undefined);
    this.#state = 'storing';
    log.whenDurable(entry, this);
  }

  protected override onStored(): void {
    const { fence, health } = this.#transfer;
    const entry = this.#entry;
    if (entry !== undefined) {
      const { id, partition, generation, checksum } = entry;
      const writerEpoch = this.#writerEpoch;
      const nodeEpoch = fence.known;
      health.emit({ kind: 'block-accepted', id, partition, generation, checksum, writerEpoch, nodeEpoch });
    }
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
    this.#release();
    this.#transfer.arrivalEnded(this, failure);
  }

  #reserve(bytes: number): boolean {
    if (this.#reservedBytes > 0) return true;
    if (!this.#transfer.log.space.reserve('repair', bytes)) return false;
    this.#reservedBytes = bytes;
    return true;
  }

  #release(): void {
    this.#transfer.log.space.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }
}
