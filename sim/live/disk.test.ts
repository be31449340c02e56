import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DiskHandler, DiskResult } from '../host.ts';
import { LiveDisk } from './disk.ts';
import { Lifeline } from './lifeline.ts';

describe('the live disk', () => {
  let directory = '';

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'evenkeel-disk-'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  it.skipIf(!existsSync('/dev/full'))(
    'fails what was appended behind a failed append, whose bytes were never there',
    async () => {
      await mkdir(join(directory, 'd'));
      // A device that has no space, whatever is written.
      await symlink('/dev/full', join(directory, 'd', 'f-log'));
      const disk = new LiveDisk(join(directory, 'd'), 1000, new Lifeline());
      const results = new Results();
      expect(disk.append('log', Uint8Array.of(1, 2, 3), 3, results, 1)).toBe(0);
      expect(disk.append('log', Uint8Array.of(4), 1, results, 2)).toBe(3);
      await results.count(2);
      expect(results.get(1)).toEqual({ ok: false, error: 'no-space' });
      expect(results.get(2)).toEqual({ ok: false, error: 'io-error' });
      expect(disk.usedBytes).toBe(0);
      expect(disk.append('log', Uint8Array.of(5), 1, results, 3), 'the file is as it was').toBe(0);
      await results.count(3);
      await disk.close();
    },
  );

  it('carries out the changes of a file one after the other', async () => {
    const disk = new LiveDisk(directory, 1e9, new Lifeline());
    const results = new Results();
    disk.append('log', new Uint8Array(20_000_000), 0, results, 1);
    disk.truncate('log', 10, results, 2);
    disk.append('log', Uint8Array.of(1), 0, results, 3);
    await results.count(3);
    await disk.close();
    expect((await stat(join(directory, 'f-log'))).size).toBe(11);
  });

  it('counts what an earlier process left', async () => {
    const first = new LiveDisk(directory, 1000, new Lifeline());
    const results = new Results();
    first.append('log', new Uint8Array(30), 30, results, 1);
    await results.count(1);
    await first.close();
    const second = new LiveDisk(directory, 1000, new Lifeline());
    expect(second.usedBytes).toBe(30);
    expect(second.append('log', Uint8Array.of(1), 1, results, 2)).toBe(30);
    await results.count(2);
    await second.close();
  });

  it('refuses a directory that is not its own', async () => {
    await writeFile(join(directory, 'thesis.txt'), 'precious');
    expect(() => new LiveDisk(directory, 1000, new Lifeline())).toThrow(/thesis\.txt: not a file of this store/);
  });
});

class Results implements DiskHandler {
  readonly #results = new Map<number, DiskResult>();

  onDisk(tag: number, result: DiskResult): void {
    this.#results.set(tag, result);
  }

  get(tag: number): DiskResult | undefined {
    return this.#results.get(tag);
  }

  async count(wanted: number): Promise<void> {
    for (let i = 0; i < 3000 && this.#results.size < wanted; i++)
      await new Promise((resolve) => setTimeout(resolve, 1));
    expect(this.#results.size).toBe(wanted);
  }
}
