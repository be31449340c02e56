import { describe, expect, it } from 'vitest';
import { formatBytes, formatMs, formatNumber, formatValue, inSentence, shorten } from './format.ts';

describe('format', () => {
  it('keeps three digits and no trailing zeros', () => {
    expect([0, 1.2345, 60, 0.0512, 4201711, -0.004, 999.6].map((value) => formatNumber(value))).toEqual([
      '0',
      '1.23',
      '60',
      '0.0512',
      '4\u202f201\u202f711',
      '−0.004',
      '1\u202f000',
    ]);
  });

  it('says the unit a person would say', () => {
    expect([0.4, 999, 63_200, 840_000, 4 * 3_600_000].map(formatMs)).toEqual([
      '0.4 ms',
      '999 ms',
      '63.2 s',
      '14 min',
      '4 h',
    ]);
    expect([0, 999, 1500, 12.34e6].map(formatBytes)).toEqual(['0 B', '999 B', '1.5 kB', '12.3 MB']);
  });

  it('never prints NaN', () => {
    expect(formatValue(null, 'ms')).toBe('no sample');
    expect(formatValue(Number.NaN, 'fraction')).toBe('no sample');
    expect(formatNumber(Number.POSITIVE_INFINITY)).toBe('no sample');
  });

  it('does not round nearly all to all', () => {
    expect(formatValue(0.999907, 'fraction')).toBe('99.9907 %');
    expect(formatValue(1, 'fraction')).toBe('100 %');
  });

  it('shortens from the middle without splitting a character', () => {
    expect(shorten('short')).toBe('short');
    expect([...shorten('😀'.repeat(100), 10)]).toHaveLength(10);
  });

  it('puts labels into sentences', () => {
    expect(inSentence('Get, p99')).toBe('get p99');
    expect(inSentence('SLO')).toBe('SLO');
  });
});
