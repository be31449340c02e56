import { type ResolvedVariant, resolveVariant } from '../load.ts';
import { type ScenarioInput, scenarioSchema } from '../scenario.ts';
import type { Trial } from '../trial-input.ts';

/** The project's root: tests run there. */
export const ROOT = process.cwd();

/** A variant of a scenario that stands in a test. */
export function variantOf(raw: ScenarioInput, name: string): ResolvedVariant {
  return resolveVariant({ file: 'a test', scenario: scenarioSchema.parse(raw), raw, sets: [] }, name);
}

export function trialOf(variant: ResolvedVariant, seed: number): Trial {
  return { root: ROOT, variant, seed, command: "" };
}

/** Six data nodes under a little traffic of all operations that have a key; a second of it takes some 50 ms. */
export function smallScenario(changes: Partial<ScenarioInput> = {}): ScenarioInput {
  return {
    name: 'small',
    question: 'Does it hold?',
    hypothesis: 'It does.',
    duration: '3s',
    cluster: { data: { count: 6 }, gateways: { count: 2 }, clients: { count: 2 }, partitions: 32 },
    traffic: {
      rate: 300,
      keys: { count: 150, popularity: { kind: 'zipf', exponent: 0.8 } },
      sizes: { kind: 'fixed', bytes: '8kb' },
      mix: { get: 0.55, put: 0.35, head: 0.05, delete: 0.05 },
    },
    variants: { only: {} },
    ...changes,
  };
}
