import { describe, expect, it } from 'vitest';
import { bytesOf, DiskScript, stage } from './testdata/stage.ts';

describe('faults of disks', () => {
  it('wipe-disk: the node comes back with nothing, and the world says so', () => {
    const { kernel, host, world, events, effects } = stage({
      kind: 'wipe-disk',
      target: 'data-1',
      atMs: 100,
      durationMs: 50,
    });
    const before = new DiskScript(host());
    before.write('a', [1, 2, 3]);
    kernel.run(120);
    expect(world.node('data-1').state).toBe('down');
    kernel.run(200);
    expect(world.node('data-1').incarnation).toBe(2);
    expect(world.node('data-1').disk.files()).toEqual([]);
    expect(world.node('data-1').disk.usedBytes).toBe(0);
    expect(events()).toContainEqual({ kind: 'disk-wiped', files: 1 });
    expect(effects()).toBe(1);
  });

  it('bit-rot: exactly the reported bits differ, in the files that were wanted', () => {
    const { kernel, host, events, effects } = stage({
      kind: 'bit-rot',
      target: 'data-1',
      atMs: 100,
      flips: 3,
      files: 'b',
    });
    const script = new DiskScript(host());
    const bytes = Array.from({ length: 64 }, (_, i) => i);
    script.write('a', bytes);
    script.write('b', bytes);
    kernel.run(90);
    script.read('b', 64);
    kernel.run(110);
    script.read('a', 64);
    script.read('b', 64);
    kernel.run(200);
    const [early, a, b] = script.results.filter((result) => result.ok && result.bytes !== undefined).map(bytesOf);
    expect(early, 'what was read before keeps the old bytes').toEqual(bytes);
    expect(a).toEqual(bytes);
    const expected = [...bytes];
    for (const event of events()) {
      if (!('offset' in event) || typeof event.offset !== 'number') continue;
      expect(event).toMatchObject({ kind: 'disk-corrupted', file: 'b' });
      if ('mask' in event && typeof event.mask === 'number')
        expected[event.offset] = (expected[event.offset] ?? 0) ^ event.mask;
    }
    expect(b).toEqual(expected);
    expect(b).not.toEqual(bytes);
    expect(effects()).toBe(3);
  });

  it('bit-rot of what is not durable yet does not happen', () => {
    const { kernel, host, effects } = stage({ kind: 'bit-rot', target: 'data-1', atMs: 100 });
    host().disk.append('a', Uint8Array.of(1), 1, { onDisk: () => {} }, 0);
    kernel.run(200);
    expect(effects()).toBe(0);
  });

  it('full-disk: what is left free can be written, no more, until it ends', () => {
    const { kernel, host, world } = stage({
      kind: 'full-disk',
      target: 'data-1',
      atMs: 100,
      durationMs: 100,
      freeBytes: 10,
    });
    const script = new DiskScript(host());
    kernel.run(110);
    expect(host().disk.capacityBytes - host().disk.usedBytes).toBe(10);
    script.append('a', 10);
    script.append('a', 1);
    kernel.run(150);
    expect(script.results).toEqual([{ ok: true }, { ok: false, error: 'no-space' }]);
    expect(world.node('data-1').disk.usedBytes, 'its own').toBe(10);
    kernel.run(210);
    script.append('a', 1);
    kernel.run(300);
    expect(script.results[2]).toEqual({ ok: true });
  });

  it('sync-failure: fails once; a later sync succeeds and proves nothing', () => {
    const { kernel, host, world, effects } = stage({ kind: 'sync-failure', target: 'data-1', atMs: 100 });
    const script = new DiskScript(host());
    script.write('a', [1]);
    kernel.run(150);
    script.write('a', [2]);
    kernel.run(200);
    script.write('a', [3]);
    kernel.run(300);
    expect(script.results.filter(({ ok }) => !ok)).toEqual([{ ok: false, error: 'io-error' }]);
    world.crash('data-1', { mode: 'machine' });
    expect(world.node('data-1').disk.files()).toEqual([{ name: 'a', lengthBytes: 1 }]);
    expect(effects()).toBe(1);
  });

  it('sync-failure: who ends over it starts again when the fault ends, even if it heard of it later', () => {
    const { kernel, host, world } = stage({ kind: 'sync-failure', target: 'data-1', atMs: 100, durationMs: 1 });
    const first = host();
    kernel.run(100.5);
    first.disk.append('a', Uint8Array.of(1), 1, { onDisk: () => {} }, 0);
    first.disk.sync('a', { onDisk: (_tag, result) => !result.ok && first.abort('sync failed') }, 0);
    kernel.run(150);
    expect(world.node('data-1').state).toBe('down');
    kernel.run(5_000);
    expect(world.node('data-1').state).toBe('up');
    expect(world.node('data-1').incarnation).toBe(2);
  });

  it('read-errors: the stated share of the reads fails', () => {
    const { kernel, host, effects } = stage({ kind: 'read-errors', target: 'data-1', atMs: 100, rate: 0.25 });
    const script = new DiskScript(host());
    script.write('a', [1]);
    kernel.run(110);
    script.results.length = 0;
    for (let i = 0; i < 1_000; i++) script.read('a', 1);
    kernel.run(1_000);
    const failed = script.results.filter(({ ok }) => !ok);
    expect(failed.length / 1_000).toBeCloseTo(0.25, 1);
    expect(effects()).toBe(failed.length);
  });
});
