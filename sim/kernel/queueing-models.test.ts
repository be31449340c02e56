import { describe, expect, it } from 'vitest';
import { Kernel } from './kernel.ts';
import { SharedQueue, TwoChoices } from './queueing-models.ts';

/** Erlang's C formula: probability that a customer of M/M/c waits. */
function waitProbability(servers: number, load: number): number {
  const offered = servers * load;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < servers; k++) {
    term *= offered / k;
    sum += term;
  }
  const all = (term * offered) / servers / (1 - load);
  return all / (sum + all);
}

/** Mean response of joining the shortest of two of infinitely many queues: Σ load^(2^i - 2) (Mitzenmacher, 1996). */
function twoChoicesResponse(load: number): number {
  let sum = 0;
  for (let exponent = 0; exponent < 10_000; exponent = 2 * exponent + 2) sum += Math.exp(exponent * Math.log(load));
  return sum;
}

function within(actual: number, expected: number, share: number): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(share);
}

describe('queueing theory', () => {
  it.each([0.5, 0.8])('M/M/1 at load %s: mean response 1/(μ - λ) within 2 percent', (load) => {
    const { meanResponse, events } = new SharedQueue(new Kernel('theory'), 700_000, load, 1).run();
    within(meanResponse, 1 / (1 - load), 0.02);
    expect(events).toBe(1_400_000);
  });

  it('M/M/5 at load 0.8: mean response by the formula of Erlang within 2 %', () => {
    const { meanResponse } = new SharedQueue(new Kernel('theory'), 400_000, 0.8, 5).run();
    within(meanResponse, 1 + waitProbability(5, 0.8) / (5 * 0.2), 0.02);
  });

  it('two choices among 1,000 queues at load 0.9: the mean-field limit within 3 %', () => {
    const { meanResponse } = new TwoChoices(new Kernel('theory'), 400_000, 0.9, 1000).run();
    within(meanResponse, twoChoicesResponse(0.9), 0.03);
  });
});
