import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completed, parseOptions } from '../algorithm.ts';
import type { AttemptOutcome, BalancerContext, OwnBalancer } from './balancer.ts';
import { ConformanceGateway, type Member } from './conformance-gateway.ts';
import { seededStream } from './seeded-stream.ts';

/** What a balancer promises beyond the contract that all of them keep. */
export interface BalancerPromises {
  /** Options to run the suite with; undefined for the defaults. */
  readonly options?: unknown;
  /** Long-run share of the picks while all backends are idle and healthy, and the relative error that is allowed. */
  readonly share?: { readonly of: 'weight' | 'equal'; readonly within: number };
  /** In every period (the sum of whole weights, or the number of backends for equal shares) shares are exact. */
  readonly exact?: boolean;
}

type Step =
  | { readonly kind: 'send'; readonly mask: number; readonly key: string }
  | { readonly kind: 'finish'; readonly which: number; readonly outcome: AttemptOutcome }
  | { readonly kind: 'update'; readonly members: readonly Member[] };

const weights = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0.01, max: 100, noNaN: true }));
const member = fc.record({ id: fc.integer({ min: 0, max: 11 }).map((n) => `data-${n}`), weight: weights });
const members = fc.uniqueArray(member, { minLength: 1, maxLength: 12, selector: ({ id }) => id });
const outcome = fc.constantFrom<AttemptOutcome>('ok', 'failed', 'timeout', 'cancelled');
const send = fc.record({ kind: fc.constant('send' as const), mask: fc.nat(4095), key: fc.string({ maxLength: 12 }) });
const finish = fc.record({ kind: fc.constant('finish' as const), which: fc.nat(), outcome });
const update = fc.record({ kind: fc.constant('update' as const), members });
const steady = fc.array(fc.oneof({ arbitrary: send, weight: 3 }, { arbitrary: finish, weight: 2 }), { maxLength: 80 });
const changing = fc.array(
  fc.oneof({ arbitrary: send, weight: 6 }, { arbitrary: finish, weight: 4 }, { arbitrary: update, weight: 1 }),
  { maxLength: 80 },
);

/**
 * States with vitest what every balancer keeps to, and what this one promises beyond it. Call it at the top
 * level of a test file of your own.
 */
export function balancerConformance<Options>(given: OwnBalancer<Options>, promises: BalancerPromises = {}): void {
  const definition = completed(given);
  const build = (seed = 1, world: Omit<BalancerContext, 'random'> = { nowMs: () => 0 }) => {
    const options = parseOptions('balancer', definition, promises.options);
    return definition.create({ random: seededStream(seed), ...world }, options);
  };
  const gatewayOf = (table: readonly Member[], seed?: number) =>
    new ConformanceGateway((world) => build(seed, world), table);
  const runs = { seed: 1, numRuns: 60 };

  describe(`balancer ${definition.name}${promises.options === undefined ? '' : ` ${JSON.stringify(promises.options)}`}`, () => {
    it('describes itself and has a default for every option', () => {
      expect(definition.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const text of [definition.summary, definition.source, definition.complexity, definition.weakness]) {
        expect(text).toMatch(/^\S.*\S$/);
      }
      expect(() => parseOptions('balancer', definition, {})).not.toThrow();
      expect(() => parseOptions('balancer', definition, { noSuchOption: 1 })).toThrow('noSuchOption');
    });

    it('picks one of the eligible, whatever happens to the table', () => {
      fc.assert(
        fc.property(members, changing, (first, steps) => {
          play(gatewayOf(first), steps);
        }),
        runs,
      );
    });

    it('takes the same course again with the same draws', () => {
      fc.assert(
        fc.property(members, changing, fc.nat(), (first, steps, seed) => {
          const course = play(gatewayOf(first, seed), steps);
          expect(play(gatewayOf(first, seed), steps)).toEqual(course);
        }),
        runs,
      );
    });

    it('goes on as before after an update to the same table', () => {
      fc.assert(
        fc.property(members, steady, (first, steps) => {
          const course = play(gatewayOf(first), steps);
          const disturbed = steps.flatMap<Step>((step) => [{ kind: 'update', members: first }, step]);
          expect(play(gatewayOf(first), disturbed)).toEqual(course);
        }),
        runs,
      );
    });

    it('picks the only eligible one, and outlives an empty table', () => {
      const table = [
        { id: 'a', weight: 1 },
        { id: 'b', weight: 2 },
      ];
      const gateway = gatewayOf([]);
      gateway.update(table);
      expect([0, 1, 1, 0].map((place) => gateway.send([place], 'key').id)).toEqual(['a', 'b', 'b', 'a']);
      gateway.update([]);
      for (let i = 0; i < 4; i++) gateway.finish(i, 'failed');
      gateway.update(table);
      expect(gateway.send([1], 'key').id).toBe('b');
    });

    it('refuses an empty list', () => {
      const balancer = build();
      balancer.update([]);
      expect(() => balancer.pick([], { key: 'key', keyHash: 1 })).toThrow(/eligible/);
    });

    it('starves nobody, also after failures all round', () => {
      const few = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 });
      fc.assert(
        fc.property(few, fc.nat(), (each, seed) => {
          const table = each.map((weight, i) => ({ id: `data-${i}`, weight }));
          const gateway = gatewayOf(table, seed);
          const all = each.map((_, place) => place);
          for (let i = 0; i < 60; i++) {
            gateway.send(i % 2 === 0 ? all : [i % each.length], `key-${i}`);
            gateway.finish(0, 'failed');
          }
          expect(count(gateway, 2000, () => all)).not.toContain(0);
        }),
        { seed: 1, numRuns: 20 },
      );
    });

    const { share } = promises;
    if (share !== undefined) {
      const table = [5, 3, 2, 1, 1].map((weight, i) => ({ id: `data-${i}`, weight }));
      const shareOf = (place: number) => (share.of === 'weight' ? (table[place]?.weight ?? 0) : 1);

      it(`gives ${share.of === 'weight' ? 'shares in proportion to weight' : 'equal shares'}`, () => {
        const all = table.map((_, place) => place);
        const counts = count(gatewayOf(table), 12_000, () => all);
        expectShares(counts, proportions(all, shareOf, table.length), 12_000, share.within);
      });

      it('keeps to these shares where each request has its own replicas', () => {
        const draws = seededStream(7);
        const expected = table.map(() => 0);
        const counts = count(gatewayOf(table), 12_000, () => {
          const skipped = draws.below(table.length);
          const places = table.map((_, place) => place).filter((place) => place !== skipped);
          proportions(places, shareOf, table.length).forEach((part, place) => {
            expected[place] = (expected[place] ?? 0) + part / 12_000;
          });
          return places;
        });
        expectShares(counts, expected, 12_000, share.of === 'equal' ? Math.max(share.within, 0.12) : share.within);
      });
    }

    if (promises.exact === true) {
      it('is exact over every period', () => {
        const whole = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
        fc.assert(
          fc.property(whole, fc.nat(40), (each, offset) => {
            const gateway = gatewayOf(each.map((weight, i) => ({ id: `data-${i}`, weight })));
            const turns = share?.of === 'equal' ? each.map(() => 1) : each;
            const all = each.map((_, place) => place);
            count(gateway, offset, () => all);
            const period = turns.reduce((sum, turn) => sum + turn, 0);
            for (let cycle = 0; cycle < 3; cycle++) expect(count(gateway, period, () => all)).toEqual(turns);
          }),
          runs,
        );
      });
    }
  });
}

/** Plays the steps and returns the ids that were picked. */
function play(gateway: ConformanceGateway, steps: readonly Step[]): string[] {
  const course: string[] = [];
  for (const step of steps) {
    switch (step.kind) {
      case 'send': {
        const places = gateway.table.map((_, place) => place).filter((place) => (step.mask >> place) & 1);
        course.push(gateway.send(places.length === 0 ? [0] : places, step.key).id);
        break;
      }
      case 'finish':
        gateway.finish(step.which, step.outcome);
        break;
      case 'update':
        gateway.update(step.members);
    }
  }
  return course;
}

/** Sends requests one after the other, each answered before the next, and counts them by place. */
function count(gateway: ConformanceGateway, requests: number, eligible: () => readonly number[]): number[] {
  const counts = gateway.table.map(() => 0);
  for (let i = 0; i < requests; i++) {
    const { index } = gateway.send(eligible(), `key-${i}`);
    counts[index] = (counts[index] ?? 0) + 1;
    gateway.finish(0, 'ok');
  }
  return counts;
}

function proportions(places: readonly number[], shareOf: (place: number) => number, size: number): number[] {
  const total = places.reduce((sum, place) => sum + shareOf(place), 0);
  const parts = new Array<number>(size).fill(0);
  for (const place of places) parts[place] = shareOf(place) / total;
  return parts;
}

function expectShares(counts: readonly number[], expected: readonly number[], total: number, within: number): void {
  counts.forEach((picks, place) => {
    const share = (expected[place] ?? 0) * total;
    expect(Math.abs(picks - share) / share, `backend ${place}: ${picks} picks, ${share} expected`).toBeLessThanOrEqual(
      within,
    );
  });
}
