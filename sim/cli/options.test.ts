import { Command, InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseCount, parseSeeds, type RunOptions, withRunOptions } from './options.ts';

describe('parseSeeds', () => {
  it.each([
    ['1', [1]],
    ['3', [1, 2, 3]],
    ['7,', [7]],
    ['1,2,7', [1, 2, 7]],
    ['9,2,', [9, 2]],
    ['0,5', [0, 5]],
  ])('%s → %j', (text, seeds) => {
    expect(parseSeeds(text)).toEqual(seeds);
  });

  it.each(['', '0', '1001', 'x', '-3', '1.5', '1;2', ',', '1,,2', '1,1', '01,1', '1, 2', '99999999999999999999,'])(
    'refuses %j',
    (text) => {
      expect(() => parseSeeds(text)).toThrow(InvalidArgumentError);
      expect(() => parseSeeds(text)).toThrow(/found .*; accepted: /);
    },
  );
});

describe('parseCount', () => {
  it('takes whole numbers from 1', () => {
    expect(parseCount('12')).toBe(12);
  });

  it.each(['0', '-1', '1.5', 'x', '', ' ', 'Infinity', 'NaN', '0x10'])('refuses %j', (text) => {
    expect(() => parseCount(text)).toThrow(`found '${text}'; accepted: a whole number from 1`);
  });
});

describe('the options of a run', () => {
  const parse = (...words: string[]) =>
    withRunOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }), 'reports/out')
      .parse(words, { from: 'user' })
      .opts<RunOptions>();

  it('have defaults that run everything once more, nothing changed', () => {
    expect(parse()).toEqual({ set: [], out: 'reports/out' });
  });

  it('collect settings in order, and names by commas, each once', () => {
    expect(parse('--set', 'a=1', '--set', 'b=2').set).toEqual(['a=1', 'b=2']);
    expect(parse('--variants', 'x, y,x,').variants).toEqual(['x', 'y']);
    expect(() => parse('--variants', ' , ')).toThrow(/found ' , '; accepted: names of variants/);
  });
});
