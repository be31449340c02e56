import { describe, it } from 'vitest';
import { expectTheory } from './testdata/theory.ts';

/** The part of `supermarket.test.ts` that takes half a minute: queues near load 1 forget slowly. `npm run test:theory`. */
describe('the supermarket model with a single choice near load 1', () => {
  it.each([
    { choices: 1, load: 0.9, warmupMs: 1_000, customers: 2_500_000 },
    { choices: 1, load: 0.95, warmupMs: 4_000, customers: 6_000_000 },
  ])(
    'd = $choices at load $load is within 2 % of theory, which lies within the interval over seeds',
    expectTheory,
    600_000,
  );
});
