import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PassiveHealth, passiveHealthSchema } from '../../passive-health.ts';
import { CIRCUIT_OPEN, EJECTED, PooledBackend, type Standing } from '../backend-pool.ts';
import type { Route } from '../director.ts';
import { Selection } from './selection.ts';
import { nodeOf } from './testdata/policy-rig.ts';

interface State {
  readonly standing: Standing;
  readonly bars: number;
  readonly fails: number;
  readonly inFlight: number;
}

const SOUND: State = { standing: 'sound', bars: 0, fails: 0, inFlight: 0 };

function routeOf(states: readonly State[]): Route {
  const replicas = states.map((state, i) => Object.assign(new PooledBackend(nodeOf(`data-${i + 1}`)), state));
  const of = (standing: Standing) => replicas.filter((backend) => backend.standing === standing);
  return {
    sound: of('sound'),
    doubtful: of('doubtful'),
    down: of('down'),
    replicas,
    writers: replicas,
    voters: replicas.length,
    full: 0,
  };
}

function selection(maxRequests?: number): Selection {
  const health = new PassiveHealth<PooledBackend>(passiveHealthSchema(false).parse({}));
  return new Selection(health, maxRequests === undefined ? undefined : { maxRequests, maxRetries: 1 });
}

function eligible(states: readonly Partial<State>[], tried: readonly number[] = [], select = selection()): number[] {
  const route = routeOf(states.map((state) => ({ ...SOUND, ...state })));
  const already = route.replicas.filter((_, i) => tried.includes(i + 1));
  const kept = select.eligible(route, tried.length === 0 ? undefined : already, 1_000);
  return kept.map(({ id }) => Number(id.slice('data-'.length)));
}

describe('the selection', () => {
  it.each<[string, Partial<State>[], number[]]>([
    ['sound ones', [{}, {}, {}], [1, 2, 3]],
    ['sound ones before doubtful and down ones', [{ standing: 'doubtful' }, {}, { standing: 'down' }], [2]],
    ['doubtful ones before such as were ejected', [{ standing: 'doubtful' }, { bars: EJECTED }], [1]],
    ['doubtful ones before such as have just failed', [{ standing: 'doubtful' }, { fails: 1 }], [1]],
    [
      'those that were ejected or failed before such as are down',
      [{ bars: EJECTED }, { fails: 1 }, { standing: 'down' }],
      [1, 2],
    ],
    ['those that are down where nothing else is', [{ standing: 'down' }, { standing: 'down' }], [1, 2]],
    ['never one whose circuit is open', [{ bars: CIRCUIT_OPEN }, { bars: EJECTED }], [2]],
    ['nobody where all circuits are open', [{ bars: CIRCUIT_OPEN }, { bars: CIRCUIT_OPEN | EJECTED }], []],
  ])('gives %s', (_what, states, expected) => {
    expect(eligible(states)).toEqual(expected);
  });

  it('gives none that was tried', () => {
    expect(eligible([{}, {}, { standing: 'doubtful' }], [1])).toEqual([2]);
    expect(eligible([{}, {}, { standing: 'doubtful' }], [1, 2])).toEqual([3]);
    expect(eligible([{}, {}], [1, 2])).toEqual([]);
  });

  it('gives none that is at its limit', () => {
    expect(eligible([{ inFlight: 5 }, { inFlight: 4 }], [], selection(5))).toEqual([2]);
    expect(eligible([{ inFlight: 5 }, { inFlight: 5 }], [], selection(5))).toEqual([]);
  });

  it('gives all in panic, but those at a limit', () => {
    const panicking = selection(5);
    panicking.panic = true;
    const states: Partial<State>[] = [{ bars: CIRCUIT_OPEN }, { standing: 'down' }, {}, { inFlight: 5 }, { fails: 1 }];
    expect(eligible(states, [], panicking)).toEqual([1, 2, 3, 5]);
  });

  it('always gives untried replicas, and some as long as one circuit among them is not open', () => {
    const state = fc.record({
      standing: fc.constantFrom<Standing>('sound', 'doubtful', 'down'),
      bars: fc.constantFrom(0, EJECTED, CIRCUIT_OPEN),
      fails: fc.nat(2),
      inFlight: fc.constant(0),
    });
    fc.assert(
      fc.property(fc.array(state, { maxLength: 5 }), fc.subarray([1, 2, 3, 4, 5]), (states, tried) => {
        const given = eligible(states, tried);
        const untried = states.map((_, i) => i + 1).filter((number) => !tried.includes(number));
        for (const number of given) expect(untried).toContain(number);
        const mayBeAsked = untried.some((number) => states[number - 1]?.bars !== CIRCUIT_OPEN);
        expect(given.length > 0).toBe(mayBeAsked);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
