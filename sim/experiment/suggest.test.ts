import { expect, it } from 'vitest';
import { didYouMean } from './suggest.ts';

it.each([
  ['web-dya', ", did you mean 'web-day'?"],
  ['wbe-day', ", did you mean 'web-day'?"],
  ['flash', ''],
  ['x', ''],
])('%s%s', (found, hint) => {
  expect(didYouMean(found, ['web-day', 'flash-crowd', 'node-loss'])).toBe(hint);
});

it('has nothing to suggest where nothing is known', () => {
  expect(didYouMean('x', [])).toBe('');
});
