import type { Body, DiskHandler, DiskResult, Exchange } from '../../host.ts';
import { crc32c } from '../hash.ts';
import type { ByteRange, DataRefusal, DataReply } from '../messages/block.ts';
import type { BlockEntry } from './block-index.ts';
import type { CommitWaiter } from './commit-queue.ts';
import type { LoadMeter } from './load-meter.ts';
import { isValidRange, sliceOf } from './range.ts';
import { isValidId, verifiedBody } from './record-format.ts';
import type { ServiceCore } from './service-core.ts';

/** What a read may use of its data node. */
export interface ReadService extends ServiceCore {
  readonly meter: LoadMeter;
  /** Requests that were not answered yet. */
  readonly inFlight: number;
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
  /** When it was taken up, if its answer is to tell of the load; −1 if not. */
  #startedMs = -1;
  /** Requests that were in progress then, itself not counted. */
  #found = 0;

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
    wantsLoad: boolean,
  ): void {
    this.#exchange = exchange;
    this.#id = id;
    this.#partition = partition;
    this.#key = key;
    this.#range = range;
    this.#startedMs = wantsLoad ? this.#service.meter.nowMs() : -1;
    this.#found = this.#service.inFlight - 1;
    this.#look();
  }

  /** The write that this read had run into has become durable, or was taken back. */
  onDurable(): void {
    this.#look();
  }

  onDisk(_tag: number, result: DiskResult): void {
    const entry = this.#entry;
    if (entry === undefined) return;
    // Nobody waits any more: neither the checksum nor the network need be troubled.
    if (this.#exchange?.aborted) return this.#end();
    const { health, log } = this.#service;
    const found = this.#key === undefined ? 'copy' : 'read';
    if (!result.ok) {
      const givenUp = health.readFailed(log, entry, result.error, found);
      this.#refuse(givenUp ? 'corrupt' : 'io-error', `the disk says ${result.error}`);
      return;
    }
    const body = result.bytes === undefined ? undefined : verifiedBody(result.bytes, entry);
    if (body === undefined) {
      health.quarantine(log, entry, found);
      this.#refuse('corrupt', 'checksum does not match');
      return;
    }
    health.readWell(entry);
    this.#answer(entry, body);
  }

  #look(): void {
    const { log } = this.#service;
    if (this.#exchange?.aborted) return this.#end();
    const entry = log.index.get(this.#partition, this.#id);
    if (entry === undefined) {
      const found = JSON.stringify(this.#id);
      if (isValidId(this.#id)) this.#refuse('absent', '');
      else this.#refuse('bad-request', `id: found ${found}, accepted are 1 to 128 printable ASCII characters`);
    } else if (this.#range !== undefined && !isWithin(this.#range, entry)) {
      this.#refuse('bad-request', rangeFault(this.#range, entry.sizeBytes));
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
    const slice = sliceOf(range, sizeBytes, body.length);
    if (slice === undefined) return this.#refuse('bad-request', rangeFault(range, sizeBytes));
    const bytes = body.subarray(slice.start, slice.end);
    this.#send({ sizeBytes: slice.sizeBytes, bytes }, crc32c(bytes), generation);
  }

  #send(body: Body, checksum: number, generation: number): void {
    const key = this.#key;
    if (key !== undefined) this.#service.served('read', key, this.#partition, body.sizeBytes, true);
    this.#exchange?.reply(this.#reply(body, checksum, generation));
    this.#end();
  }

  #reply(body: Body, checksum: number, generation: number): DataReply {
    if (this.#startedMs < 0) return { kind: 'block.data', body, checksum, generation };
    const { meter, inFlight } = this.#service;
    const load = meter.measured(this.#startedMs, this.#found, inFlight - 1);
    return { kind: 'block.data', body, checksum, generation, load };
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

function isWithin(range: ByteRange, { sizeBytes }: BlockEntry): boolean {
  return isValidRange(range) && range.startBytes < sizeBytes;
}

function rangeFault({ startBytes, lengthBytes }: ByteRange, sizeBytes: number): string {
  return `range: found ${lengthBytes} bytes from ${startBytes}, accepted are parts of the block's ${sizeBytes} bytes`;
}
