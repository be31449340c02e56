import { Bench } from 'tinybench';
import { HeapKernel } from './heap-kernel.ts';
import { type EventHandler, Kernel } from './kernel.ts';
import { type ModelResult, SharedQueue, TwoChoices } from './queueing-models.ts';
import { SeededStream } from './random-stream.ts';

/** Figures of one queueing model run alone. */
export interface ModelFigures {
  readonly customers: number;
  readonly events: number;
  readonly wallSeconds: number;
  readonly eventsPerSecond: number;
  /** Mean response time in units of 1/μ. */
  readonly mean: number;
}

/** Figures of the hold operation: take the earliest event, schedule it again. */
export interface HoldFigures {
  readonly pending: number;
  readonly delays: string;
  /** Medians over interleaved rounds, per hold operation. */
  readonly kernelNs: number;
  readonly heapNs: number;
  /** How many times faster than a binary heap of objects: median of the rounds' ratios. */
  readonly ratio: number;
}

const CUSTOMERS = 1_000_000;

/** M/M/1 at load 0.9, after a warm-up run. */
export function mm1(customers = CUSTOMERS): ModelFigures {
  return timed(() => new SharedQueue(new Kernel('mm1'), customers, 0.9, 1));
}

/** Two choices among 1,000 queues at load 0.9, after a warm-up run. */
export function p2c(customers = CUSTOMERS): ModelFigures {
  return timed(() => new TwoChoices(new Kernel('p2c'), customers, 0.9, 1000));
}

function timed(model: () => { run(): ModelResult }): ModelFigures {
  let result: ModelResult = { customers: 0, events: 0, meanResponse: 0 };
  const bench = new Bench({ warmup: true, warmupIterations: 1, warmupTime: 0, iterations: 1, time: 0, throws: true });
  bench.add('model', () => {
    result = model().run();
  });
  bench.runSync();
  const wallSeconds = latencyMs(bench, 'model') / 1000;
  const { customers, events, meanResponse } = result;
  return { customers, events, wallSeconds, eventsPerSecond: events / wallSeconds, mean: meanResponse };
}

const SIZES = [1, 100, 10_000, 1_000_000];
const DELAYS: readonly { readonly name: string; draw(random: SeededStream): number }[] = [
  { name: 'uniform', draw: (random) => 2 * random.next() },
  { name: 'bimodal', draw: (random) => (random.next() < 0.9 ? 0.01 * random.next() : 120_000 * random.next()) },
];

/** Hold operations on the kernel and on a binary heap of objects, in turns. */
export function hold(rounds = 7): HoldFigures[] {
  const figures: HoldFigures[] = [];
  for (const pending of SIZES) {
    for (const delays of DELAYS) {
      const random = new SeededStream('delays', 'hold');
      const drawn = Float64Array.from({ length: DELAYS_DRAWN }, () => delays.draw(random));
      const holds = pending > 100_000 ? 300_000 : 1_000_000;
      const kernel = new Hold(new Kernel('hold'), drawn, pending);
      const heap = new Hold(new HeapKernel(), drawn, pending);
      const samples = interleave(rounds, { kernel: () => kernel.run(holds), heap: () => heap.run(holds) });
      const perHold = (ms: number) => (ms * 1e6) / holds;
      figures.push({
        pending,
        delays: delays.name,
        kernelNs: perHold(median(samples.map((sample) => sample.kernel))),
        heapNs: perHold(median(samples.map((sample) => sample.heap))),
        ratio: median(samples.map((sample) => sample.heap / sample.kernel)),
      });
    }
  }
  return figures;
}

const DELAYS_DRAWN = 1 << 16;

interface HoldKernel {
  schedule(delayMs: number, handler: EventHandler, op: number, arg: unknown): unknown;
  run(untilMs: number): void;
  stop(): void;
}

class Hold implements EventHandler {
  readonly #kernel: HoldKernel;
  readonly #delays: Float64Array;
  #drawn = 0;
  #left = 0;

  constructor(kernel: HoldKernel, delays: Float64Array, pending: number) {
    this.#kernel = kernel;
    this.#delays = delays;
    for (let i = 0; i < pending; i++) this.#schedule();
    this.run(pending);
  }

  run(holds: number): void {
    this.#left = holds;
    this.#kernel.run(Number.POSITIVE_INFINITY);
  }

  onEvent(): void {
    this.#schedule();
    if (--this.#left === 0) this.#kernel.stop();
  }

  #schedule(): void {
    this.#kernel.schedule(this.#delays[this.#drawn++ & (DELAYS_DRAWN - 1)] ?? 0, this, 0, undefined);
  }
}

/** One sample of each contender a round, in ms, so that a slow spell of the machine hits both. */
function interleave(rounds: number, contenders: { kernel(): void; heap(): void }): { kernel: number; heap: number }[] {
  const samples: { kernel: number; heap: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const bench = new Bench({ warmup: false, iterations: 1, time: 0, throws: true });
    bench.add('kernel', contenders.kernel).add('heap', contenders.heap);
    bench.runSync();
    // The first round warms up.
    if (round > 0) samples.push({ kernel: latencyMs(bench, 'kernel'), heap: latencyMs(bench, 'heap') });
  }
  return samples;
}

function latencyMs(bench: Bench, task: string): number {
  const result = bench.getTask(task)?.result;
  if (result?.state !== 'completed') throw new Error(`benchmark ${task} did not complete`);
  return result.latency.mean;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
