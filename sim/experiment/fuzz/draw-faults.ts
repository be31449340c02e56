import type { FaultInput, Scenario } from '../scenario.ts';
import { Draws } from './draws.ts';
import type { FaultSource, Mode } from './fault-source.ts';
import { FAULT_SOURCES } from './fault-sources.ts';
import { Tolerance } from './tolerance.ts';

const MOST_FAULTS = 12;
/** Part of the trial in which faults strike; what has an end ends within the trial. */
const FIRST = 0.05;
const LAST = 0.75;

/**
 * The faults of a trial, in order of time. About half of the kinds are left out altogether (swarm testing, as in
 * {@link drawCluster}), so that some trials are nothing but crashes, or nothing but cuts.
 *
 * @param only - Draws from these kinds instead, all of them.
 */
export function drawFaults(
  seed: number,
  cluster: Scenario['cluster'],
  durationMs: number,
  mode: Mode,
  only?: readonly FaultSource[],
): FaultInput[] {
  const draws = new Draws(seed, 'faults');
  const sources = only ?? draws.some(FAULT_SOURCES);
  const mayLast = mode === 'safety' && draws.coin();
  const tolerance = new Tolerance(cluster, mode === 'all' ? 'promise' : mayLast ? 'nothing' : 'no limit');
  const count = draws.coin(0.1) ? 0 : draws.whole(1, MOST_FAULTS);
  const times = Array.from({ length: count }, () =>
    Math.round((draws.whole(0, 1_000) / 1_000) * (LAST - FIRST) * durationMs + FIRST * durationMs),
  );
  const faults: FaultInput[] = [];
  for (const at of times.sort((a, b) => a - b)) {
    const [source] = draws.take(sources, 1);
    const fault = source?.draw({ draws, cluster, tolerance, leftMs: durationMs - at, mayLast });
    if (fault !== undefined) faults.push({ ...endingForData(fault, durationMs - at), at });
  }
  return faults;
}

/**
 * What strikes data nodes ends. Of W replicas out of reach for good the store may, and must, give up on; the checks can't tell
 * what it then lacks from what it lost.
 */
function endingForData(fault: FaultInput, leftMs: number): FaultInput {
  if (!('duration' in fault) || fault['duration'] !== undefined) return fault;
  const targets: readonly unknown[] = [fault['target'], fault['other']].flat();
  const isServant = (target: unknown) => /^(role:)?(metadata|gateway)|^leader$/.test(String(target ?? 'leader'));
  return targets.every(isServant) ? fault : { ...fault, duration: leftMs };
}
