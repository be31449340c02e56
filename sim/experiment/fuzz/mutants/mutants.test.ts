import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { hunt } from './hunt.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS, UNFOUND } from './mutants.ts';
import { mutated, specimenOf } from './mutate.ts';
import { SpecimenProcess } from './specimen-process.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');

describe('mutants', () => {
  it.each([...MUTANTS, ...UNFOUND].map((mutant) => [mutant.id, mutant] as const))(
    '%s still stands once in the code with each edit, and compiles',
    async (_id, mutant) => {
      for (const file of new Set(mutant.edits.map((edit) => edit.file))) {
        const text = await readFile(resolve(ROOT, file), 'utf8');
        const changed = mutated(text, mutant, file);
        expect(changed).not.toBe(text);
        await expect(transform(changed, { loader: 'ts' })).resolves.toBeDefined();
      }
    },
  );

  it('have names of their own and say what must find them', () => {
    const all = [...MUTANTS, ...UNFOUND];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { id, edits, expects } of all) {
      expect(edits, id).not.toEqual([]);
      expect(expects, id).not.toEqual([]);
    }
  });

  it('that the code has moved away from are refused by name', () => {
    const mutant: Mutant = {
      id: 'x',
      description: '',
      edits: [
        { file: 'f.ts', find: 'a', replace: 'b' },
        { file: 'f.ts', find: 't', replace: 'p' },
        { file: 'g.ts', find: 'x', replace: 'y' },
      ],
      expects: ['I1'],
      because: '',
    };
    expect(mutated('cat', mutant, 'f.ts')).toBe('cbp');
    expect(() => mutated('dog', mutant, 'f.ts')).toThrow('mutant x: f.ts: found 0 times, accepted: once: a');
    expect(() => mutated('aat', mutant, 'f.ts')).toThrow('found 2 times');
    expect(() => mutated('cats that', mutant, 'g.ts')).toThrow('mutant x: g.ts: found 0 times');
  });

  it('are found, and what found one is made smaller', async () => {
    const mutant = MUTANTS.find(({ id }) => id === 'metadata-ignores-conditions');
    if (mutant === undefined) throw new Error('no such mutant');
    const specimen = await specimenOf(ROOT);
    const healthy = new SpecimenProcess(ROOT, specimen.script, 60_000);
    try {
      const limits = { firstSeed: 1, trials: 10, timeLimitMs: 60_000, shrinkRuns: 4 };
      const { violated, shrunk } = await hunt(ROOT, healthy, mutant, limits);
      expect(violated.map(({ check }) => check)).toContain('I2-linearizable');
      if (shrunk === undefined) throw new Error('it was not shrunk');
      const { before, after } = shrunk;
      expect(after.faults + after.nodes + after.requests).toBeLessThan(before.faults + before.nodes + before.requests);
      expect(after.faults).toBeLessThanOrEqual(before.faults);
    } finally {
      healthy.close();
      await specimen.remove();
    }
  }, 120_000);

  it('of files that no trial runs are refused', async () => {
    const [mutant] = MUTANTS;
    if (mutant === undefined) throw new Error('there are no mutants');
    const elsewhere = { ...mutant, edits: [{ file: 'sim/cli/main.ts', find: 'a', replace: 'b' }] };
    await expect(specimenOf(ROOT, elsewhere)).rejects.toThrow(`mutant ${mutant.id}: sim/cli/main.ts: no trial runs`);
  });
});
