import type { RandomStream } from '../../host.ts';
import type { TrafficPlan } from '../plan.ts';
import { operations, type StoredObject, type TrafficRequest } from '../request.ts';
import type { TraceSpec } from '../schema.ts';
import type { Streams, TrafficSource } from '../source.ts';
import type { Trace } from './trace.ts';

/** A recorded trace, replayed: faster or slower, in part, or over and over. */
export class TracePlan implements TrafficPlan {
  readonly durationMs: number;
  readonly expectedRequests: number;
  readonly keyCount: number;
  readonly #trace: Trace;
  readonly #spec: TraceSpec;

  constructor(trace: Trace, spec: TraceSpec, limitMs: number) {
    const loopMs = trace.durationMs / spec.timeScale;
    this.#trace = trace;
    this.#spec = spec;
    this.durationMs = Math.min(limitMs, loopMs * spec.loops);
    const wholeLoops = Math.floor(this.durationMs / loopMs);
    const restMs = (this.durationMs - wholeLoops * loopMs) * spec.timeScale;
    this.expectedRequests = (wholeLoops * trace.count + countBefore(trace.timeMs, restMs)) * spec.sample;
    this.keyCount = trace.storedBefore.reduce((sum, stored) => sum + stored, 0);
  }

  get keySpace(): Iterable<StoredObject> {
    return storedObjects(this.#trace);
  }

  source(streams: Streams): TrafficSource {
    return new TraceSource(this.#trace, this.#spec, this.durationMs, streams);
  }

  describe(): string {
    const { count, keys, origin } = this.#trace;
    const changes = [
      this.#spec.timeScale === 1 ? '' : ` ${this.#spec.timeScale} times as fast`,
      this.#spec.sample === 1 ? '' : ` a share of ${this.#spec.sample}`,
      this.#spec.loops === 1 ? '' : ` ${this.#spec.loops} loops`,
    ];
    return `replay of ${origin.path} (${origin.format}: ${count} requests, ${keys.length} keys)${changes.filter(Boolean).join(',')}`;
  }
}

function countBefore(timeMs: Float64Array, limitMs: number): number {
  let low = 0;
  let high = timeMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timeMs[middle] ?? 0) < limitMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* storedObjects(trace: Trace): Generator<StoredObject> {
  for (let i = 0; i < trace.keys.length; i++) {
    if (trace.storedBefore[i] === 1) yield { key: trace.keys[i] ?? '', sizeBytes: trace.keySizeBytes[i] ?? 0 };
  }
}

class TraceSource implements TrafficSource {
  readonly #trace: Trace;
  readonly #spec: TraceSpec;
  readonly #durationMs: number;
  readonly #sampleStream: RandomStream;
  readonly #clientStream: RandomStream;
  readonly #request: TrafficRequest = { atMs: 0, op: 'get', key: '', sizeBytes: 0, client: 0 };
  /** Size of each object as last put. */
  readonly #sizeBytes: Float64Array;
  #index = 0;
  #loop = 0;

  constructor(trace: Trace, spec: TraceSpec, durationMs: number, streams: Streams) {
    this.#trace = trace;
    this.#spec = spec;
    this.#durationMs = durationMs;
    this.#sampleStream = streams('traffic:sample');
    this.#clientStream = streams('traffic:clients');
    this.#sizeBytes = trace.keySizeBytes.slice();
  }

  next(): TrafficRequest | undefined {
    const i = this.#nextIndex();
    if (i < 0) return undefined;
    const trace = this.#trace;
    const key = trace.key[i] ?? 0;
    const op = operations[trace.op[i] ?? 0] ?? 'get';
    const client = trace.client[i] ?? -1;
    const recorded = trace.sizeBytes[i] ?? -1;
    if (op === 'put' && recorded >= 0) this.#sizeBytes[key] = recorded;
    const request = this.#request;
    request.atMs = this.#atMs(i);
    request.op = op;
    request.key = trace.keys[key] ?? '';
    request.sizeBytes = this.#sizeBytes[key] ?? 0;
    request.client = client >= 0 ? client : this.#clientStream.below(this.#spec.clients);
    return request;
  }

  /** Index of the next request that is played, -1 at the end. */
  #nextIndex(): number {
    const { sample, loops } = this.#spec;
    for (;;) {
      if (this.#index === this.#trace.count) {
        this.#index = 0;
        this.#loop++;
      }
      if (this.#loop >= loops || this.#atMs(this.#index) >= this.#durationMs) return -1;
      const i = this.#index++;
      if (sample === 1 || this.#sampleStream.next() < sample) return i;
    }
  }

  #atMs(index: number): number {
    return ((this.#trace.timeMs[index] ?? 0) + this.#loop * this.#trace.durationMs) / this.#spec.timeScale;
  }
}
