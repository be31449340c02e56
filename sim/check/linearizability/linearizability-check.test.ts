import { describe, expect, it } from 'vitest';
import type { OperationEvent } from '../operation.ts';
import { LinearizabilityCheck, type LinearizabilityScope } from './linearizability-check.ts';

const BASE: OperationEvent = {
  kind: 'operation',
  op: 'get',
  key: 'k',
  status: 'ok',
  missing: false,
  startedMs: 0,
  latencyMs: 10,
  sizeBytes: 1,
  generation: 0,
  checksum: 0,
  attempts: 1,
  metadataAttempts: 1,
  error: '',
};

function stage(scope?: LinearizabilityScope) {
  const check = new LinearizabilityCheck(scope);
  const tell = (nowMs: number, change: Partial<OperationEvent>) => {
    const event = { ...BASE, ...change };
    check.onOperation(event, nowMs - event.latencyMs, nowMs);
  };
  const verdict = (unfinished = 0) => {
    check.close(unfinished);
    const { verdict, detail } = check.result();
    return `${verdict}: ${detail}`;
  };
  return { check, tell, verdict };
}

describe('LinearizabilityCheck', () => {
  it('judges nothing where nothing happened', () => {
    expect(stage().verdict()).toBe('not-judged: no operation was judged');
  });

  it('holds over an honest life of a key, with all kinds of operations and outcomes', () => {
    const { tell, verdict } = stage();
    tell(100, { op: 'put', generation: 3, checksum: 11 });
    tell(200, { generation: 3, checksum: 11 });
    tell(300, { op: 'head', generation: 3 });
    // A range has no checksum.
    tell(350, { generation: 3 });
    tell(400, { op: 'put', status: 'failed', checksum: 12, error: 'no' });
    tell(500, { status: 'failed', error: 'no' });
    // A condition that did not hold.
    tell(550, { op: 'put' });
    tell(600, { op: 'delete', generation: 7 });
    tell(700, { missing: true });
    tell(800, { op: 'delete', missing: true });
    tell(900, { op: 'put', status: 'unknown', checksum: 13 });
    tell(950, { missing: true });
    tell(980, { generation: 9, checksum: 13 });
    tell(990, { op: 'list', key: '' });
    expect(verdict()).toBe('held: 9 operations on 1 keys');
  });

  it('finds what no check of single reads can: two readers that see two writes in different orders', () => {
    const { tell, verdict } = stage();
    tell(90, { op: 'put', generation: 1, checksum: 11 });
    tell(140, { op: 'put', latencyMs: 40, generation: 3, checksum: 13 });
    tell(150, { latencyMs: 5, generation: 2, checksum: 12 });
    tell(200, { op: 'put', latencyMs: 100, generation: 2, checksum: 12 });
    expect(verdict()).toContain('violated: k: a read of generation 2, from 0.145 s to 0.15 s, fits nowhere');
  });

  it('finds a failed write that took effect, unless a writer ended unheard', () => {
    const run = (unfinished: number) => {
      const { tell, verdict } = stage();
      tell(100, { op: 'put', generation: 1, checksum: 11 });
      tell(200, { op: 'put', status: 'failed', checksum: 12, error: 'no' });
      tell(300, { generation: 2, checksum: 12 });
      return verdict(unfinished);
    };
    expect(run(0)).toContain('violated: k: a read of generation 2');
    expect(run(2)).toBe('held: 1 operations on 1 keys; 1 not judged (2 operations never ended)');
  });

  it('starts from what was put in place', () => {
    const run = (generation: number) => {
      const { check, tell, verdict } = stage();
      check.preload('k', 5, 11);
      tell(100, { generation, checksum: 11 });
      return verdict();
    };
    expect(run(5)).toContain('held');
    expect(run(4)).toContain('violated');
  });

  it('follows all of few keys, a sample of many, and the hottest', () => {
    const keysOf = (scope: LinearizabilityScope, keys: number) => {
      const { tell, verdict } = stage(scope);
      for (let i = 0; i < keys; i++) tell(i, { op: 'put', key: `key-${i}`, generation: 1 + i, checksum: 1 });
      return Number(/on (\d+) keys/.exec(verdict())?.[1]);
    };
    expect(keysOf('sampled', 150)).toBe(150);
    expect(keysOf('sampled', 20_000)).toBeGreaterThan(80);
    expect(keysOf('sampled', 20_000)).toBeLessThanOrEqual(200);
    expect(keysOf('all', 20_000)).toBe(20_000);
  });

  it('catches a stale read of a hot key that is not in the sample', () => {
    const { tell, verdict } = stage();
    for (let i = 0; i < 20_000; i++) tell(i, { op: 'put', key: `key-${i}`, generation: 1 + i, checksum: 1 });
    for (let hot = 0; hot < 10; hot++) {
      const key = `hot-${hot}`;
      for (let i = 0; i < 600; i++) tell(30_000 + 20 * i, { op: 'put', key, generation: 30_000 + 10 * i, checksum: 1 });
      tell(50_000, { key, generation: 30_000, checksum: 1 });
    }
    expect(verdict()).toContain('and 7 more');
  });
});
