import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { evenkeel } from './testdata/command-line.ts';

const folder = mkdtemp(join(tmpdir(), 'evenkeel-cli-fuzz-'));
afterAll(async () => rm(await folder, { recursive: true, force: true }));

describe('evenkeel fuzz', () => {
  it('runs trials and says what they came to; nothing is written where nothing failed', async () => {
    const { code, stdout, stderr } = await evenkeel(
      'fuzz',
      '--trials',
      '2',
      '--seed',
      '22',
      '--jobs',
      '1',
      '--out',
      await folder,
    );
    expect(stdout).toMatch(/trials +│ 2, 0 failed/);
    expect(stdout).toMatch(/checks violated +│ none/);
    expect(stdout).toMatch(/I2-linearizable 2/);
    expect(stderr).toContain('fuzz: 2/2');
    expect(code).toBe(0);
    expect(await readdir(await folder)).toEqual([]);
  }, 60_000);

  it.each([
    [['--trails', '5'], /unknown option '--trails'\n\(Did you mean --trials\?\)/],
    [['--trials', '0'], /--trials <n>.*found '0'; accepted: a whole number from 1/],
    [['--seed', '-1'], /--seed <n>.*found '-1'; accepted: a whole number from 0/],
    [['--time-limit', 'soon'], /--time-limit <time>.*found 'soon'; accepted: a time such as 500ms, 90s or 10m/],
  ])('refuses %j', async (words, complaint) => {
    const { code, stderr } = await evenkeel('fuzz', ...words);
    expect(stderr).toMatch(complaint);
    expect(code).toBe(2);
  });
});

describe('evenkeel mutants', () => {
  it('refuses a mutant that there is not, and says which is meant', async () => {
    const { code, stderr } = await evenkeel('mutants', '--only', 'raft-vote-twice');
    expect(stderr).toMatch(/--only: found 'raft-vote-twice'; accepted: .*, did you mean 'raft-votes-twice'\?/);
    expect(code).toBe(2);
  });
});
