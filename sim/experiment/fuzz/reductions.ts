import type { FaultInput, ScenarioInput } from '../scenario.ts';
import type { FuzzTrial } from './fuzz-trial.ts';
import { parts, type Reducer, smallerNumbers } from './shrink.ts';
import { withinTolerance } from './tolerance.ts';

type Plain = Readonly<Record<string, unknown>>;

/** No trial is shorter: a shorter one could hardly be read. */
const LEAST_MS = 500;

/** Steps to a smaller trial: first what makes a trial quick to read, then what makes it quick to run. */
export const REDUCERS: readonly Reducer<FuzzTrial>[] = [
  reducer('faults', function* (input) {
    for (const faults of parts(input.faults ?? [])) yield { ...input, faults };
  }),
  reducer('targets', function* (input) {
    for (const [position, fault] of (input.faults ?? []).entries()) {
      for (const field of ['target', 'other']) {
        const targets = fault[field];
        if (!Array.isArray(targets)) continue;
        for (const fewer of parts(targets)) {
          if (fewer.length > 0) yield withFault(input, position, { ...fault, [field]: fewer });
        }
      }
    }
  }),
  reducer('duration', function* (input) {
    const { duration } = input;
    if (typeof duration !== 'number') return;
    for (const shorter of smallerNumbers(duration, LEAST_MS)) yield cutTo(input, shorter);
  }),
  numbers('nodes', ['cluster.data.standby', 'cluster.data.count', 'cluster.gateways.count', 'cluster.clients.count']),
  reducer('metadata', function* (input) {
    for (const count of [1, 3] as const) {
      if (count < (input.cluster.metadata?.count ?? 1))
        yield { ...input, cluster: { ...input.cluster, metadata: { count } } };
    }
  }),
  numbers('requests', ['traffic.rate', 'traffic.keys.count', 'traffic.clients', 'cluster.partitions']),
  reducer('operations', function* (input) {
    const mix = at(input, ['traffic', 'mix']);
    if (!isPlain(mix)) return;
    for (const kept of parts(Object.keys(mix))) {
      if (kept.length > 0) yield put(input, ['traffic', 'mix'], Object.fromEntries(kept.map((op) => [op, mix[op]])));
    }
  }),
  reducer('settings', function* (input) {
    for (const path of optionalPaths(input)) if (at(input, path) !== undefined) yield put(input, path, undefined);
  }),
  reducer('times', function* (input) {
    for (const [position, fault] of (input.faults ?? []).entries()) {
      const { duration } = fault;
      if (typeof duration !== 'number') continue;
      for (const shorter of smallerNumbers(duration, 1))
        yield withFault(input, position, { ...fault, duration: shorter });
    }
  }),
];

/** Where something may be left out, so that its default holds: whole groups before their members. */
function* optionalPaths(input: ScenarioInput): Generator<string[]> {
  for (const path of [
    ['traffic', 'arrivals'],
    ['cluster', 'data', 'disk'],
    ['cluster', 'data', 'overrides'],
  ])
    yield path;
  for (const key of ['network', 'racksPerZone', 'balancer', 'placement', 'rebalancer']) yield ['cluster', key];
  for (const component of Object.keys(input.cluster.settings ?? {})) {
    const place = ['cluster', 'settings', component];
    yield place;
    const settings = at(input, place);
    if (isPlain(settings)) for (const key of Object.keys(settings)) yield [...place, key];
  }
}

/** Whole numbers that may be as small as 1, or 0 for nodes that stand by; a power of two stays one. */
function numbers(name: string, places: readonly string[]): Reducer<FuzzTrial> {
  return reducer(name, function* (input) {
    for (const place of places) {
      const path = place.split('.');
      const found = at(input, path);
      if (typeof found !== 'number') continue;
      if (place.endsWith('partitions')) {
        for (let fewer = 1; fewer < found; fewer *= 2) yield put(input, path, fewer);
      } else
        for (const smaller of smallerNumbers(found, place.endsWith('standby') ? 0 : 1)) yield put(input, path, smaller);
    }
  });
}

/** A reducer of the scenario, kept to trials that are still within what their mode allows. */
function reducer(name: string, candidates: (input: ScenarioInput) => Iterable<ScenarioInput>): Reducer<FuzzTrial> {
  return {
    name,
    *candidates(trial) {
      for (const input of candidates(trial.input)) {
        if (trial.mode === 'safety' || withinTolerance(input)) yield { ...trial, input };
      }
    },
  };
}

/** Ends earlier: faults that would strike after it are gone. */
function cutTo(input: ScenarioInput, duration: number): ScenarioInput {
  const faults = (input.faults ?? []).filter(({ at: strikes }) => typeof strikes === 'number' && strikes < duration);
  return { ...input, duration, faults };
}

function withFault(input: ScenarioInput, position: number, fault: FaultInput): ScenarioInput {
  return { ...input, faults: (input.faults ?? []).with(position, fault) };
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isPlain(inner) ? inner[key] : undefined), value);
}

/** A copy with another value at a path; undefined takes it away. */
function put<T>(value: T, path: readonly string[], wanted: unknown): T;
function put(value: unknown, [key, ...rest]: readonly string[], wanted: unknown): unknown {
  if (key === undefined || !isPlain(value)) return value;
  if (rest.length > 0) return key in value ? { ...value, [key]: put(value[key], rest, wanted) } : value;
  const { [key]: _removed, ...others } = value;
  return wanted === undefined ? others : { ...value, [key]: wanted };
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
