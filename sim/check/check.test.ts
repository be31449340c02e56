import { describe, expect, it } from 'vitest';
import { Tally } from './check.ts';

const CHECK = { id: 'I0', statement: 'It holds.', kind: 'correctness' } as const;

describe('Tally', () => {
  it('tells times on the clock of the scenario, and the first violation in parts', () => {
    const tally = new Tally(CHECK);
    tally.pass(3);
    tally.fail((at) => `${at(5_500)}: a broke since ${at(4_000)}`, {
      timeMs: 5_500,
      node: 'a',
      key: 'k',
      event: 'get',
    });
    tally.fail('b broke', { timeMs: 6_000, event: 'put' });
    const said = tally.result('', '', 5_000);
    expect(said).toMatchObject({ verdict: 'violated', evaluated: 5, detail: '0.5 s: a broke since -1 s; b broke' });
    expect(said.witness).toEqual({ timeMs: 500, node: 'a', key: 'k', event: 'get' });
  });

  it('spells out three violations and counts the rest', () => {
    const tally = new Tally(CHECK);
    for (const name of ['a', 'b', 'c', 'd', 'e']) tally.fail(name, { timeMs: null, event: 'end' });
    expect(tally.result().detail).toBe('a; b; c; and 2 more');
    expect(tally.result().witness).toEqual({ timeMs: null, node: '', key: '', event: 'end' });
  });

  it('holds, or is not judged where it was never put to the test; then there is no witness', () => {
    const tally = new Tally(CHECK);
    expect(tally.result('well', 'never')).toEqual({ ...CHECK, evaluated: 0, verdict: 'not-judged', detail: 'never' });
    tally.pass();
    expect(tally.result('well', 'never')).toEqual({ ...CHECK, evaluated: 1, verdict: 'held', detail: 'well' });
  });
});
