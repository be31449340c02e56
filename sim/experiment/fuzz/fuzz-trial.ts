import { type ResolvedVariant, resolveVariant } from '../load.ts';
import { type Scenario, type ScenarioInput, scenarioSchema } from '../scenario.ts';
import { checkScenario } from '../validate.ts';
import { drawCluster } from './draw-cluster.ts';
import { drawFaults } from './draw-faults.ts';
import { drawTraffic } from './draw-traffic.ts';
import { Draws } from './draws.ts';
import type { Mode } from './fault-source.ts';
import { FOCI, type FocusName } from './focus.ts';

/** A trial of the search. It is nothing but a scenario and a seed, so it can be written down and run again by anyone. */
export interface FuzzTrial {
  readonly seed: number;
  readonly mode: Mode;
  /** As a scenario file holds it. Its one variant is named for the mode. */
  readonly input: ScenarioInput;
}

const SAFETY_SHARE = 0.2;
/** Of trials that are played three times over, to see that they always take the same course. */
const REPEATED_SHARE = 0.05;

/** Draws the cluster, traffic and faults of a trial: the same for the same seed and focus, whatever else runs. */
export function drawTrial(seed: number, focus?: FocusName): FuzzTrial {
  const { faults: sources, shape } = focus === undefined ? {} : FOCI[focus];
  const draws = new Draws(seed, 'trial');
  const mode: Mode = draws.coin(SAFETY_SHARE) ? 'safety' : 'all';
  const duration = draws.pick([8_000, 15_000, 25_000]);
  const drawn: ScenarioInput = {
    name: focus === undefined ? `fuzz-${seed}` : `fuzz-${focus}-${seed}`,
    question: 'Does the store keep its promises under these faults?',
    hypothesis:
      mode === 'all'
        ? 'It does: no more is broken than it must survive.'
        : 'Its answers are right, whenever they come: more may be broken than it must survive.',
    duration,
    cluster: drawCluster(seed),
    traffic: drawTraffic(seed, duration),
    variants: { [mode]: {} },
    seeds: 1,
    convergeWithin: 120_000,
    ...(draws.coin(REPEATED_SHARE) ? { checks: { determinism: true } } : {}),
  };
  const bare = shape?.(drawn) ?? drawn;
  const { cluster, duration: durationMs } = scenarioSchema.parse(bare);
  return { seed, mode, input: { ...bare, faults: drawFaults(seed, cluster, durationMs, mode, sources) } };
}

/**
 * The trial in the form that runs.
 *
 * @throws UserError if the scenario is not one that can be run.
 */
export function resolveTrial({ input, mode }: FuzzTrial): ResolvedVariant {
  const scenario: Scenario = scenarioSchema.parse(input);
  const file = `${scenario.name}.ts`;
  checkScenario(file, scenario);
  return resolveVariant({ file, scenario, raw: input, sets: [] }, mode);
}
