import { Tally } from '../check/check.ts';
import { Kernel } from '../kernel/kernel.ts';
import type { RunRecord } from '../record/schema.ts';
import type { TrafficPlan } from '../traffic/plan.ts';
import { FaultInjector } from '../world/faults/injector.ts';
import { Cluster } from './cluster.ts';
import { TrafficDriver } from './driver.ts';
import { faultSpecs } from './faults.ts';
import { LiveRoles } from './live-roles.ts';
import { faultRegistry } from './operations.ts';
import { fillStore } from './stock.ts';
import type { Trial } from './trial-input.ts';
import type { TrialWatcher } from './watcher.ts';

/** Plays a trial, on traffic that was opened before. */
export type PlayTrial = (trial: Trial, plan: TrafficPlan, watcher: TrialWatcher) => RunRecord;

/**
 * I17: the same scenario, variant and seed take the same course, whether or not anybody looks on. Plays the trial of `record`
 * twice more, the second time up to the end of its traffic and with no recorder, checks or gauges, and adds the verdict.
 */
export function withDeterminism(record: RunRecord, trial: Trial, plan: TrafficPlan, play: PlayTrial): RunRecord {
  const check = {
    id: 'I17',
    statement:
      'The same scenario, variant and seed give the same record to the byte, and the same fingerprint with and without anybody who looks on.',
    kind: 'correctness' as const,
  };
  const tally = new Tally(check);
  const watched = { originMs: 0, fingerprint: '' };
  const again = play(trial, plan, {
    onStation: (station, { kernel }) => {
      if (station === 'filled') watched.originMs = kernel.nowMs;
      if (station === 'ended') watched.fingerprint = kernel.fingerprint();
    },
  });
  const compare = (what: string, first: string, second: string) => {
    if (first === second) tally.pass();
    else tally.fail(`${what}: ${first} against ${second}`, { timeMs: null, event: 'run' });
  };
  compare('fingerprint of a second run', record.fingerprint, again.fingerprint);
  const difference = firstDifference(JSON.stringify(record), JSON.stringify(again));
  compare('record of a second run', difference[0], difference[1]);
  const alone = unwatchedFingerprint(trial, plan, watched.originMs);
  compare('fingerprint at the end of traffic, with nobody looking on', watched.fingerprint, alone);
  const result = tally.result(`${tally.evaluated} comparisons`);
  return { ...record, checks: [...record.checks, result] };
}

const AROUND = 40;

/** The surroundings of the first place where two texts differ; two empty texts if they are equal. */
function firstDifference(first: string, second: string): readonly [string, string] {
  if (first === second) return ['', ''];
  let at = 0;
  while (first[at] === second[at]) at++;
  const from = Math.max(0, at - AROUND);
  return [first.slice(from, at + AROUND), second.slice(from, at + AROUND)];
}

/** The course of a trial up to the end of its traffic with nothing but what takes part in it. */
function unwatchedFingerprint(trial: Trial, plan: TrafficPlan, originMs: number): string {
  const { scenario } = trial.variant;
  const kernel = new Kernel(String(trial.seed));
  // A fault may strike whoever leads.
  const roles = new LiveRoles();
  const cluster = new Cluster(kernel, scenario, (_node, event) => roles.hear(event));
  const registry = faultRegistry(() => cluster);
  const specs = faultSpecs(scenario.faults, registry);
  const faults = new FaultInjector(cluster.world, registry, specs, { dynamic: roles });
  cluster.start();
  kernel.runUntil(() => cluster.ready, originMs);
  const filling = fillStore(cluster.clients, plan.keySpace);
  filling.start();
  kernel.runUntil(() => filling.done, originMs);
  kernel.run(originMs);
  const source = plan.source((purpose) => kernel.stream(purpose));
  new TrafficDriver(kernel, cluster.clients, source, originMs).start();
  faults.arm(originMs);
  kernel.run(originMs + scenario.duration);
  return kernel.fingerprint();
}
