import type { Body, NodeId, TimerHandler, TimerId } from '../../host.ts';
import { sliceOf } from '../datanode/range.ts';
import { crc32c, partitionOf } from '../hash.ts';
import { commitBytes, type MetadataReply } from '../messages/metadata.ts';
import type { MetadataCall, MetadataHandler } from '../metadata/channel.ts';
import type { BlockRef, Condition } from '../model.ts';
import { BlockCall, type BlockHandler, type BlockReply } from './block-call.ts';
import type { ClientCore } from './client-core.ts';
import { isRefusal, refusalOf } from './metadata-operation.ts';
import { Operation } from './operation.ts';
import type { OutcomeHandler } from './outcome.ts';

/**
 * A write: the body is cut into blocks with new ids, each is made durable on W replicas, then one commit at metadata makes
 * the version visible. Until the commit is sent nothing can be seen of it, so a failure before is `failed`; a commit
 * without an answer is `unknown`.
 */
export class PutOperation extends Operation implements MetadataHandler, BlockHandler, TimerHandler {
  readonly #body: Body;
  readonly #condition: Condition;
  readonly #checksum: number;
  #state: 'map' | 'storing' | 'committing' = 'map';
  #timer: TimerId = 0;
  #blocks: BlockRef[] = [];
  #acked: (readonly NodeId[])[] = [];
  #calls: BlockCall[] = [];
  #next = 0;
  #open = 0;
  #commit: MetadataCall | undefined;
  /** Names this write at metadata, however often its commit is sent. */
  #token = '';
  #committedMs = 0;
  /** A commit was refused, and the blocks were stored once more. */
  #again = false;
  /** A commit that was sent has no answer: it may yet be carried out. */
  #inDoubt = false;

  constructor(client: ClientCore, key: string, body: Body, condition: Condition, handler: OutcomeHandler, tag: number) {
    super(client, 'put', key, handler, tag, condition);
    this.#body = body;
    this.#condition = condition;
    this.#checksum = crc32c(body.bytes);
  }

  get state(): string {
    return this.#state;
  }

  /** The number of partitions is not known yet: {@link start} follows, or the deadline. */
  awaitMap(): void {
    this.#timer = this.client.host.timers.after(this.client.config.deadlineMs, this, 0);
  }

  onTimer(): void {
    this.fail('no-map', this.#checksum);
  }

  /** Begins, unless it has ended. */
  start(partitions: number): void {
    if (this.ended) return;
    this.client.host.timers.cancel(this.#timer);
    const { blockBytes } = this.client.config;
    const count = Math.ceil(this.#body.sizeBytes / blockBytes);
    for (let i = 0; i < count; i++) {
      const part = this.#part(i, blockBytes);
      this.#blocks.push({
        id: this.client.nextId(),
        partition: partitionOf(i === 0 ? this.key : `${this.key}/${i}`, partitions),
        sizeBytes: part.sizeBytes,
        checksum: count === 1 ? this.#checksum : crc32c(part.bytes),
      });
    }
    this.#store();
  }

  faultInBlock(_position: number, reply: BlockReply): string | undefined {
    return reply.kind === 'gateway.stored' ? undefined : `answered ${reply.kind}`;
  }

  onBlock(position: number, reply: BlockReply): void {
    if (this.ended || reply.kind !== 'gateway.stored') return;
    this.countBlockAttempts(this.#calls[position]?.attempts ?? 1);
    this.#acked[position] = reply.acked;
    this.#open -= 1;
    if (this.#next < this.#blocks.length) this.#sendNext();
    else if (this.#open === 0) this.#sendCommit();
  }

  onBlockFailed(position: number, error: string): void {
    if (this.ended) return;
    this.countBlockAttempts(this.#calls[position]?.attempts ?? 1);
    for (const call of this.#calls) call.cancel();
    this.#giveUp(error);
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    this.#noteCommit();
    if (reply.kind === 'object.committed') this.#onCommitted(reply.generation);
    else if (reply.kind === 'object.precondition-failed') {
      this.client.cache?.outdate(this.key, reply.generation);
      this.succeed({ kind: 'precondition-failed', generation: reply.generation }, 0);
    } else if (reply.kind === 'metadata.bad-request') this.#onRefused(reply.detail);
    else {
      if (!isRefusal(reply)) this.#inDoubt = true;
      this.#giveUp(refusalOf(reply));
    }
  }

  onMetadataFailed(): void {
    this.#noteCommit();
    this.#giveUp(this.#inDoubt ? 'commit-unanswered' : 'metadata-unavailable');
  }

  #onCommitted(generation: number): void {
    const { sizeBytes } = this.#body;
    const { cache } = this.client;
    if (cache !== undefined) {
      const version = { key: this.key, generation, sizeBytes, blocks: this.#blocks };
      cache.confirm(version, this.#committedMs, this.#blocks.length === 1 ? this.#body : undefined);
    }
    this.succeed({ kind: 'stored', generation, checksum: this.#checksum }, sizeBytes, this.#checksum);
  }

  /** The replicas may have changed hands since they stored the blocks: the new ones get them too, once. */
  #onRefused(detail: string): void {
    if (this.#again || this.#blocks.length === 0 || !this.client.budget.spend()) {
      this.#giveUp(detail);
      return;
    }
    this.#again = true;
    this.#store();
  }

  #store(): void {
    this.#state = 'storing';
    this.#acked = [];
    this.#calls = [];
    this.#next = 0;
    this.#open = 0;
    const window = Math.min(this.client.config.parallelBlocks, this.#blocks.length);
    if (window === 0) this.#sendCommit();
    for (let i = 0; i < window && !this.ended; i++) this.#sendNext();
  }

  #sendNext(): void {
    const position = this.#next;
    const block = this.#blocks[position];
    if (block === undefined) return;
    this.#next += 1;
    this.#open += 1;
    const body = this.#part(position, this.client.config.blockBytes);
    const call = new BlockCall(
      this.client,
      { kind: 'gateway.put', key: this.key, block, body, epoch: this.client.epoch },
      this.deadlineMs,
      this,
      position,
    );
    this.#calls.push(call);
    call.start();
  }

  #sendCommit(): void {
    this.#state = 'committing';
    if (this.#token === '') {
      this.#token = this.client.nextId();
      this.#committedMs = this.client.host.clock.nowMs();
    }
    this.#commit = this.client.metadata.ask(
      {
        kind: 'object.commit',
        key: this.key,
        sizeBytes: this.#body.sizeBytes,
        blocks: this.#blocks,
        acked: this.#acked,
        condition: this.#condition,
        token: this.#token,
        controlBytes: commitBytes(this.#blocks, this.#acked),
      },
      this.deadlineMs,
      this,
      0,
    );
  }

  #noteCommit(): void {
    this.countMetadataAttempts(this.#commit?.tries ?? 1);
    if (this.#commit?.mayTakeEffect) this.#inDoubt = true;
  }

  #giveUp(error: string): void {
    if (this.#inDoubt) this.leaveUnknown(error, this.#checksum);
    else this.fail(error, this.#checksum);
  }

  /** What block `position` holds of the body: of a scale model, the real bytes that stand for its declared ones. */
  #part(position: number, blockBytes: number): Body {
    const { sizeBytes, bytes } = this.#body;
    if (sizeBytes <= blockBytes) return this.#body;
    const range = { startBytes: position * blockBytes, lengthBytes: blockBytes };
    const slice = sliceOf(range, sizeBytes, bytes.length);
    if (slice === undefined) throw new RangeError(`block ${position}: beyond the body's ${sizeBytes} bytes`);
    return { sizeBytes: slice.sizeBytes, bytes: bytes.subarray(slice.start, slice.end) };
  }
}
