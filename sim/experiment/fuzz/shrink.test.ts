import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parts, type Reducer, shrink, smallerNumbers } from './shrink.ts';

/** A made-up failing input: it fails when it holds all `needed` items and its number is at least `least`. */
interface Input {
  readonly items: readonly number[];
  readonly size: number;
}

const reducers: readonly Reducer<Input>[] = [
  {
    name: 'items',
    *candidates(input) {
      for (const items of parts(input.items)) yield { ...input, items };
    },
  },
  {
    name: 'size',
    *candidates(input) {
      for (const size of smallerNumbers(input.size, 0)) yield { ...input, size };
    },
  },
];

const oracle = fc.record({
  items: fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 24 }),
  needed: fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
  size: fc.integer({ min: 0, max: 500 }),
  least: fc.integer({ min: 0, max: 500 }),
});

describe('shrinking', () => {
  it('leaves just what the failure needs, in every dimension', async () => {
    await fc.assert(
      fc.asyncProperty(oracle, async ({ items, needed, size, least }) => {
        const core = items.filter((_, i) => needed[i] === true);
        const floor = Math.min(size, least);
        const fails = async (input: Input) => core.every((item) => input.items.includes(item)) && input.size >= floor;
        const { value, minimal } = await shrink({ items, size }, reducers, JSON.stringify, fails, 10_000);
        expect(minimal).toBe(true);
        expect(value).toEqual({ items: core, size: floor });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('is 1-minimal where items need each other, and tests nothing twice', async () => {
    await fc.assert(
      fc.asyncProperty(oracle, fc.integer({ min: 1, max: 5 }), async ({ items, size }, divisor) => {
        // Not monotone: what fails may hold when it is smaller, and fail again when it is smaller still.
        const asked = new Set<string>();
        const failing = (input: Input) => input.items.length % divisor === items.length % divisor;
        const fails = async (input: Input) => {
          expect(asked.has(JSON.stringify(input))).toBe(false);
          asked.add(JSON.stringify(input));
          return failing(input);
        };
        const { value, runs } = await shrink({ items, size }, reducers, JSON.stringify, fails, 10_000);
        expect(runs).toBe(asked.size);
        expect(failing(value)).toBe(true);
        for (const reducer of reducers)
          for (const smaller of reducer.candidates(value)) expect(failing(smaller)).toBe(false);
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it('stops at its budget with the smallest so far, and says so', async () => {
    let runs = 0;
    const fails = async ({ items }: Input) => {
      runs += 1;
      return items.includes(7);
    };
    const items = Array.from({ length: 16 }, (_, i) => i);
    const result = await shrink({ items, size: 0 }, reducers, JSON.stringify, fails, 3);
    expect(result).toMatchObject({ runs: 3, minimal: false });
    expect(runs).toBe(3);
    expect(result.value.items.length).toBeLessThan(16);
    expect(result.value.items).toContain(7);
  });
});
