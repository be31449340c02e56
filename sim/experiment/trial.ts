import { Kernel } from '../kernel/kernel.ts';
import type { RunRecord } from '../record/schema.ts';
import { openTraffic } from '../traffic/open.ts';
import type { TrafficPlan } from '../traffic/plan.ts';
import { FaultInjector } from '../world/faults/injector.ts';
import type { BulkRun } from './bulk.ts';
import { Cluster } from './cluster.ts';
import { convergenceMs } from './convergence-time.ts';
import { withDeterminism } from './determinism-check.ts';
import { TrafficDriver } from './driver.ts';
import { faultSpecs } from './faults.ts';
import { LiveRoles } from './live-roles.ts';
import type { ResolvedVariant } from './load.ts';
import { Observation } from './observation.ts';
import { faultRegistry } from './operations.ts';
import { abandonReadBack, fillStore, type ReadBack, readBack } from './stock.ts';
import type { Trial } from './trial-input.ts';
import { UserError } from './user-error.ts';
import type { TrialStation, TrialWatcher } from './watcher.ts';

/** Requests per second below which a load is taken for an accident: a trace at its own pace, a slip of the pen. */
const LEAST_RATE = 1;

/** Virtual time that a cluster may take to come up, and to store what must be there before traffic begins. */
const START_LIMIT_MS = 60_000;
/** Pause between the filling and time 0, in which stragglers end. */
const SETTLE_MS = 3_000;
const FILL_LIMIT_MS = 3_600_000;
/** Where nobody answers, reading on would only cost time: what is not read by then has no answer. */
const READ_BACK_LIMIT_MS = 3_600_000;

/** How long requests may linger after the traffic has ended, before what is left of them counts as unanswered. */
const LINGER_MS = 15_000;

/**
 * Runs a trial in virtual time, from an empty cluster to the read-back of what was acknowledged, and gives its record.
 *
 * The course: boot everything, fill the store through the clients, then play traffic and faults from time 0; afterwards wait
 * until the cluster is whole again or its time for that is over, and read back.
 *
 * @throws UserError or TrafficError if something in the scenario can't be run.
 */
export async function runTrial(trial: Trial, watcher?: TrialWatcher): Promise<RunRecord> {
  const plan = await trafficOf(trial.root, trial.variant, trial.seed);
  const record = playTrial(trial, plan, watcher);
  return trial.variant.scenario.checks.determinism ? withDeterminism(record, trial, plan, playTrial) : record;
}

/** The part of {@link runTrial} that is virtual time only, on traffic that was opened before with {@link trafficOf}. */
export function playTrial(trial: Trial, plan: TrafficPlan, watcher: TrialWatcher = {}): RunRecord {
  return new TrialRun(trial, plan, watcher).run();
}

/**
 * Checks, without running, what {@link runTrial} would complain of: traffic files, settings of components, targets of faults.
 *
 * @throws UserError, TrafficError or AlgorithmError.
 */
export async function checkTrial(root: string, variant: ResolvedVariant): Promise<void> {
  const plan = await trafficOf(root, variant, 1);
  const perSecond = (1_000 * plan.expectedRequests) / plan.durationMs;
  if (perSecond < LEAST_RATE) {
    const found = `${Math.round(plan.expectedRequests)} requests in ${plan.durationMs / 1_000} s (${plan.describe()})`;
    throw new UserError(`traffic: found ${found}; accepted: at least ${LEAST_RATE} a second: raise rate or timeScale`);
  }
  new TrialRun({ root, variant, seed: 1, command: '' }, plan, {}).boot();
}

/** Opens the traffic of a variant for one seed. @throws TrafficError if a file can't be read, or the traffic would be nil. */
export function trafficOf(root: string, { scenario }: ResolvedVariant, seed: number): Promise<TrafficPlan> {
  return openTraffic(scenario.traffic, { root, seed, durationMs: scenario.duration });
}

class TrialRun {
  readonly #trial: Trial;
  readonly #plan: TrafficPlan;
  readonly #kernel: Kernel;
  readonly #cluster: Cluster;
  readonly #observation: Observation;
  readonly #faults: FaultInjector;
  readonly #watcher: TrialWatcher;

  constructor(trial: Trial, plan: TrafficPlan, watcher: TrialWatcher) {
    const { scenario } = trial.variant;
    this.#trial = trial;
    this.#plan = plan;
    this.#watcher = watcher;
    this.#kernel = new Kernel(String(trial.seed));
    const roles = new LiveRoles();
    this.#cluster = new Cluster(this.#kernel, scenario, (node, event) => {
      roles.hear(event);
      if (!roles.isOutdated(node, event)) this.#observation.hear(node, event);
      watcher.onEvent?.(node, event, this.#kernel.nowMs);
    });
    this.#observation = new Observation(trial, this.#kernel, this.#cluster, plan);
    const registry = faultRegistry(() => this.#cluster);
    this.#faults = explained(
      () => new FaultInjector(this.#cluster.world, registry, faultSpecs(scenario.faults, registry), { dynamic: roles }),
    );
  }

  /** Starts all processes: configuration that a component refuses shows here. */
  boot(): void {
    this.#cluster.start();
  }

  run(): RunRecord {
    const { scenario } = this.#trial.variant;
    const kernel = this.#kernel;
    this.#pass('built');
    this.boot();
    this.#await(() => this.#cluster.ready, START_LIMIT_MS, 'the cluster did not come up');
    this.#complete(
      fillStore(this.#cluster.clients, this.#plan.keySpace),
      FILL_LIMIT_MS,
      'the store could not be filled',
    );

    // From here on time counts, from a multiple of the record's bucket width, where the kernel's ticks fall.
    const { everyMs } = this.#observation;
    const originMs = Math.ceil((kernel.nowMs + SETTLE_MS) / everyMs) * everyMs;
    kernel.run(originMs);
    this.#pass('filled');
    this.#observation.begin(originMs, this.#faults);
    const driver = new TrafficDriver(
      kernel,
      this.#cluster.clients,
      this.#plan.source((purpose) => kernel.stream(purpose)),
      originMs,
    );
    driver.start();
    this.#faults.arm(originMs);
    kernel.run(originMs + scenario.duration);
    this.#observation.end();
    this.#pass('ended');

    kernel.runUntil(() => driver.answered >= driver.sent, kernel.nowMs + LINGER_MS);
    const quietMs = originMs + this.#lastFaultEndMs();
    const isSettled = () => kernel.nowMs >= quietMs && this.#observation.whole;
    kernel.runUntil(isSettled, kernel.nowMs + convergenceMs(scenario));
    kernel.run(kernel.nowMs + scenario.checks.rest);
    this.#observation.close();
    this.#pass('settled');
    const reading = readBack(this.#cluster.livingClients, this.#observation.acknowledged());
    reading.run.start();
    kernel.runUntil(() => reading.run.done, kernel.nowMs + READ_BACK_LIMIT_MS);
    const read = abandonReadBack(reading);
    this.#pass('read-back', read);
    return this.#observation.record({
      faults: this.#faults,
      sent: driver.sent,
      answered: driver.answered,
      openWrites: driver.openWrites,
      readBack: read,
      fingerprint: kernel.fingerprint(),
    });
  }

  /** When the last of the faults that end is over; they may outlast the traffic. */
  #lastFaultEndMs(): number {
    return this.#faults.planned().reduce((last, { endMs }) => Math.max(last, endMs ?? 0), 0);
  }

  #pass(station: TrialStation, readBack: readonly ReadBack[] = []): void {
    this.#watcher.onStation?.(station, { kernel: this.#kernel, cluster: this.#cluster, readBack });
  }

  #complete<Item>(run: BulkRun<Item>, limitMs: number, failure: string): void {
    run.start();
    this.#await(() => run.done, limitMs, failure);
  }

  #await(condition: () => boolean, limitMs: number, failure: string): void {
    const { kernel } = this.#cluster.world;
    if (!kernel.runUntil(condition, kernel.nowMs + limitMs)) {
      throw new UserError(
        `${this.#trial.variant.scenario.name}/${this.#trial.variant.name}: ${failure} within ${limitMs / 1_000} s of virtual time`,
      );
    }
  }
}

function explained<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error));
  }
}
