import { parseSerial, type Serial, SerialFloors } from './serial.ts';

/**
 * Blocks that no object ever referred to and that are being deleted: no commit may name them any more. They are remembered
 * by id for a stated time, and then by their writer's latest one: what was written before that is refused as well, for
 * its upload is older than the time. So the memory is bounded and the refusal is for ever.
 */
export class CondemnedBlocks {
  /** Since when, in cluster time; oldest first. */
  readonly #sinceMs = new Map<string, number>();
  readonly #floors = new SerialFloors();

  /** Those that are remembered by id. */
  get size(): number {
    return this.#sinceMs.size;
  }

  has(id: string): boolean {
    if (this.#sinceMs.has(id)) return true;
    const serial = this.#floors.isEmpty ? undefined : parseSerial(id);
    return serial !== undefined && this.#floors.covers(serial);
  }

  add(id: string, sinceMs: number): void {
    if (!this.#sinceMs.has(id)) this.#sinceMs.set(id, sinceMs);
  }

  /** Goes on without the ids of those condemned before `beforeMs`; ids of another form are kept. */
  forget(beforeMs: number): void {
    if (this.#sinceMs.size === 0) return;
    for (const [id, sinceMs] of this.#sinceMs) {
      if (sinceMs >= beforeMs) return;
      const serial = parseSerial(id);
      if (serial === undefined) continue;
      this.#floors.raise(serial);
      this.#sinceMs.delete(id);
    }
  }

  entries(): Iterable<readonly [string, number]> {
    return this.#sinceMs;
  }

  floors(): Iterable<Serial> {
    return this.#floors.all();
  }

  restoreFloor(serial: Serial): void {
    this.#floors.raise(serial);
  }
}
