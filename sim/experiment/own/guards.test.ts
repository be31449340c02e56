import { beforeAll, describe, expect, it } from 'vitest';
import type { AlgorithmInfo } from '../../store/algorithm.ts';
import { completed } from '../../store/algorithm.ts';
import type { Backend, Balancer } from '../../store/balancer/balancer.ts';
import { seededStream } from '../../store/balancer/seeded-stream.ts';
import type { Placement, PlacementNode } from '../../store/placement/placement.ts';
import type { OwnRebalancer, PlannedMove, RebalanceView } from '../../store/rebalance/rebalancer.ts';
import { AlgorithmFailure } from './algorithm-failure.ts';
import { createPulse, readPulse, showPulseIn } from './call-watch.ts';
import { forbidChanceAndClock } from './forbidden.ts';
import { guardedBalancer } from './guarded-balancer.ts';
import { guardedPlacement } from './guarded-placement.ts';
import { guardedRebalancer } from './guarded-rebalancer.ts';

const about: AlgorithmInfo = { name: 'mine', summary: 'x', source: 'x', complexity: 'x', weakness: 'x' };
const request = { key: 'key', keyHash: 1 };

beforeAll(forbidChanceAndClock);

/** What a guarded call throws: always the same kind of error. */
function failureOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(AlgorithmFailure);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('nothing was thrown');
}

describe('a guarded balancer', () => {
  interface Entry {
    id: string;
    index: number;
    zone: string;
    weight: number;
    inFlight: number;
  }
  const table = (): Entry[] => ['a', 'b'].map((id, index) => ({ id, index, zone: 'z', weight: 1, inFlight: 0 }));

  function guarded(pick: (eligible: Entry[]) => Backend | undefined, extra: Partial<Balancer> = {}): Balancer {
    const definition = guardedBalancer(
      completed({
        ...about,
        // A user's code is not held to `readonly` by anything but its good will.
        create: () => ({ update() {}, pick: pick as unknown as Balancer['pick'], onDone() {}, ...extra }),
      }),
    );
    return definition.create({ random: seededStream(1), nowMs: () => 0 }, {});
  }

  it.each<[string, (eligible: Entry[]) => Backend | undefined, string]>([
    ['throws', () => JSON.parse('{'), 'balancer "mine": pick threw: '],
    [
      'picks a stranger',
      () => table()[0],
      'balancer "mine": pick chose a, which is not eligible; accepted: one of a, b',
    ],
    ['picks nobody', () => undefined, 'balancer "mine": pick chose undefined, which is not eligible'],
    ['turns the list round', (eligible) => eligible.reverse()[0], 'balancer "mine": pick changed the list of eligible'],
    ['shortens the list', (eligible) => eligible.pop(), 'balancer "mine": pick changed the list of eligible backends'],
    [
      'writes to a backend',
      (eligible) => Object.assign(eligible[1] ?? {}, { inFlight: 7 }) as Entry,
      'pick changed the backend b',
    ],
    ['draws lots', (eligible) => eligible[Math.floor(Math.random() * 2)], 'balancer "mine": pick used Math.random'],
    ['reads the clock', (eligible) => eligible[Date.now() % 2], 'balancer "mine": pick used Date.now'],
    ['reads the date', (eligible) => eligible[new Date().getDay() % 2], 'balancer "mine": pick used new Date()'],
    ['reads the timer', (eligible) => eligible[Math.floor(performance.now()) % 2], 'pick used performance.now'],
  ])('that %s is told of', (_what, pick, message) => {
    expect(failureOf(() => guarded(pick).pick(table(), request))).toContain(message);
  });

  it('that swallows the refusal is told of all the same', () => {
    const sly = guarded((eligible) => {
      try {
        return eligible[Math.floor(Math.random() * 2)];
      } catch {
        return eligible[0];
      }
    });
    expect(failureOf(() => sly.pick(table(), request))).toContain('pick used Math.random');
  });

  it('does what it did unguarded, and others may use the clock', () => {
    const backends = table();
    expect(guarded((eligible) => eligible[1]).pick(backends, request)).toBe(backends[1]);
    expect(Math.random()).toBeLessThan(1);
    expect(new Date(0).getTime()).toBe(0);
    expect(Date.now()).toBeGreaterThan(0);
    expect(new Date()).toBeInstanceOf(Date);
  });

  it('tells of the other calls, and is told of load only if it wants to be', () => {
    const fails = () => {
      throw new Error('no');
    };
    const failing = guarded((eligible) => eligible[0], { update: fails, onDone: fails, onFeedback: fails });
    expect(failureOf(() => failing.update(table()))).toBe('balancer "mine": update threw: no');
    const [first] = table();
    if (first === undefined) throw new Error('no table');
    expect(failureOf(() => failing.onDone(first, 'ok', 1))).toBe('balancer "mine": onDone threw: no');
    expect(failureOf(() => failing.onFeedback?.(first, { kind: 'probe', inFlight: 1, latencyMs: 1 }))).toContain('no');
    expect(guarded((eligible) => eligible[0]).onFeedback).toBeUndefined();
  });

  it('shows the call that runs', () => {
    const pulse = createPulse();
    showPulseIn(pulse);
    let seen: unknown;
    guarded((eligible) => {
      seen = readPulse(pulse).running;
      return eligible[0];
    }).pick(table(), request);
    expect(seen).toBe('pick');
    expect(readPulse(pulse).running).toBeUndefined();
  });
});

describe('a guarded placement', () => {
  const nodes = ['a', 'b', 'c'].map((id): PlacementNode => ({ id, weight: 1, zone: id, rack: id, host: id }));
  const guarded = (replicas: Placement['replicas'], build: (nodes: readonly PlacementNode[]) => void = () => {}) =>
    guardedPlacement(
      completed({
        ...about,
        create: (given: readonly PlacementNode[]) => {
          build(given);
          return { replicas };
        },
      }),
    ).create(nodes, {});

  it.each<[readonly string[], string]>([
    [['a', 'a'], 'placement "mine": replicas named a, a for partition 5; accepted: 2 distinct nodes'],
    [['a'], 'replicas named a for partition 5; accepted: 2 distinct nodes'],
    [[], 'replicas named nobody'],
    [['a', 'x'], 'placement "mine": replicas named x, which it was not given'],
  ])('that names %j is told of', (named, message) => {
    expect(failureOf(() => guarded(() => ({ nodes: named })).replicas(5, 2))).toContain(message);
  });

  it('can’t change the nodes', () => {
    const write = (given: readonly PlacementNode[]) => Object.assign(given[0] ?? {}, { weight: 9 });
    expect(failureOf(() => guarded(() => ({ nodes: [] }), write))).toContain('create threw: the nodes were changed');
    const sort = (given: readonly PlacementNode[]) => Array.prototype.reverse.call(given);
    expect(failureOf(() => guarded(() => ({ nodes: [] }), sort))).toContain('create threw: the nodes were changed');
    expect(guarded(() => ({ nodes: ['c', 'a'] })).replicas(0, 2).nodes).toEqual(['c', 'a']);
  });
});

describe('a guarded rebalancer', () => {
  const node = { zone: 'z', rack: 'r', weight: 1, membership: 'active' as const, usedBytes: 0, capacityBytes: 1 };
  const view = (): RebalanceView => ({
    nowMs: 0,
    replication: 1,
    nodes: ['a', 'b', 'c'].map((id) => ({ ...node, id, host: id, accepts: id !== 'c' })),
    partitions: [{ number: 0, replicas: ['a'], joining: [], target: ['b'], bytes: 1, movedMs: 0 }],
  });
  const guarded = (plan: (view: RebalanceView) => readonly PlannedMove[]) => {
    const own: OwnRebalancer = { ...about, create: () => ({ plan }) };
    return guardedRebalancer(completed(own)).create(undefined, {});
  };
  const move = (partition: number, from: string, to: string): PlannedMove => ({
    partition,
    from,
    to,
    cause: 'load',
    why: '',
  });

  it.each<[PlannedMove, string]>([
    [move(7, 'a', 'b'), 'there is no such partition'],
    [move(0, 'b', 'a'), 'b holds no replica of it'],
    [move(0, 'a', 'a'), 'a already holds a replica of it'],
    [move(0, 'a', 'x'), 'there is no node x'],
    [move(0, 'a', 'c'), 'c accepts no replicas now'],
  ])('that plans %j is told of', (planned, message) => {
    expect(failureOf(() => guarded(() => [planned]).plan(view()))).toContain(message);
  });

  it('may not change the view', () => {
    const changing = guarded(({ partitions }) => {
      Object.assign(partitions[0] ?? {}, { bytes: 9 });
      return [];
    });
    expect(failureOf(() => changing.plan(view()))).toContain('plan changed the view');
    expect(guarded(() => [move(0, 'a', 'b')]).plan(view())).toHaveLength(1);
  });
});
