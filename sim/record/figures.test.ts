import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FIGURES } from './figures.ts';

describe('figures', () => {
  it('stand in the README as they are, in their order', () => {
    const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
    const rows = readme.split('\n').filter((line) => line.startsWith('| `') && line.split(' | ').length >= 5);
    expect(rows.map((row) => row.split(' | ').slice(0, 4).join(' | '))).toEqual(
      FIGURES.map(({ name, label, unit, better }) => `| \`${name}\` | ${label} | ${unit} | ${better}`),
    );
  });
});
