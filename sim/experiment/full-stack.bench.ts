import { medianSorted } from 'simple-statistics';
import { now } from 'tinybench';
import type { NodeId, TraceEvent } from '../host.ts';
import { Kernel } from '../kernel/kernel.ts';
import type { TrafficPlan } from '../traffic/plan.ts';
import { Cluster } from './cluster.ts';
import { TrafficDriver } from './driver.ts';
import { type ResolvedVariant, resolveVariant } from './load.ts';
import { defineScenario, type Scenario, type ScenarioInput, scenarioSchema } from './scenario.ts';
import { fillStore } from './stock.ts';
import { playTrial, trafficOf } from './trial.ts';

/** A cluster of the full-stack benchmark, without faults. */
export interface FullStackCluster {
  readonly dataNodes: number;
  readonly gateways: number;
  readonly clients: number;
  readonly partitions: number;
  readonly keys: number;
  /** Of the Zipf law by which keys are popular: so that no node is asked for more than it can do. */
  readonly exponent: number;
  /** Requests per second of virtual time: half of what the disks can do. */
  readonly rate: number;
}

export const SMALL: FullStackCluster = {
  dataNodes: 12,
  gateways: 3,
  clients: 3,
  partitions: 256,
  keys: 1_000,
  exponent: 0.9,
  rate: 1_500,
};

export const LARGE: FullStackCluster = {
  dataNodes: 300,
  gateways: 12,
  clients: 12,
  partitions: 4_096,
  keys: 20_000,
  exponent: 0.6,
  rate: 37_500,
};

/**
 * Logs, their snapshots and what waits to be collected make memory rise and fall in cycles of hundreds of thousands of
 * requests. With these limits a cycle takes a few thousand, so that what would grow without limit shows.
 */
const SHORT_CYCLES: Scenario['cluster']['settings'] = {
  client: {},
  gateway: {},
  dataNode: { segmentBytes: 4 * 1024 * 1024 },
  metadata: { snapshotBytes: 256 * 1024, tokenRevisions: 1_024, garbageGraceMs: 5_000 },
};

/** One run: requests through client, gateway, metadata and data node, and back. */
export interface FullStackRun {
  readonly requests: number;
  /** Kernel events. */
  readonly events: number;
  /** Of the traffic alone: start-up, filling and read-back are left out. */
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** A benchmark ready to be run. */
export class FullStack {
  readonly #variant: ResolvedVariant;
  readonly #plan: TrafficPlan;

  private constructor(variant: ResolvedVariant, plan: TrafficPlan) {
    this.#variant = variant;
    this.#plan = plan;
  }

  /** @param requests - How many to send, about. */
  static async prepare(
    cluster: FullStackCluster,
    requests: number,
    settings?: Scenario['cluster']['settings'],
  ): Promise<FullStack> {
    const variant = variantOf(cluster, requests, settings);
    return new FullStack(variant, await trafficOf('.', variant, SEED));
  }

  /**
   * Runs a trial as `run` and `compare` do, recorder and checks on.
   *
   * @param onRequest - Told how many requests of the traffic have ended, at each of them.
   */
  observed(onRequest?: (ended: number) => void): FullStackRun {
    const requests = Math.round(this.#plan.expectedRequests);
    let span: Span | undefined;
    let run: FullStackRun | undefined;
    let ended = 0;
    const trial = { root: '.', variant: this.#variant, seed: SEED, command: 'bench' };
    const onEvent = (_node: NodeId, event: TraceEvent) => {
      if (event.kind === 'operation' && span !== undefined && run === undefined) onRequest?.(++ended);
    };
    playTrial(trial, this.#plan, {
      onStation: (station, { kernel }) => {
        if (station === 'filled') span = new Span(kernel.eventCount);
        if (station === 'ended') run = span?.end(requests, kernel.eventCount);
      },
      ...(onRequest === undefined ? {} : { onEvent }),
    });
    if (run === undefined) throw new Error('full stack: the trial passed no station');
    return run;
  }

  /** The same course with nobody listening. */
  bare(): FullStackRun {
    const { scenario } = this.#variant;
    const kernel = new Kernel(String(SEED));
    const cluster = new Cluster(kernel, scenario, () => {});
    cluster.start();
    kernel.runUntil(() => cluster.ready, START_MS);
    const fill = fillStore(cluster.clients, this.#plan.keySpace);
    fill.start();
    kernel.runUntil(() => fill.done, Number.POSITIVE_INFINITY);
    kernel.run(kernel.nowMs + SETTLE_MS);
    const originMs = kernel.nowMs;
    const source = this.#plan.source((purpose) => kernel.stream(purpose));
    const driver = new TrafficDriver(kernel, cluster.clients, source, originMs);
    const span = new Span(kernel.eventCount);
    driver.start();
    kernel.run(originMs + scenario.duration);
    return span.end(driver.sent, kernel.eventCount);
  }
}

/** What recorder and checks cost, and what is left without them. Interleaved, so that a slow spell of the machine hits both. */
export interface FullStackFigures {
  readonly cluster: FullStackCluster;
  readonly eventsPerRequest: number;
  /** Requests per second of wall-clock time. */
  readonly best: number;
  readonly median: number;
  /** With nobody listening, median. */
  readonly bareMedian: number;
  /** Median over the rounds of processor time observed over processor time bare, less 1. */
  readonly observers: number;
}

/** Measures a cluster, after a warm-up of two rounds in which the code is compiled. */
export async function fullStack(
  cluster: FullStackCluster,
  requests: number,
  rounds: number,
): Promise<FullStackFigures> {
  const stack = await FullStack.prepare(cluster, requests);
  const pairs: { readonly observed: FullStackRun; readonly bare: FullStackRun }[] = [];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    const pair = { observed: stack.observed(), bare: stack.bare() };
    if (round >= 0) pairs.push(pair);
  }
  const perSecond = ({ requests: served, wallMs }: FullStackRun) => (served * 1_000) / wallMs;
  const observed = pairs.map((pair) => perSecond(pair.observed));
  return {
    cluster,
    eventsPerRequest: median(pairs.map((pair) => pair.observed.events / pair.observed.requests)),
    best: Math.max(...observed),
    median: median(observed),
    bareMedian: median(pairs.map((pair) => perSecond(pair.bare))),
    observers: median(pairs.map((pair) => pair.observed.cpuMs / pair.bare.cpuMs)) - 1,
  };
}

/** What stays in memory after a number of requests. */
export interface MemoryFigure {
  readonly requests: number;
  readonly retainedBytes: number;
  /** Since the row before, per million requests; null in the first. */
  readonly bytesPerMillion: number | null;
}

/** Retained memory in the midst of one long run, each time after a full collection. Needs `--expose-gc`. */
export async function memory(cluster: FullStackCluster, marks: readonly number[]): Promise<MemoryFigure[]> {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('memory: run node with --expose-gc');
  const figures: MemoryFigure[] = [];
  const last = Math.max(...marks);
  const stack = await FullStack.prepare(cluster, last * 1.01, SHORT_CYCLES);
  stack.observed((ended) => {
    if (!marks.includes(ended)) return;
    // The second one frees what the first one has only found.
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    const retainedBytes = heapUsed + external;
    const before = figures.at(-1);
    const grown = before === undefined ? null : retainedBytes - before.retainedBytes;
    const bytesPerMillion = before === undefined || grown === null ? null : (grown * 1e6) / (ended - before.requests);
    figures.push({ requests: ended, retainedBytes, bytesPerMillion });
  });
  return figures;
}

const SEED = 1;
const WARM_UP_ROUNDS = 2;
const START_MS = 60_000;
const SETTLE_MS = 3_000;

/** A stretch of wall-clock and processor time. */
class Span {
  readonly #events: number;
  readonly #wallMs = now();
  readonly #cpu = process.cpuUsage();

  constructor(events: number) {
    this.#events = events;
  }

  end(requests: number, events: number): FullStackRun {
    const wallMs = now() - this.#wallMs;
    const { user, system } = process.cpuUsage(this.#cpu);
    return { requests, events: events - this.#events, wallMs, cpuMs: (user + system) / 1_000 };
  }
}

function variantOf(
  cluster: FullStackCluster,
  requests: number,
  settings: Scenario['cluster']['settings'] | undefined,
): ResolvedVariant {
  const input: ScenarioInput = defineScenario({
    name: 'full-stack',
    question: 'How many requests a second of wall-clock time does a simulated cluster serve?',
    hypothesis: 'It takes as long as its events do, whatever the size of the cluster.',
    duration: (requests / cluster.rate) * 1_000,
    cluster: {
      data: { count: cluster.dataNodes },
      gateways: { count: cluster.gateways },
      clients: { count: cluster.clients },
      partitions: cluster.partitions,
      ...(settings === undefined ? {} : { settings }),
    },
    traffic: {
      rate: cluster.rate,
      keys: { count: cluster.keys, popularity: { kind: 'zipf', exponent: cluster.exponent } },
      sizes: { kind: 'fixed', bytes: '16kb' },
      mix: { get: 0.95, put: 0.05 },
    },
    variants: { 'power-of-two': {} },
  });
  const scenario = scenarioSchema.parse(input);
  return resolveVariant({ file: 'full-stack.bench.ts', scenario, raw: input, sets: [] }, 'power-of-two');
}

function median(values: readonly number[]): number {
  return medianSorted([...values].sort((a, b) => a - b));
}
