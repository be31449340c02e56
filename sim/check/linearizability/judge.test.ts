import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain, judge, judgeByKey, type RecordedOperation } from './judge.ts';
import { isLinearizable } from './testdata/brute-force.ts';
import { type RegisterOp, registerModel, type TextOp, textModel } from './testdata/recorded-histories.ts';

const read = (value: string): RegisterOp => ({ kind: 'read', value });
const write = (value: string): RegisterOp => ({ kind: 'write', value });
const swap = (from: string, to: string): RegisterOp => ({ kind: 'swap', from, to });
const over = <Op>(called: number, returned: number | undefined, op: Op): RecordedOperation<Op> => ({
  op,
  called,
  returned,
});
const verdictOn = (...history: RecordedOperation<RegisterOp>[]) => judge(registerModel, history).verdict;

describe('judge', () => {
  it('accepts the empty history and a sequential one', () => {
    expect(verdictOn()).toBe('linearizable');
    expect(
      verdictOn(over(0, 1, write('1')), over(2, 3, read('1')), over(4, 5, swap('1', '2')), over(6, 7, read('2'))),
    ).toBe('linearizable');
  });

  it('lets concurrent operations take effect in any order, but in one', () => {
    const writing = over(0, 10, write('1'));
    expect(verdictOn(writing, over(1, 2, read('nil')), over(3, 4, read('1')))).toBe('linearizable');
    expect(verdictOn(writing, over(1, 2, read('1')), over(3, 4, read('nil')))).toBe('violated');
  });

  it('refuses what came before: a stale read, and a read of the future', () => {
    expect(verdictOn(over(0, 1, write('1')), over(2, 3, write('2')), over(4, 5, read('1')))).toBe('violated');
    expect(verdictOn(over(0, 1, read('1')), over(2, 3, write('1')))).toBe('violated');
  });

  it('takes a call at the instant of a return as concurrent', () => {
    expect(verdictOn(over(0, 5, write('1')), over(5, 6, read('nil')))).toBe('linearizable');
    expect(verdictOn(over(0, 5, write('1')), over(5.5, 6, read('nil')))).toBe('violated');
  });

  it('lets an operation of unknown outcome take effect late, once, or never', () => {
    const lost = over(0, undefined, write('1'));
    expect(verdictOn(lost, over(1, 2, read('nil')))).toBe('linearizable');
    expect(verdictOn(lost, over(1, 2, read('nil')), over(3, 4, read('1')))).toBe('linearizable');
    const again = [over(1, 2, read('1')), over(3, 4, write('2')), over(5, 6, read('1'))];
    expect(verdictOn(lost, ...again)).toBe('violated');
    expect(verdictOn(lost, over(0, undefined, write('1')), ...again)).toBe('linearizable');
    expect(verdictOn(over(2, undefined, write('1')), over(0, 1, read('1')))).toBe('violated');
  });

  it('finds the one order in which two lost writes are seen by reads between them', () => {
    const lost = [over(0, undefined, write('1')), over(0, undefined, write('2'))];
    const reads = [over(10, 50, read('2')), over(10, 60, read('1'))];
    expect(verdictOn(...lost, ...reads, over(70, 80, read('2')))).toBe('linearizable');
    expect(verdictOn(...lost, ...reads, over(70, 80, read('2')), over(81, 82, read('1')))).toBe('violated');
  });

  it('drops a read that nobody saw the answer of', () => {
    expect(verdictOn(over(0, undefined, read('7')), over(1, 2, read('nil')))).toBe('linearizable');
  });

  it('judges each object by itself', () => {
    const on = (key: string, value: string, called: number, kind: TextOp['kind']) =>
      over<TextOp>(called, called + 1, { kind, key, value });
    const history = [on('a', 'x', 0, 'append'), on('b', 'y', 2, 'put'), on('a', 'x', 4, 'get'), on('b', 'x', 6, 'get')];
    const found = judgeByKey(textModel, history, ({ key }) => key);
    expect([...found].map(([key, { verdict }]) => [key, verdict])).toEqual([
      ['a', 'linearizable'],
      ['b', 'violated'],
    ]);
  });

  it('explains a violation by the operation, its window and what stood against it', () => {
    const found = judge(registerModel, [
      over(0, 1, write('1')),
      over(2, 9, swap('1', '2')),
      over(3, 4, read('3')),
      over(5, 6, read('2')),
    ]);
    expect(found.verdict === 'violated' && explain(registerModel, found.refusal)).toBe(
      'read 3, called at 3 and returned at 4, fits nowhere: before it, the object was 1; under way at its return: swap 1 for 2',
    );
  });

  it('is undecided beyond its limits, never wrong', () => {
    const appends = Array.from({ length: 8 }, (_, i) =>
      over<TextOp>(i, undefined, { kind: 'append', key: 'k', value: String(i % 4) }),
    );
    const text = '30121230';
    const history = [...appends, over<TextOp>(20, 21, { kind: 'get', key: 'k', value: text })];
    expect(judge(textModel, history, { configurations: 1_000, steps: 500 }).verdict).toBe('undecided');
    expect(judge(textModel, history).verdict).toBe('linearizable');
  });

  it('judges long histories with hundreds of operations of unknown outcome', () => {
    const history: RecordedOperation<RegisterOp>[] = [];
    for (let i = 0; i < 3_000; i++) {
      if (i % 10 === 0) history.push(over(3 * i, undefined, swap(String(i % 7), String(i % 5))));
      history.push(over(3 * i, 3 * i + 1, write(String(i % 4))), over(3 * i + 1.5, 3 * i + 2, read(String(i % 4))));
    }
    const found = judge(registerModel, history);
    expect(found.verdict).toBe('linearizable');
    expect(found.mostConfigurations).toBeLessThan(10);
  });

  it('refuses a history whose times make no sense', () => {
    expect(() => verdictOn(over(3, 2, read('1')))).toThrow('called at 3 and returned at 2');
    expect(() => verdictOn(over(Number.NaN, 2, read('1')))).toThrow('a finite call');
    expect(() => judge(registerModel, [], { configurations: 0, steps: 1 })).toThrow('limits.configurations is 0');
  });

  it('agrees with the definition on all small histories', () => {
    const value = fc.constantFrom('nil', '1', '2');
    const op: fc.Arbitrary<RegisterOp> = fc.oneof(
      value.map(read),
      value.map(write),
      fc.tuple(value, value).map(([from, to]) => swap(from, to)),
    );
    const operation = fc
      .record({ op, called: fc.nat(12), took: fc.nat(8), lost: fc.integer({ min: 0, max: 3 }) })
      .map(({ op, called, took, lost }) => over(called, lost === 0 ? undefined : called + took, op));
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 7 }), (history) => {
        const { verdict } = judge(registerModel, history);
        seen.add(verdict);
        expect(verdict).toBe(isLinearizable(registerModel, history) ? 'linearizable' : 'violated');
      }),
      { seed: 1, numRuns: 3_000 },
    );
    expect([...seen].sort()).toEqual(['linearizable', 'violated']);
  });
});
