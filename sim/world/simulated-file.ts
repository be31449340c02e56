const FIRST_CHUNK_BYTES = 1024;
const LARGEST_CHUNK_BYTES = 256 * 1024;

interface Chunk {
  /** Offset in the file of its first byte. */
  readonly startBytes: number;
  readonly bytes: Uint8Array;
  usedBytes: number;
}

/** What {@link SimulatedFile.truncate} cut off, so that it can be put back. */
export interface Cut {
  /** Length that the file was cut to. */
  readonly toBytes: number;
  readonly chunks: readonly Chunk[];
  readonly ends: readonly number[];
  readonly charges: readonly number[];
  readonly lengthBytes: number;
  readonly syncedBytes: number;
}

/**
 * The content of a file that only grows at the end or is cut there. Chunked, so that a long log is never copied, and
 * what was appended as one piece is read back as one view. It knows its declared size beside its real length.
 */
export class SimulatedFile {
  lengthBytes = 0;
  /** This prefix survives a crash. */
  syncedBytes = 0;
  /** True once its name is durable. */
  everSynced = false;
  /** After a failed sync no later one makes more than this durable: the pages that it could not write count as clean. */
  durableLimitBytes = Number.POSITIVE_INFINITY;
  /** True once a bit of it was flipped. */
  rotten = false;
  /** No change of this file that was issued so far takes effect later than this. */
  lastChangeMs = 0;

  #chunks: Chunk[] = [];
  /** Offsets where appends ended, and the declared size of the file up to there. */
  #ends: number[] = [];
  #charges: number[] = [];

  /** Declared size, in bytes. */
  get chargedBytes(): number {
    return this.#charges.at(-1) ?? 0;
  }

  append(bytes: Uint8Array, chargedBytes: number): void {
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.bytes.length - chunk.usedBytes < bytes.length) {
      const doubled = chunk === undefined ? FIRST_CHUNK_BYTES : Math.min(2 * chunk.bytes.length, LARGEST_CHUNK_BYTES);
      chunk = {
        startBytes: this.lengthBytes,
        bytes: new Uint8Array(Math.max(doubled, bytes.length)),
        usedBytes: 0,
      };
      this.#chunks.push(chunk);
    }
    chunk.bytes.set(bytes, chunk.usedBytes);
    chunk.usedBytes += bytes.length;
    this.lengthBytes += bytes.length;
    this.#charge(bytes.length, chargedBytes);
  }

  /** The bytes in [offset, offset + length), which must lie within the file. A view where possible: not to be written to. */
  read(offset: number, lengthBytes: number): Uint8Array {
    let index = this.#chunkAt(offset);
    const first = this.#chunks[index];
    if (first === undefined || lengthBytes === 0) return new Uint8Array(0);
    const within = offset - first.startBytes;
    if (within + lengthBytes <= first.usedBytes) return first.bytes.subarray(within, within + lengthBytes);
    const result = new Uint8Array(lengthBytes);
    let done = 0;
    while (done < lengthBytes) {
      const chunk = this.#chunks[index++];
      if (chunk === undefined)
        throw new RangeError(`read beyond the end: ${offset} + ${lengthBytes} > ${this.lengthBytes}`);
      const from = offset + done - chunk.startBytes;
      const piece = chunk.bytes.subarray(from, Math.min(chunk.usedBytes, from + lengthBytes - done));
      result.set(piece, done);
      done += piece.length;
    }
    return result;
  }

  /** Flips bits of the byte at `offset`, which must lie within the file. What was read before keeps the old byte. */
  corrupt(offset: number, mask: number): void {
    const index = this.#chunkAt(offset);
    const chunk = this.#chunks[index];
    if (chunk === undefined || offset >= this.lengthBytes)
      throw new RangeError(`corrupt beyond the end: ${offset} >= ${this.lengthBytes}`);
    this.rotten = true;
    const bytes = chunk.bytes.slice();
    const within = offset - chunk.startBytes;
    bytes[within] = (bytes[within] ?? 0) ^ mask;
    this.#chunks = this.#chunks.with(index, { ...chunk, bytes });
  }

  /** Cuts the file at `lengthBytes`, which is at most its length. */
  truncate(lengthBytes: number): Cut {
    const cut: Cut = {
      toBytes: lengthBytes,
      chunks: this.#chunks,
      ends: this.#ends,
      charges: this.#charges,
      lengthBytes: this.lengthBytes,
      syncedBytes: this.syncedBytes,
    };
    const chargedBytes = this.#chargedUpTo(lengthBytes);
    this.#chunks = this.#chunks.filter((chunk) => chunk.startBytes < lengthBytes);
    const last = this.#chunks.pop();
    if (last !== undefined) {
      // A fresh chunk: views of the old one may still be in use, and the cut may be undone.
      const kept = last.bytes.slice(0, Math.min(last.usedBytes, lengthBytes - last.startBytes));
      this.#chunks.push({ startBytes: last.startBytes, bytes: kept, usedBytes: kept.length });
    }
    const whole = this.#ends.findIndex((end) => end > lengthBytes);
    this.#ends = whole < 0 ? this.#ends.slice() : this.#ends.slice(0, whole);
    this.#charges = this.#charges.slice(0, this.#ends.length);
    if ((this.#ends.at(-1) ?? 0) < lengthBytes) {
      this.#ends.push(lengthBytes);
      this.#charges.push(chargedBytes);
    }
    this.lengthBytes = lengthBytes;
    this.syncedBytes = Math.min(this.syncedBytes, lengthBytes);
    if (lengthBytes <= this.durableLimitBytes) this.durableLimitBytes = Number.POSITIVE_INFINITY;
    return cut;
  }

  /** True if nothing was appended or cut since. */
  untouchedSince(cut: Cut): boolean {
    return this.lengthBytes === cut.toBytes;
  }

  /** Puts back what a truncation cut off, if nothing was appended since. */
  restore(cut: Cut): void {
    this.#chunks = [...cut.chunks];
    this.#ends = [...cut.ends];
    this.#charges = [...cut.charges];
    this.lengthBytes = cut.lengthBytes;
    this.syncedBytes = cut.syncedBytes;
  }

  #charge(lengthBytes: number, chargedBytes: number): void {
    const ends = this.#ends;
    const charges = this.#charges;
    const last = ends.length - 1;
    const total = (charges[last] ?? 0) + chargedBytes;
    // Bytes charged at their real size after others like them need no mark of their own.
    if (last >= 0 && lengthBytes === chargedBytes && this.#slopeIsOne(last)) {
      ends[last] = this.lengthBytes;
      charges[last] = total;
      return;
    }
    ends.push(this.lengthBytes);
    charges.push(total);
  }

  #slopeIsOne(mark: number): boolean {
    const length = (this.#ends[mark] ?? 0) - (this.#ends[mark - 1] ?? 0);
    return length === (this.#charges[mark] ?? 0) - (this.#charges[mark - 1] ?? 0);
  }

  /** Declared size of the first `lengthBytes`, in proportion within an append. */
  #chargedUpTo(lengthBytes: number): number {
    const mark = this.#ends.findIndex((end) => end >= lengthBytes);
    if (mark < 0 || lengthBytes === 0) return 0;
    const from = this.#ends[mark - 1] ?? 0;
    const fromCharge = this.#charges[mark - 1] ?? 0;
    const share = (lengthBytes - from) / ((this.#ends[mark] ?? 0) - from);
    return Math.round(fromCharge + share * ((this.#charges[mark] ?? 0) - fromCharge));
  }

  /** Index of the chunk that holds `offset`. */
  #chunkAt(offset: number): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const start = this.#chunks[middle]?.startBytes ?? 0;
      if (start <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
