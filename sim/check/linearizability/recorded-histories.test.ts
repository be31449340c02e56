import { describe, expect, it } from 'vitest';
import { explain, judge, judgeByKey, type Verdict } from './judge.ts';
import {
  etcdHistory,
  HISTORIES_ARE_THERE,
  historyFiles,
  registerModel,
  textHistory,
  textModel,
  verdicts,
} from './testdata/recorded-histories.ts';

const WHY_NOT = HISTORIES_ARE_THERE ? '' : ' (skipped: ../shared/external/porcupine is not there)';

describe.skipIf(!HISTORIES_ARE_THERE)(`recorded histories with published verdicts${WHY_NOT}`, () => {
  const judged = HISTORIES_ARE_THERE
    ? verdicts().map(({ file, linearizable }) => ({ file, linearizable, found: judgeFile(file) }))
    : [];

  it('are all judged', () => {
    expect(judged.map(({ file }) => file).sort()).toEqual(historyFiles().sort());
    expect(judged.length).toBeGreaterThan(50);
  });

  it.each(judged)('$file is judged as by its authors: linearizable $linearizable', ({ linearizable, found }) => {
    const wanted = linearizable ? new Set(['linearizable']) : new Set(['linearizable', 'violated']);
    const verdicts = found.map(({ verdict }) => verdict);
    expect(verdicts.every((verdict) => wanted.has(verdict))).toBe(true);
    expect(verdicts.includes('violated')).toBe(!linearizable);
  });

  it('need little memory: few ways are kept at a time', () => {
    const all = judged.flatMap(({ found }) => found);
    expect(Math.max(...all.map(({ mostConfigurations }) => mostConfigurations))).toBeLessThan(50);
    expect(all.reduce((sum, { steps }) => sum + steps, 0)).toBeLessThan(50_000);
  });

  it('are explained where they are wrong', () => {
    const [found] = [...judgeByKey(textModel, textHistory('kv/c01-bad.txt'), ({ key }) => key).values()].filter(
      ({ verdict }) => verdict === 'violated',
    );
    // A single client that reads its own writes: what it read last has lost one of them.
    expect(found?.verdict === 'violated' && explain(textModel, found.refusal)).toBe(
      'get 7 "x 0 0 y", called at 58 and returned at 59, fits nowhere: before it, the object was "x 0 0 yx 0 3 y"',
    );
  });
});

function judgeFile(file: string): Verdict<unknown>[] {
  if (file.startsWith('jepsen/')) return [judge(registerModel, etcdHistory(file))];
  return [...judgeByKey(textModel, textHistory(file), ({ key }) => key).values()];
}
