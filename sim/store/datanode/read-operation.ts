import type { Body, DiskHandler, DiskResult, Exchange } from '../../host.ts';
import { crc32c } from '../hash.ts';
import type { ByteRange, DataRefusal, DataReply } from '../messages/block.ts';
import type { BlockEntry } from './block-index.ts';
import type { CommitWaiter } from './commit-queue.ts';
import { isValidRange, sliceOf } from './range.ts';
import { isValidId, verifiedBody } from './record-format.ts';
import type { ServiceCore } from './service-core.ts';

/** What a read may use of its data node. */
export interface ReadService extends ServiceCore {
  /** A read, or a copy for another node, has answered. */
  readEnded(operation: ReadOperation, copy: boolean): void;
}

/**
 * One read for a client, or one copy for another node (no `key`, whole block). The whole record is read and verified
 * before a range of it is returned; `checksum` in the answer is the CRC32C of the bytes in that answer.
 */
export class ReadOperation implements DiskHandler, CommitWaiter {
  readonly #service: ReadService;
  #state: 'idle' | 'awaiting-commit' | 'reading' = 'idle';
  #exchange: Exchange | undefined;
  #id = '';
  #partition = 0;
  #key: string | undefined;
  #range: ByteRange | undefined;
  #entry: BlockEntry | undefined;

  constructor(service: ReadService) {
    this.#service = service;
  }

  get state(): string {
    return this.#state;
  }

  start(
    exchange: Exchange,
    id: string,
    partition: number,
    key: string | undefined,
    range: ByteRange | undefined,
  ): void {
    this.#exchange = exchange;
    this.#id = id;
    this.#partition = partition;
    this.#key = key;
    this.#range = range;
    this.#look();
  }

  /** The write that this read had run into has become durable, or was taken back. */
  onDurable(): void {
    this.#look();
  }

  onDisk(_tag: number, result: DiskResult): void {
    const entry = this.#entry;
    if (entry === undefined) return;
    const body = result.ok && result.bytes !== undefined ? verifiedBody(result.bytes, entry) : undefined;
    if (body === undefined) {
      const { health, log } = this.#service;
      health.quarantine(log, entry, this.#key === undefined ? 'copy' : 'read');
      this.#refuse('corrupt', result.ok ? 'checksum does not match' : result.error);
      return;
    }
    entry.verified = true;
    this.#answer(entry, body);
  }

  #look(): void {
    const { log } = this.#service;
    const entry = log.index.get(this.#partition, this.#id);
    if (entry === undefined) {
      if (!isValidId(this.#id)) this.#refuse('bad-request', 'id: accepted are 1 to 128 printable ASCII characters');
      else this.#refuse('absent', '');
    } else if (entry.quarantined) {
      this.#refuse('corrupt', 'quarantined');
    } else if (!log.isDurable(entry)) {
      this.#state = 'awaiting-commit';
      log.whenDurable(entry, this);
    } else {
      this.#state = 'reading';
      this.#entry = entry;
      log.read(entry, this, 0);
    }
  }

  #answer(entry: BlockEntry, body: Uint8Array): void {
    const { sizeBytes, checksum, generation } = entry;
    const range = this.#range;
    if (range === undefined) {
      this.#send({ sizeBytes, bytes: body }, checksum, generation);
      return;
    }
    const slice = isValidRange(range) ? sliceOf(range, sizeBytes, body.length) : undefined;
    if (slice === undefined) {
      const found = `${range.startBytes}+${range.lengthBytes}`;
      this.#refuse('bad-request', `range: found ${found}, accepted are parts of the block's ${sizeBytes} bytes`);
      return;
    }
    const bytes = body.subarray(slice.start, slice.end);
    this.#send({ sizeBytes: slice.sizeBytes, bytes }, crc32c(bytes), generation);
  }

  #send(body: Body, checksum: number, generation: number): void {
    const key = this.#key;
    if (key !== undefined) this.#service.served('read', key, this.#partition, body.sizeBytes, true);
    const reply: DataReply = { kind: 'block.data', body, checksum, generation };
    this.#exchange?.reply(reply);
    this.#end();
  }

  #refuse(refusal: DataRefusal, detail: string): void {
    const key = this.#key;
    if (key !== undefined) this.#service.served('read', key, this.#partition, 0, false);
    this.#exchange?.reply(this.#service.refusal(refusal, detail));
    this.#end();
  }

  #end(): void {
    this.#state = 'idle';
    this.#exchange = undefined;
    this.#entry = undefined;
    this.#service.readEnded(this, this.#key === undefined);
  }
}
