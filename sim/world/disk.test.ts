import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DiskHandler, DiskResult } from '../host.ts';
import { Kernel } from '../kernel/kernel.ts';
import { SimulatedDisk } from './disk.ts';
import { PauseGate } from './pause-gate.ts';
import type { DiskSpec } from './spec.ts';

const spec: DiskSpec = { capacityBytes: 1e6, seekMs: 2, bandwidthBytesPerS: 1e6, syncMs: 5, queueDepth: 2 };

describe('the service of a simulated disk', () => {
  it('takes the access time and the transfer of the declared size', () => {
    const { disk, kernel, done } = bench();
    disk.append('log', Uint8Array.of(1), 4000, done, 1);
    kernel.run(100);
    disk.read('log', 0, 1, 3000, done, 2);
    kernel.run(200);
    expect(done.times).toEqual({ 1: 4, 2: 100 + 2 + 3 });
  });

  it('overlaps accesses up to the queue depth, and transfers never', () => {
    const { disk, kernel, done } = bench();
    disk.append('log', Uint8Array.of(1), 1, done, 0);
    kernel.run(100);
    for (const tag of [1, 2, 3]) disk.read('log', 0, 1, 1000, done, tag);
    kernel.run(200);
    // The third waits for the first to be done (103), and then for its own access; by then the channel is free.
    expect(done.times).toMatchObject({ 1: 103, 2: 104, 3: 106 });
    expect(disk.gauge.read(kernel.nowMs).queueMax).toBe(3);
  });

  it('lets an append use the channel while a read seeks', () => {
    const { disk, kernel, done } = bench();
    disk.append('log', Uint8Array.of(1), 1, done, 0);
    kernel.run(100);
    disk.read('log', 0, 1, 1000, done, 1);
    disk.append('log', Uint8Array.of(1), 1000, done, 2);
    kernel.run(200);
    expect(done.times).toMatchObject({ 2: 101, 1: 103 });
  });

  it('makes a read that has found its place wait for the transfers that came before', () => {
    const { disk, kernel, done } = bench();
    disk.append('log', Uint8Array.of(1), 1, done, 0);
    kernel.run(100);
    disk.read('log', 0, 1, 1000, done, 1);
    kernel.run(101);
    disk.append('log', Uint8Array.of(1), 4000, done, 2);
    kernel.run(200);
    expect(done.times).toMatchObject({ 2: 105, 1: 106 });
  });

  it('counts the time in which the channel transfers, not that of accesses', () => {
    const { disk, kernel, done } = bench();
    const busy = (untilMs: number) => {
      kernel.run(untilMs);
      return disk.reading().channelBusyMs;
    };
    disk.append('log', Uint8Array.of(1), 4000, done, 0);
    expect(busy(3)).toBe(3);
    expect(busy(100)).toBe(4);
    disk.read('log', 0, 1, 3000, done, 1);
    disk.read('log', 0, 1, 3000, done, 2);
    expect(busy(102)).toBe(4);
    expect(busy(104)).toBe(6);
    disk.crash();
    expect(busy(200), 'what a crash ended').toBe(6);
    disk.append('log', Uint8Array.of(1), 1000, done, 3);
    expect(busy(300)).toBe(7);
  });

  it('syncs after the appends before it, whatever overtakes', () => {
    const { disk, kernel, done } = bench();
    disk.append('log', Uint8Array.of(1), 10_000, done, 1);
    disk.sync('log', done, 2);
    disk.append('log', Uint8Array.of(1), 1, done, 3);
    kernel.run(100);
    expect(done.times[2]).toBe(15);
    expect(done.times[3]).toBeGreaterThanOrEqual(10);
  });

  it('is busy as long as the sum of its services', () => {
    const { disk, kernel, done } = bench();
    disk.append('a', Uint8Array.of(1), 1000, done, 1);
    disk.sync('a', done, 2);
    kernel.run(50);
    const gauge = disk.gauge.read(kernel.nowMs);
    expect(gauge.activeMs).toBe(6);
    expect(gauge.completed).toBe(2);
    expect(gauge.queue).toBe(0);
  });
});

describe('a crash', () => {
  it('keeps what was synced, byte for byte, and tears the rest at any byte', () => {
    const survivals = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      const { disk, kernel, done } = bench(`tear-${seed}`);
      disk.append('log', Uint8Array.of(1, 2, 3), 3, done, 1);
      disk.sync('log', done, 2);
      kernel.run(20);
      disk.append('log', Uint8Array.of(4, 5), 2, done, 3);
      disk.append('log', Uint8Array.of(6), 1, done, 4);
      kernel.run(40);
      disk.crash();
      const length = disk.files()[0]?.lengthBytes ?? 0;
      survivals.add(length);
      expect(disk.usedBytes).toBe(length);
      disk.read('log', 0, length, length, done, 5);
      kernel.run(60);
      expect([...done.bytes(5)]).toEqual([1, 2, 3, 4, 5, 6].slice(0, length));
    }
    expect([...survivals].sort()).toEqual([3, 4, 5, 6]);
  });

  it('loses a sync that was not finished, and may undo a removal or a cut that was not', () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      const { disk, kernel, done } = bench(`undo-${seed}`);
      for (const file of ['cut', 'gone', 'young']) {
        disk.append(file, Uint8Array.of(1, 2, 3), 3, done, 1);
        if (file !== 'young') disk.sync(file, done, 2);
      }
      kernel.run(20);
      disk.sync('young', done, 3);
      disk.truncate('cut', 1, done, 4);
      disk.remove('gone', done, 5);
      kernel.run(20.5);
      expect(done.times[3]).toBeUndefined();
      disk.crash();
      outcomes.add(JSON.stringify(disk.files().map(({ name, lengthBytes }) => `${name}:${lengthBytes}`)));
      kernel.run(100);
      expect([done.times[3], done.times[4], done.times[5]], 'nobody is told').toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
    const seen = [...outcomes].join();
    for (const part of ['cut:1', 'cut:3', 'gone:3', 'young:1', 'young:3']) expect(seen).toContain(part);
    expect([...outcomes].some((outcome) => !outcome.includes('gone'))).toBe(true);
    expect([...outcomes].some((outcome) => !outcome.includes('young'))).toBe(true);
  });

  it('takes a sync to cover only what was there when it was issued, even if the file was cut since', () => {
    const survivals = new Set<number>();
    for (let seed = 0; seed < 60; seed++) {
      const { disk, kernel, done } = bench(`cut-${seed}`);
      disk.append('log', new Uint8Array(4), 4, done, 1);
      disk.sync('log', done, 2);
      disk.truncate('log', 1, done, 3);
      disk.append('log', new Uint8Array(2), 2, done, 4);
      kernel.run(50);
      expect(done.times[2]).toBeDefined();
      disk.crash();
      survivals.add(disk.files()[0]?.lengthBytes ?? 0);
    }
    expect([...survivals].sort()).toEqual([1, 2, 3]);
  });

  it('never loses a synced prefix, over any sequence of operations', () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant('append' as const), size: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ what: fc.constant('sync' as const), size: fc.constant(0) }),
      fc.record({ what: fc.constant('truncate' as const), size: fc.integer({ min: 0, max: 99 }) }),
      fc.record({ what: fc.constant('wait' as const), size: fc.integer({ min: 1, max: 8 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer(), (steps, seed) => {
        const { disk, kernel, done } = bench(`${seed}`);
        const content: number[] = [];
        // The shortest that the file has been since each sync was issued: what that sync promises.
        const promises: { tag: number; length: number }[] = [];
        for (const [tag, { what, size }] of steps.entries()) {
          if (what === 'append') {
            const bytes = Uint8Array.from({ length: size }, (_, i) => (content.length + i * tag) & 255);
            disk.append('log', bytes, size, done, tag);
            content.push(...bytes);
          } else if (what === 'sync') {
            disk.sync('log', done, tag);
            promises.push({ tag, length: content.length });
          } else if (what === 'truncate') {
            const to = Math.floor((content.length * size) / 100);
            disk.truncate('log', to, done, tag);
            content.length = to;
            for (const promise of promises) promise.length = Math.min(promise.length, to);
          } else kernel.run(kernel.nowMs + size);
        }
        const synced = promises.filter(({ tag }) => done.times[tag] !== undefined);
        const promised = Math.max(0, ...synced.map(({ length }) => length));
        disk.crash();
        const kept = disk.files()[0]?.lengthBytes ?? 0;
        expect(kept).toBeGreaterThanOrEqual(promised);
        disk.read('log', 0, promised, 0, done, 1000);
        kernel.run(kernel.nowMs + 100);
        if (promised > 0) expect([...done.bytes(1000)]).toEqual(content.slice(0, promised));
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

function bench(seed = 'disk'): { kernel: Kernel; disk: SimulatedDisk; done: Done } {
  const kernel = new Kernel(seed);
  return {
    kernel,
    disk: new SimulatedDisk(kernel, new PauseGate(), spec, kernel.stream('disk')),
    done: new Done(kernel),
  };
}

/** Keeps when each operation was done, and how. */
class Done implements DiskHandler {
  readonly times: { [tag: number]: number } = {};
  readonly #results = new Map<number, DiskResult>();
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  onDisk(tag: number, result: DiskResult): void {
    this.times[tag] = this.#kernel.nowMs;
    this.#results.set(tag, result);
  }

  bytes(tag: number): Uint8Array {
    const result = this.#results.get(tag);
    if (result?.ok !== true || result.bytes === undefined) throw new Error(`no bytes: ${JSON.stringify(result)}`);
    return result.bytes;
  }
}
