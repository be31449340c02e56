import { KeyHistory } from './key-history.ts';
import type { OperationEvent } from './operation.ts';

/** Told which keys are followed. */
export interface KeyListener {
  onKey(key: string): void;
  onDropped(key: string): void;
}

/**
 * The checker's own model of the store, in bounded memory: the history of every key while there are few, of an even
 * sample of the keys beyond. When it is full, the keys whose hash is in the upper half are dropped and no longer
 * taken: adaptive sampling (Wegman 1984; Flajolet, "On adaptive sampling", Computing 1990).
 */
export class KeyModel {
  /** Told of keys that are followed from now on, or no longer. */
  listener: KeyListener | undefined;
  readonly #most: number;
  readonly #histories = new Map<string, KeyHistory>();
  /** Keys with a hash below it are in the sample. */
  #below = 4294967296;

  constructor(mostKeys: number) {
    if (!(Number.isInteger(mostKeys) && mostKeys >= 1)) {
      throw new RangeError(`checker: mostKeys is ${mostKeys}; a whole number, 1 or more, is accepted`);
    }
    this.#most = mostKeys;
  }

  /** Share of all keys that is followed. */
  get share(): number {
    return this.#below / 4294967296;
  }

  get size(): number {
    return this.#histories.size;
  }

  /** The history of a key, begun if need be; undefined if the key is not in the sample. */
  of(key: string): KeyHistory | undefined {
    const known = this.#histories.get(key);
    if (known !== undefined) return known;
    if (this.#below < 4294967296 && hashOf(key) >= this.#below) return undefined;
    const history = new KeyHistory();
    this.#histories.set(key, history);
    this.listener?.onKey(key);
    while (this.#histories.size > this.#most) this.#halve();
    return this.#histories.get(key);
  }

  /** A version was there before the first operation. */
  preload(key: string, generation: number, checksum: number): void {
    const sinceMs = Number.NEGATIVE_INFINITY;
    this.of(key)?.learn({ generation, checksum, deleted: false, sinceMs, acknowledged: true });
  }

  /** Takes in what a write that ended says of its key. */
  recordWrite(event: OperationEvent, history: KeyHistory, nowMs: number): void {
    const { op, status, generation, checksum } = event;
    const deleted = op === 'delete';
    if (status === 'unknown') {
      if (deleted) history.doubtDelete();
      else history.doubtPut(checksum);
    }
    if (status !== 'ok' || generation === 0) return;
    // A put without a checksum is a condition that did not hold, or an empty body: nothing to compare with.
    if (op === 'put' && checksum === 0) return;
    const content = deleted ? 0 : checksum;
    history.learn({ generation, checksum: content, deleted, sinceMs: nowMs, acknowledged: true });
  }

  /** Takes in what a get that ended says of its key. */
  recordGet({ status, missing, generation, checksum }: OperationEvent, history: KeyHistory, nowMs: number): void {
    if (status !== 'ok' || missing || generation === 0 || checksum === 0) return;
    const newest = history.newest;
    if (newest?.generation === generation && newest.checksum !== 0) return;
    history.learn({ generation, checksum, deleted: false, sinceMs: nowMs, acknowledged: false });
  }

  /** The history of a key, if it is followed; none is begun. */
  known(key: string): KeyHistory | undefined {
    return this.#histories.get(key);
  }

  /** Whether a key is in the sample. */
  follows(key: string): boolean {
    return this.#below === 4294967296 || hashOf(key) < this.#below;
  }

  /** All keys that are followed, in the order in which they came. */
  keys(): Iterable<string> {
    return this.#histories.keys();
  }

  /** The keys with an acknowledged version, in order of their names. */
  acknowledgedKeys(): string[] {
    const keys: string[] = [];
    for (const [key, history] of this.#histories) if (history.acknowledged !== undefined) keys.push(key);
    return keys.sort();
  }

  #halve(): void {
    this.#below /= 2;
    for (const key of this.#histories.keys()) {
      if (hashOf(key) < this.#below) continue;
      this.#histories.delete(key);
      this.listener?.onDropped(key);
    }
  }
}

/** FNV-1a with a final mix, 32 bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return (hash ^ (hash >>> 15)) >>> 0;
}
