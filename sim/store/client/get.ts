import type { Body } from '../../host.ts';
import { crc32c } from '../hash.ts';
import type { ByteRange, GatewayReply, MetadataReply } from '../messages.ts';
import type { MetadataHandler } from '../metadata/channel.ts';
import type { BlockRef, ObjectVersion } from '../model.ts';
import { BlockCall, type BlockHandler } from './block-call.ts';
import type { ClientCore } from './client.ts';
import { Operation } from './operation.ts';
import type { OutcomeHandler } from './outcome.ts';

interface Piece {
  readonly block: BlockRef;
  /** Undefined for the whole block. */
  readonly range: ByteRange | undefined;
}

/** An overwrite may collect a version's blocks between its lookup and its fetch: look again this often. */
const MAX_LOOKUPS = 3;

/**
 * A read: metadata names the newest version, then its blocks are fetched side by side and put together. The answer is one
 * version or nothing, never a mixture.
 */
export class GetOperation extends Operation implements MetadataHandler, BlockHandler {
  readonly #range: ByteRange | undefined;
  #state: 'lookup' | 'fetch' = 'lookup';
  #version: ObjectVersion | undefined;
  #pieces: readonly Piece[] = [];
  #parts: (Body | undefined)[] = [];
  #calls: BlockCall[] = [];
  #next = 0;
  #open = 0;
  #lookups = 0;
  #mostAttempts = 1;

  constructor(client: ClientCore, key: string, range: ByteRange | undefined, handler: OutcomeHandler, tag: number) {
    super(client, 'get', key, handler, tag);
    this.#range = range;
  }

  get state(): string {
    return this.#state;
  }

  protected get attempts(): number {
    return this.#mostAttempts;
  }

  start(): void {
    this.#lookups += 1;
    this.#state = 'lookup';
    this.client.metadata.ask({ kind: 'object.lookup', key: this.key }, this.deadlineMs, this, 0);
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    if (reply.kind === 'object.missing') this.succeed({ kind: 'missing' }, 0);
    else if (reply.kind === 'object.found') this.#fetch(reply.version);
    else this.fail(`metadata answered ${reply.kind}`);
  }

  onMetadataFailed(): void {
    this.fail('metadata-unavailable');
  }

  onBlock(position: number, reply: Exclude<GatewayReply, { kind: 'gateway.error' }>): void {
    if (this.ended) return;
    const piece = this.#pieces[position];
    if (piece === undefined || reply.kind !== 'gateway.data') {
      this.#giveUp(`gateway answered ${reply.kind}`);
      return;
    }
    const checksum = crc32c(reply.body.bytes);
    if (checksum !== reply.checksum || (piece.range === undefined && checksum !== piece.block.checksum)) {
      this.#giveUp('corrupt');
      return;
    }
    this.#parts[position] = reply.body;
    this.#open -= 1;
    if (this.#next < this.#pieces.length) this.#sendNext();
    else if (this.#open === 0) this.#assemble();
  }

  onBlockFailed(_position: number, error: string): void {
    if (this.ended) return;
    if (error === 'absent' && this.#lookups < MAX_LOOKUPS) {
      this.#cancelCalls();
      this.start();
    } else this.#giveUp(error);
  }

  #fetch(version: ObjectVersion): void {
    this.#state = 'fetch';
    this.#version = version;
    this.#pieces = piecesOf(version, this.#range);
    this.#parts = new Array(this.#pieces.length);
    this.#calls = [];
    this.#next = 0;
    this.#open = 0;
    if (this.#pieces.length === 0) {
      if (version.sizeBytes === 0) this.#assemble();
      else this.fail(`range.startBytes: beyond the object's ${version.sizeBytes} bytes`);
      return;
    }
    const window = Math.min(this.client.config.parallelBlocks, this.#pieces.length);
    for (let i = 0; i < window && !this.ended; i++) this.#sendNext();
  }

  #sendNext(): void {
    const position = this.#next;
    const piece = this.#pieces[position];
    if (piece === undefined) return;
    this.#next += 1;
    this.#open += 1;
    const { block, range } = piece;
    const call = new BlockCall(
      this.client,
      { kind: 'gateway.get', key: this.key, block, range, epoch: this.client.epoch },
      this.deadlineMs,
      this,
      position,
    );
    this.#calls.push(call);
    call.start();
  }

  #assemble(): void {
    const version = this.#version;
    if (version === undefined) throw new Error('a get ended its fetch before its lookup');
    for (const call of this.#calls) this.#mostAttempts = Math.max(this.#mostAttempts, call.attempts);
    const body = join(this.#parts.flatMap((part) => (part === undefined ? [] : [part])));
    const only = this.#pieces.length === 1 ? this.#pieces[0] : undefined;
    const checksum = only !== undefined && only.range === undefined ? only.block.checksum : crc32c(body.bytes);
    this.succeed({ kind: 'object', generation: version.generation, body, checksum }, body.sizeBytes);
  }

  #giveUp(error: string): void {
    for (const call of this.#calls) this.#mostAttempts = Math.max(this.#mostAttempts, call.attempts);
    this.#cancelCalls();
    this.fail(error);
  }

  #cancelCalls(): void {
    for (const call of this.#calls) call.cancel();
  }
}

/** The blocks that a range touches, with the part of each that is wanted. */
function piecesOf(version: ObjectVersion, range: ByteRange | undefined): readonly Piece[] {
  if (range === undefined) return version.blocks.map((block) => ({ block, range: undefined }));
  const endBytes = Math.min(version.sizeBytes, range.startBytes + range.lengthBytes);
  const pieces: Piece[] = [];
  let blockStart = 0;
  for (const block of version.blocks) {
    const from = Math.max(range.startBytes, blockStart);
    const to = Math.min(endBytes, blockStart + block.sizeBytes);
    if (from < to) {
      const whole = to - from === block.sizeBytes;
      pieces.push({ block, range: whole ? undefined : { startBytes: from - blockStart, lengthBytes: to - from } });
    }
    blockStart += block.sizeBytes;
  }
  return pieces;
}

function join(parts: readonly Body[]): Body {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.length, 0));
  let at = 0;
  let sizeBytes = 0;
  for (const part of parts) {
    bytes.set(part.bytes, at);
    at += part.bytes.length;
    sizeBytes += part.sizeBytes;
  }
  return { sizeBytes, bytes };
}
