import type { RunRecord } from '../record/schema.ts';
import type { TrafficPlan } from '../traffic/plan.ts';
import type { Trial } from './trial-input.ts';

/** What a record says of its trial before anything has run. */
export function describeTrial(
  { variant, seed, command }: Trial,
  plan: TrafficPlan,
): Pick<RunRecord, 'scenario' | 'variant' | 'seed' | 'command'> {
  const { scenario, digest, name, settings } = variant;
  const { cluster, hotspot, slo } = scenario;
  return {
    scenario: {
      name: scenario.name,
      question: scenario.question,
      hypothesis: scenario.hypothesis,
      digest,
      durationMs: scenario.duration,
      warmupMs: scenario.warmup,
      traffic: plan.describe(),
      replication: cluster.replication,
      partitions: cluster.partitions,
      slo: Object.entries(slo).map(([figure, { max, min }]) => ({
        figure,
        ...(max === undefined ? {} : { max }),
        ...(min === undefined ? {} : { min }),
      })),
      hotspot: { factor: hotspot.factor, forMs: hotspot.for },
    },
    variant: { name, settings: { ...settings } },
    seed,
    command,
  };
}
