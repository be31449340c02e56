import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AlgorithmError } from '../algorithm.ts';
import type { Backend, BalancerDefinition } from './balancer.ts';
import { firstOf } from './eligible.ts';
import { balancers, createBalancer } from './registry.ts';
import { seededStream } from './seeded-stream.ts';

const context = { random: seededStream(1), nowMs: () => 0 };

function refusal(choice: string, options: unknown): AlgorithmError {
  try {
    createBalancer(choice, options, context);
  } catch (error) {
    if (error instanceof AlgorithmError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('createBalancer', () => {
  it('names the known balancers and the nearest one when it knows none of that name', () => {
    const error = refusal('ring-hahs', undefined);
    expect(error.message).toBe(
      `balancer: found "ring-hahs", accepted: ${[...balancers.keys()].join(', ')}; did you mean "ring-hash"?`,
    );
    expect(error.fault.didYouMean).toBe('ring-hash');
    expect(refusal('quicksort', {}).message).not.toContain('did you mean');
  });

  it.each([
    ['ring-hash', { virtualNodes: -3 }, 'balancer "ring-hash": options.virtualNodes: found -3, accepted: at least 4'],
    [
      'ring-hash',
      { virtualNodes: 1.5 },
      'balancer "ring-hash": options.virtualNodes: found 1.5, accepted: a whole number',
    ],
    [
      'ring-hash',
      { virtualNodes: 'many' },
      'balancer "ring-hash": options.virtualNodes: found "many", accepted: a value of type number',
    ],
    ['maglev', { hash: 'md5' }, 'balancer "maglev": options.hash: found "md5", accepted: "xxh64", "siphash24-maglev"'],
    [
      'ring-hash',
      { virtualNode: 3 },
      'balancer "ring-hash": options: found "virtualNode", accepted: the options virtualNodes; did you mean "virtualNodes"?',
    ],
    ['round-robin', { weight: 3 }, 'balancer "round-robin": options: found "weight", accepted: no options'],
    ['power-of-two', { choices: 17 }, 'balancer "power-of-two": options.choices: found 17, accepted: at most 16'],
    ['random', null, 'balancer "random": options: found null, accepted: a value of type object'],
    ['random', 'fast', 'balancer "random": options: found "fast", accepted: a value of type object'],
  ])('refuses %s with %j', (name, options, message) => {
    expect(refusal(name, options).message).toBe(message);
  });

  it('builds a balancer of the user’s own and checks its options alike', () => {
    const options = z.strictObject({ place: z.int().min(0).default(0).describe('Which of the eligible.') });
    const fixed: BalancerDefinition<z.infer<typeof options>> = {
      name: 'fixed',
      summary: 'Always the same place.',
      source: 'This test.',
      complexity: 'O(1)',
      weakness: 'All.',
      options,
      create: (_context, { place }) => ({
        update() {},
        pick: (eligible) => eligible[place] ?? firstOf(eligible),
        onDone() {},
      }),
    };
    const table: Backend[] = ['a', 'b'].map((id, index) => ({ id, index, zone: 'z', weight: 1, inFlight: 0 }));
    expect(createBalancer(fixed, { place: 1 }, context).pick(table, { key: '', keyHash: 0 }).id).toBe('b');
    expect(createBalancer(fixed, undefined, context).pick(table, { key: '', keyHash: 0 }).id).toBe('a');
    expect(() => createBalancer(fixed, { place: -1 }, context)).toThrow(
      'balancer "fixed": options.place: found -1, accepted: at least 0',
    );
    expect(() => createBalancer({ ...fixed, name: 'random' }, {}, context)).toThrow(
      'balancer: name: found "random", accepted: a name that no shipped algorithm has',
    );
  });
});
