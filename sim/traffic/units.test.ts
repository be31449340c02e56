import { describe, expect, it } from 'vitest';
import { byteSize, duration } from './units.ts';

describe('units', () => {
  it.each([
    ['250ms', 250],
    ['60s', 60_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    [42, 42],
    [0, 0],
  ])('reads the duration %s', (input, ms) => {
    expect(duration.parse(input)).toBe(ms);
  });

  it.each([
    ['512b', 512],
    ['64kb', 65_536],
    ['1.5MB', 1_572_864],
    ['2gb', 2_147_483_648],
    [100, 100],
  ])('reads the size %s', (input, bytes) => {
    expect(byteSize.parse(input)).toBe(bytes);
  });

  it.each(['', '5', 's', '5x', '-1s', '1e3s', -1, Number.NaN, Infinity, null, undefined, {}])(
    'refuses %o in both',
    (input) => {
      for (const field of [duration, byteSize]) {
        const result = field.safeParse(input);
        expect(result.success).toBe(false);
        expect(result.error?.issues[0]?.message).toMatch(/(found|missing).*accepted: (ms|bytes) from 0/);
      }
    },
  );
});
