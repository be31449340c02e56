import type { Body } from '../../host.ts';
import { crc32c } from '../hash.ts';
import type { ByteRange } from '../messages/block.ts';
import type { MetadataReply } from '../messages/metadata.ts';
import type { MetadataCall, MetadataHandler } from '../metadata/channel.ts';
import type { BlockRef, ObjectVersion } from '../model.ts';
import { BlockCall, type BlockHandler, type BlockReply } from './block-call.ts';
import type { ClientCore } from './client-core.ts';
import { Operation } from './operation.ts';
import type { OutcomeHandler } from './outcome.ts';

/** What is fetched: blocks, and by position the part of each that is wanted, undefined for all of it. */
interface Wanted {
  readonly blocks: readonly BlockRef[];
  readonly ranges: readonly (ByteRange | undefined)[];
}

const ALL: Wanted['ranges'] = [];

/** An overwrite may collect a version's blocks between its lookup and its fetch: look again this often. */
const MAX_LOOKUPS = 3;

/**
 * A read: metadata names the newest version, then its blocks are fetched side by side and put together. The answer is one
 * version or nothing, never a mixture.
 */
export class GetOperation extends Operation implements MetadataHandler, BlockHandler {
  readonly #range: ByteRange | undefined;
  #state: 'lookup' | 'fetch' = 'lookup';
  #lookup: MetadataCall | undefined;
  #version: ObjectVersion | undefined;
  #blocks: readonly BlockRef[] = [];
  #ranges = ALL;
  #parts: (Body | undefined)[] = [];
  #calls: BlockCall[] = [];
  #next = 0;
  #open = 0;
  #lookups = 0;

  constructor(client: ClientCore, key: string, range: ByteRange | undefined, handler: OutcomeHandler, tag: number) {
    super(client, 'get', key, handler, tag);
    this.#range = range;
  }

  get state(): string {
    return this.#state;
  }

  start(): void {
    this.#lookups += 1;
    this.#state = 'lookup';
    this.#lookup = this.client.metadata.ask({ kind: 'object.lookup', key: this.key }, this.deadlineMs, this, 0);
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    this.countAttempts(this.#lookup?.tries ?? 1);
    if (reply.kind === 'object.missing') this.succeed({ kind: 'missing' }, 0);
    else if (reply.kind === 'object.found') this.#onVersion(reply.version);
    else this.fail(reply.kind === 'metadata.bad-request' ? reply.detail : `metadata answered ${reply.kind}`);
  }

  onMetadataFailed(): void {
    this.countAttempts(this.#lookup?.tries ?? 1);
    this.fail('metadata-unavailable');
  }

  faultInBlock(position: number, reply: BlockReply): string | undefined {
    const block = this.#blocks[position];
    if (block === undefined || reply.kind !== 'gateway.data') return `answered ${reply.kind}`;
    const range = this.#ranges[position];
    const { body, checksum } = reply;
    if (body.sizeBytes !== (range?.lengthBytes ?? block.sizeBytes)) return 'wrong-size';
    const found = crc32c(body.bytes);
    return found === checksum && (range !== undefined || found === block.checksum) ? undefined : 'corrupt';
  }

  onBlock(position: number, reply: BlockReply): void {
    if (this.ended || reply.kind !== 'gateway.data') return;
    this.countAttempts(this.#calls[position]?.attempts ?? 1);
    this.#parts[position] = reply.body;
    this.#open -= 1;
    if (this.#next < this.#blocks.length) this.#sendNext();
    else if (this.#open === 0) this.#assemble();
  }

  onBlockFailed(position: number, error: string): void {
    if (this.ended) return;
    this.countAttempts(this.#calls[position]?.attempts ?? 1);
    for (const call of this.#calls) call.cancel();
    if (error === 'absent' && this.#lookups < MAX_LOOKUPS) this.start();
    else this.fail(error);
  }

  #onVersion(version: ObjectVersion): void {
    if (version.generation === this.#version?.generation) {
      // Its blocks were asked for already, of every replica, and it is still the newest.
      this.fail('absent');
      return;
    }
    this.#version = version;
    if (this.#range !== undefined && this.#range.startBytes >= version.sizeBytes)
      this.fail(
        `range.startBytes: found ${this.#range.startBytes}, accepted: less than ${version.sizeBytes}, the object's size`,
      );
    else if (this.#range === undefined) this.#fetch(version.blocks, ALL);
    else {
      const { blocks, ranges } = within(version, this.#range);
      this.#fetch(blocks, ranges);
    }
  }

  #fetch(blocks: Wanted['blocks'], ranges: Wanted['ranges']): void {
    this.#state = 'fetch';
    this.#blocks = blocks;
    this.#ranges = ranges;
    this.#parts = [];
    this.#calls = [];
    this.#next = 0;
    this.#open = 0;
    if (blocks.length === 0) this.#assemble();
    const window = Math.min(this.client.config.parallelBlocks, blocks.length);
    for (let i = 0; i < window && !this.ended; i++) this.#sendNext();
  }

  #sendNext(): void {
    const position = this.#next;
    const block = this.#blocks[position];
    if (block === undefined) return;
    this.#next += 1;
    this.#open += 1;
    const range = this.#ranges[position];
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
    const body = joined(this.#parts);
    const [first] = version.blocks;
    // Each block's checksum was verified on arrival: a lone one's is the object's.
    const whole = this.#range === undefined;
    const checksum = whole && first !== undefined && version.blocks.length === 1 ? first.checksum : crc32c(body.bytes);
    const result = { kind: 'object', generation: version.generation, body, checksum } as const;
    this.succeed(result, body.sizeBytes, whole ? checksum : 0);
  }
}

/** What of an object lies within a range. */
function within(version: ObjectVersion, { startBytes, lengthBytes }: ByteRange): Wanted {
  const endBytes = Math.min(version.sizeBytes, startBytes + lengthBytes);
  const blocks: BlockRef[] = [];
  const ranges: (ByteRange | undefined)[] = [];
  let blockStart = 0;
  for (const block of version.blocks) {
    const from = Math.max(startBytes, blockStart);
    const to = Math.min(endBytes, blockStart + block.sizeBytes);
    if (from < to) {
      const whole = to - from === block.sizeBytes;
      blocks.push(block);
      ranges.push(whole ? undefined : { startBytes: from - blockStart, lengthBytes: to - from });
    }
    blockStart += block.sizeBytes;
  }
  return { blocks, ranges };
}

function joined(parts: readonly (Body | undefined)[]): Body {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  let sizeBytes = 0;
  let lengthBytes = 0;
  for (const part of parts) {
    sizeBytes += part?.sizeBytes ?? 0;
    lengthBytes += part?.bytes.length ?? 0;
  }
  const bytes = new Uint8Array(lengthBytes);
  let at = 0;
  for (const part of parts) {
    if (part === undefined) continue;
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  return { sizeBytes, bytes };
}
