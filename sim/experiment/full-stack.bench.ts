import { now } from 'tinybench';
import { Kernel } from '../kernel/kernel.ts';
import type { TrafficPlan } from '../traffic/plan.ts';
import { Cluster } from './cluster.ts';
import { TrafficDriver } from './driver.ts';
import { type ResolvedVariant, resolveVariant } from './load.ts';
import { defineScenario, type ScenarioInput, scenarioSchema } from './scenario.ts';
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
  static async prepare(cluster: FullStackCluster, requests: number): Promise<FullStack> {
    const variant = variantOf(cluster, requests);
    return new FullStack(variant, await trafficOf('.', variant, SEED));
  }

  /**
   * Runs a trial as `run` and `compare` do, recorder and checks on.
   *
   * @param onRequest - Told how many requests have ended, at each of them.
   */
  observed(onRequest?: (ended: number) => void): FullStackRun {
    let span = new Span(0);
    let run: FullStackRun | undefined;
    let ended = 0;
    const trial = { root: '.', variant: this.#variant, seed: SEED, command: 'bench' };
    playTrial(trial, this.#plan, {
      onStation: (station, { kernel }) => {
        if (station === 'filled') {
          ended = 0;
          span = new Span(kernel.eventCount);
        }
        if (station === 'ended') run = span.end(ended, kernel.eventCount);
      },
      ...(onRequest === undefined
        ? {}
        : {
            onEvent: (_node, event) => {
              if (event.kind === 'operation') onRequest(++ended);
            },
          }),
    });
    if (run === undefined) throw new Error('full stack: the trial passed no station');
    return { ...run, requests: Math.round(this.#plan.expectedRequests) };
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

const SEED = 1;
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

function variantOf(cluster: FullStackCluster, requests: number): ResolvedVariant {
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
