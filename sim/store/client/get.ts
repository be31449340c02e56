import type { Body, TimerHandler } from '../../host.ts';
import { sliceOf } from '../datanode/range.ts';
import { crc32c } from '../hash.ts';
import type { ByteRange } from '../messages/block.ts';
import type { MetadataReply } from '../messages/metadata.ts';
import type { MetadataCall, MetadataHandler } from '../metadata/channel.ts';
import type { BlockRef, ObjectVersion } from '../model.ts';
import { BlockCall, type BlockFetch, type BlockHandler, type BlockReply } from './block-call.ts';
import type { ClientCore } from './client-core.ts';
import { HedgedCall } from './hedged-call.ts';
import { Lookup } from './lookup.ts';
import { refusalOf } from './metadata-operation.ts';
import { Operation } from './operation.ts';
import type { OutcomeHandler } from './outcome.ts';
import { joined, type Wanted, within } from './wanted.ts';

const ALL: Wanted['ranges'] = [];

/** An overwrite may collect a version's blocks between its lookup and its fetch: look again this often. */
const MAX_LOOKUPS = 3;

/**
 * A read: metadata names the newest version, then its blocks are fetched side by side and put together. The answer is one
 * version or nothing, never a mixture.
 */
export class GetOperation extends Operation implements MetadataHandler, BlockHandler, TimerHandler {
  readonly #range: ByteRange | undefined;
  #state: 'lookup' | 'remembered' | 'fetch' = 'lookup';
  #lookup: Lookup;
  #asked: MetadataCall | undefined;
  #version: ObjectVersion | undefined;
  #blocks: readonly BlockRef[] = [];
  #ranges = ALL;
  #parts: (Body | undefined)[] = [];
  #calls: BlockFetch[] = [];
  #next = 0;
  #open = 0;
  #lookups = 0;

  /** @param staleWithinMs - How old the answer may be; 0: nothing acknowledged before may be missing from it. */
  constructor(
    client: ClientCore,
    key: string,
    range: ByteRange | undefined,
    staleWithinMs: number,
    handler: OutcomeHandler,
    tag: number,
  ) {
    super(client, 'get', key, handler, tag);
    this.#range = range;
    this.#lookup = new Lookup(client, key, staleWithinMs);
  }

  get state(): string {
    return this.#state;
  }

  start(): void {
    const remembered = this.#lookup.remembered();
    if (remembered === undefined) {
      this.#ask();
      return;
    }
    this.#state = 'remembered';
    this.#version = remembered;
    // Never told before this has returned, though all may be at hand.
    this.client.host.timers.after(0, this, 0);
  }

  onTimer(): void {
    if (this.#version !== undefined) this.#read(this.#version);
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    this.countMetadataAttempts(this.#asked?.tries ?? 1);
    const version = this.#lookup.learn(reply);
    if (version === undefined) this.fail(refusalOf(reply));
    else if (version === 'missing') this.succeed({ kind: 'missing' }, 0);
    // Its blocks were asked for already, of every replica, and it is still the newest.
    else if (version.generation === this.#version?.generation) this.fail('absent');
    else this.#read(version);
  }

  onMetadataFailed(): void {
    this.countMetadataAttempts(this.#asked?.tries ?? 1);
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
    this.countBlockAttempts(this.#calls[position]?.attempts ?? 1);
    this.#parts[position] = reply.body;
    this.#open -= 1;
    if (this.#next < this.#blocks.length) this.#sendNext();
    else if (this.#open === 0) this.#assemble();
  }

  onBlockFailed(position: number, error: string): void {
    if (this.ended) return;
    this.countBlockAttempts(this.#calls[position]?.attempts ?? 1);
    for (const call of this.#calls) call.cancel();
    if (error === 'absent' && this.#lookups < MAX_LOOKUPS) this.#askAgain();
    else this.fail(error);
  }

  #ask(): void {
    this.#lookups += 1;
    this.#state = 'lookup';
    this.#asked = this.client.metadata.ask(this.#lookup.request(), this.deadlineMs, this, 0);
  }

  /** What was told before has led nowhere: what may be old will not do any more. */
  #askAgain(): void {
    this.#lookup = new Lookup(this.client, this.key, 0);
    this.#ask();
  }

  #read(version: ObjectVersion): void {
    this.#version = version;
    const range = this.#range;
    if (range !== undefined && range.startBytes >= version.sizeBytes) {
      const accepted = `less than ${version.sizeBytes}, the object's size`;
      this.fail(`range.startBytes: found ${range.startBytes}, accepted: ${accepted}`);
      return;
    }
    const body = this.client.cache?.bodyOf(version);
    if (body !== undefined) this.#give(version, range === undefined ? body : part(body, range));
    else if (range === undefined) this.#fetch(version.blocks, ALL);
    else {
      const { blocks, ranges } = within(version, range);
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
    const request = { kind: 'gateway.get', key: this.key, block, range, epoch: this.client.epoch } as const;
    const { client, deadlineMs } = this;
    const call =
      client.hedging === undefined
        ? new BlockCall(client, request, deadlineMs, this, position)
        : new HedgedCall(client, client.hedging, request, deadlineMs, this, position);
    this.#calls.push(call);
    call.start();
  }

  #assemble(): void {
    const version = this.#version;
    if (version === undefined) throw new Error('a get ended its fetch before its lookup');
    const body = joined(this.#parts);
    // One block only: so a range of it is cut the same way here as on a data node.
    if (this.#range === undefined && version.blocks.length === 1) this.client.cache?.confirm(version, 0, body);
    this.#give(version, body);
  }

  #give(version: ObjectVersion, body: Body): void {
    const [first] = version.blocks;
    // Each block's checksum was verified on arrival: a lone one's is the object's.
    const whole = this.#range === undefined;
    const checksum = whole && first !== undefined && version.blocks.length === 1 ? first.checksum : crc32c(body.bytes);
    const result = { kind: 'object', generation: version.generation, body, checksum } as const;
    this.succeed(result, body.sizeBytes, whole ? checksum : 0);
  }
}

function part(body: Body, range: ByteRange): Body {
  const slice = sliceOf(range, body.sizeBytes, body.bytes.length);
  if (slice === undefined) throw new RangeError(`range.startBytes: beyond the body's ${body.sizeBytes} bytes`);
  return { sizeBytes: slice.sizeBytes, bytes: body.bytes.subarray(slice.start, slice.end) };
}
