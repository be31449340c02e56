import { operations } from '../request.ts';
import { dayOf } from './calendar.ts';
import type { TraceFormat, TraceRecord } from './format.ts';
import { spreadTicks } from './spread.ts';
import type { Trace, TraceOrigin } from './trace.ts';

const putIndex = operations.indexOf('put');

/** What the builder can't know of a trace's origin. */
export type FileOrigin = Omit<TraceOrigin, 'outOfOrder' | 'startMs' | 'date'>;

/** Collects records into columns. */
export class TraceBuilder {
  readonly #timeMs: number[] = [];
  readonly #key: number[] = [];
  readonly #op: number[] = [];
  readonly #sizeBytes: number[] = [];
  readonly #client: number[] = [];
  /** Bit 0: joined to the record before; bit 1: no such object. */
  readonly #flags: number[] = [];
  readonly #keys = new Map<string, number>();
  readonly #clients = new Map<string, number>();

  get count(): number {
    return this.#timeMs.length;
  }

  add(record: TraceRecord): void {
    this.#timeMs.push(record.timeMs);
    this.#key.push(numberOf(this.#keys, record.key));
    this.#op.push(operations.indexOf(record.op));
    this.#sizeBytes.push(record.sizeBytes ?? -1);
    this.#client.push(record.client === undefined ? -1 : numberOf(this.#clients, record.client));
    this.#flags.push((record.joined ? 1 : 0) | (record.missing ? 2 : 0));
  }

  /** The trace, sorted by time (records of one time keep their order), from time 0, spread over the grid. At least one record. */
  build(origin: FileOrigin, format: TraceFormat, unknownSizeBytes = format.unknownSizeBytes): Trace {
    const { gridMs, hasEpoch } = format;
    const { order, outOfOrder } = this.#order();
    const pick = (column: readonly number[]) => order.map((i) => column[i] ?? 0);
    const absoluteMs = Float64Array.from(order, (i) => this.#timeMs[i] ?? 0);
    const startMs = absoluteMs[0] ?? 0;
    const timeMs = absoluteMs.map((t) => t - startMs);
    const durationMs = (timeMs[timeMs.length - 1] ?? 0) + Math.max(gridMs, 1);
    const flags = Uint8Array.from(pick(this.#flags));
    if (gridMs > 0)
      spreadTicks(
        timeMs,
        flags.map((flag) => flag & 1),
        gridMs,
      );
    const key = Uint32Array.from(pick(this.#key));
    const op = Uint8Array.from(pick(this.#op));
    const sizeBytes = Float64Array.from(order, (i) => this.#sizeBytes[i] ?? -1);
    return {
      origin: { ...origin, outOfOrder, startMs, ...(hasEpoch ? { date: dayOf(startMs) } : {}) },
      count: this.count,
      durationMs,
      timeMs,
      key,
      op,
      sizeBytes,
      client: Int32Array.from(order, (i) => this.#client[i] ?? -1),
      clientCount: this.#clients.size,
      keys: [...this.#keys.keys()],
      keySizeBytes: firstSizes(this.#keys.size, key, sizeBytes, unknownSizeBytes),
      storedBefore: readBeforeWritten(this.#keys.size, key, op, flags),
    };
  }

  #order(): { readonly order: Uint32Array; readonly outOfOrder: number } {
    const timeMs = this.#timeMs;
    let latestMs = -Infinity;
    let outOfOrder = 0;
    for (const t of timeMs) {
      if (t < latestMs) outOfOrder++;
      else latestMs = t;
    }
    const order = Uint32Array.from(timeMs, (_, i) => i);
    if (outOfOrder > 0) order.sort((a, b) => (timeMs[a] ?? 0) - (timeMs[b] ?? 0) || a - b);
    return { order, outOfOrder };
  }
}

/** The number of a name, from 0 in order of appearance. */
function numberOf(table: Map<string, number>, name: string): number {
  const known = table.get(name);
  if (known !== undefined) return known;
  table.set(name, table.size);
  return table.size - 1;
}

function firstSizes(
  keyCount: number,
  key: Uint32Array,
  sizeBytes: Float64Array,
  unknownSizeBytes: number,
): Float64Array {
  const sizes = new Float64Array(keyCount).fill(-1);
  for (let i = key.length - 1; i >= 0; i--) {
    const size = sizeBytes[i] ?? -1;
    if (size >= 0) sizes[key[i] ?? 0] = size;
  }
  return sizes.map((size) => (size < 0 ? unknownSizeBytes : size));
}

/** Marks the keys that some request finds before the first put. */
function readBeforeWritten(keyCount: number, key: Uint32Array, op: Uint8Array, flags: Uint8Array): Uint8Array {
  const stored = new Uint8Array(keyCount);
  const written = new Uint8Array(keyCount);
  for (let i = 0; i < key.length; i++) {
    const index = key[i] ?? 0;
    if (op[i] === putIndex) written[index] = 1;
    else if (written[index] === 0 && ((flags[i] ?? 0) & 2) === 0) stored[index] = 1;
  }
  return stored;
}
