import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Comparison } from '../record/schema.ts';

const packageSchema = z.object({ version: z.string() });

/** Versions and times of the machine's side of a comparison. The revision is null outside a git checkout, and ends in `+` with uncommitted changes. */
export async function environment(root: string, startedAt: Date): Promise<Comparison['environment']> {
  const { version } = packageSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  return {
    evenkeel: version,
    node: process.versions.node,
    revision: await revision(root),
    startedAt: startedAt.toISOString(),
    wallSeconds: Math.round((Date.now() - startedAt.getTime()) / 100) / 10,
  };
}

async function revision(root: string): Promise<string | null> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', ['-C', root, ...args])).stdout.trim();
  try {
    const [commit, changes] = await Promise.all([git('rev-parse', '--short=12', 'HEAD'), git('status', '--porcelain')]);
    return changes === '' ? commit : `${commit}+`;
  } catch {
    return null;
  }
}
