import { describe, expect, it } from 'vitest';
import { describeWitness } from './witness.ts';

describe('describeWitness', () => {
  it('names time, node, key, event and how to see it again', () => {
    const witness = { timeMs: 1_500, node: 'data-3', key: 'a/b', event: 'get' };
    expect(describeWitness(witness, 'evenkeel run x')).toBe(
      'at 1.5 s, data-3, key a/b, event get; replay with evenkeel run x',
    );
  });

  it('leaves out what there is not', () => {
    const nowhere = { timeMs: null, node: '', key: '', event: 'read-back' };
    expect(describeWitness(nowhere, '')).toBe('event read-back');
    expect(describeWitness(undefined, 'evenkeel run x')).toBe('replay with evenkeel run x');
    expect(describeWitness({ ...nowhere, timeMs: -2_000 }, '')).toBe('at 2 s before the run, event read-back');
  });
});
