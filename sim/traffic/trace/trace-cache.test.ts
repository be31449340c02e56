import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readTraceOnce } from './trace-cache.ts';

it('reads a trace once, until its file changes or it is asked for in another way', async () => {
  const root = mkdtempSync(join(tmpdir(), 'evenkeel-cache-'));
  try {
    writeFileSync(join(root, 't.txt'), '0 REST.GET.OBJECT a 5\n');
    const first = await readTraceOnce('t.txt', { root });
    expect(await readTraceOnce('t.txt', { root })).toBe(first);
    expect(await readTraceOnce('t.txt', { root, unknownSizeBytes: 1 })).not.toBe(first);
    writeFileSync(join(root, 't.txt'), '0 REST.GET.OBJECT a 5\n1 REST.GET.OBJECT b 5\n');
    expect((await readTraceOnce('t.txt', { root })).count).toBe(2);
  } finally {
    rmSync(root, { recursive: true });
  }
});
