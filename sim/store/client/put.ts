import type { Body, NodeId } from '../../host.ts';
import { crc32c, partitionOf } from '../hash.ts';
import type { GatewayReply, MetadataReply } from '../messages.ts';
import type { MetadataHandler } from '../metadata/channel.ts';
import type { BlockRef, Condition } from '../model.ts';
import { BlockCall, type BlockHandler } from './block-call.ts';
import type { ClientCore } from './client.ts';
import { Operation } from './operation.ts';
import type { OutcomeHandler } from './outcome.ts';

/**
 * A write: the body is cut into blocks with new ids, each is made durable on W replicas, then one commit at metadata makes
 * the version visible. Until the commit is sent nothing can be seen of it, so a failure before is `failed`; a commit
 * without an answer is `unknown`.
 */
export class PutOperation extends Operation implements MetadataHandler, BlockHandler {
  readonly #body: Body;
  readonly #condition: Condition;
  readonly #token: string;
  readonly #checksum: number;
  #state: 'map' | 'storing' | 'committing' = 'map';
  #blocks: BlockRef[] = [];
  #acked: (readonly NodeId[])[] = [];
  #calls: BlockCall[] = [];
  #next = 0;
  #open = 0;
  #mostAttempts = 1;

  constructor(client: ClientCore, key: string, body: Body, condition: Condition, handler: OutcomeHandler, tag: number) {
    super(client, 'put', key, handler, tag);
    this.#body = body;
    this.#condition = condition;
    this.#token = client.nextId();
    this.#checksum = crc32c(body.bytes);
  }

  get state(): string {
    return this.#state;
  }

  protected get attempts(): number {
    return this.#mostAttempts;
  }

  /** Begins; the number of partitions is known by now. */
  start(partitions: number): void {
    this.#state = 'storing';
    const { blockBytes, parallelBlocks } = this.client.config;
    const count = Math.ceil(this.#body.sizeBytes / blockBytes);
    for (let i = 0; i < count; i++) {
      const part = slice(this.#body, i * blockBytes, blockBytes);
      this.#blocks.push({
        id: this.client.nextId(),
        partition: partitionOf(i === 0 ? this.key : `${this.key}/${i}`, partitions),
        sizeBytes: part.sizeBytes,
        checksum: count === 1 ? this.#checksum : crc32c(part.bytes),
      });
    }
    if (count === 0) this.#commit();
    for (let i = 0; i < Math.min(parallelBlocks, count) && !this.ended; i++) this.#sendNext();
  }

  onBlock(position: number, reply: Exclude<GatewayReply, { kind: 'gateway.error' }>): void {
    if (this.ended) return;
    if (reply.kind !== 'gateway.stored') {
      this.onBlockFailed(position, `gateway answered ${reply.kind}`);
      return;
    }
    this.#acked[position] = reply.acked;
    this.#open -= 1;
    if (this.#next < this.#blocks.length) this.#sendNext();
    else if (this.#open === 0) this.#commit();
  }

  onBlockFailed(_position: number, error: string): void {
    if (this.ended) return;
    this.#countAttempts();
    for (const call of this.#calls) call.cancel();
    this.fail(error);
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    if (reply.kind === 'object.committed')
      this.succeed({ kind: 'stored', generation: reply.generation, checksum: this.#checksum }, this.#body.sizeBytes);
    else if (reply.kind === 'object.precondition-failed')
      this.succeed({ kind: 'precondition-failed', generation: reply.generation }, 0);
    else this.fail(reply.kind === 'metadata.bad-request' ? reply.detail : `metadata answered ${reply.kind}`);
  }

  onMetadataFailed(_tag: number, unknown: boolean): void {
    if (unknown) this.leaveUnknown('commit-unanswered', this.#checksum);
    else this.fail('metadata-unavailable');
  }

  #sendNext(): void {
    const position = this.#next;
    const block = this.#blocks[position];
    if (block === undefined) return;
    this.#next += 1;
    this.#open += 1;
    const body = slice(this.#body, position * this.client.config.blockBytes, block.sizeBytes);
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

  #commit(): void {
    this.#countAttempts();
    this.#state = 'committing';
    this.client.metadata.ask(
      {
        kind: 'object.commit',
        key: this.key,
        sizeBytes: this.#body.sizeBytes,
        blocks: this.#blocks,
        acked: this.#acked,
        condition: this.#condition,
        token: this.#token,
      },
      this.deadlineMs,
      this,
      0,
    );
  }

  #countAttempts(): void {
    for (const call of this.#calls) this.#mostAttempts = Math.max(this.#mostAttempts, call.attempts);
  }
}

/** The part of a scale model that stands for `lengthBytes` declared bytes from `startBytes`. */
function slice(body: Body, startBytes: number, lengthBytes: number): Body {
  const { sizeBytes, bytes } = body;
  const endBytes = Math.min(sizeBytes, startBytes + lengthBytes);
  if (startBytes === 0 && endBytes === sizeBytes) return body;
  const real = (offset: number) => Math.floor((offset / sizeBytes) * bytes.length);
  return { sizeBytes: endBytes - startBytes, bytes: bytes.subarray(real(startBytes), real(endBytes)) };
}
