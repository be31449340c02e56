import { describe, expect, it } from 'vitest';
import type { DiskOperation, DiskOverlay } from '../../../world/disk.ts';
import { FAILED } from '../../../world/disk.ts';
import { Bench } from './testdata/bench.ts';

/** Makes operations of one kind fail. */
class Failing implements DiskOverlay {
  readonly #kind: DiskOperation['kind'];
  readonly #error: 'io-error' | 'no-space';

  constructor(kind: DiskOperation['kind'], error: 'io-error' | 'no-space') {
    this.#kind = kind;
    this.#error = error;
  }

  apply(operation: DiskOperation): void {
    if (operation.kind === this.#kind) operation.result = FAILED[this.#error];
  }
}

describe('a member whose disk', () => {
  it.each([
    ['sync', /io-error/],
    ['append', /io-error/],
  ] as const)('fails a %s ends itself at once, and what it had acknowledged holds', (kind, reason) => {
    const bench = new Bench(`failing-${kind}`, 3);
    bench.paceMs = 10;
    bench.run(1_000);
    const id = bench.leader;
    const failing = new Failing(kind, 'io-error');
    bench.world.node(id).disk.overlays.add(failing);
    bench.run(300);
    expect(bench.aborts).toEqual([expect.stringMatching(reason)]);
    expect(bench.world.node(id).running).toBe(false);
    bench.world.node(id).disk.overlays.remove(failing);
    bench.run(500);
    bench.events.length = 0;
    bench.expectAgreement();
  });

  it.each(['leader', 'follower'] as const)('is full keeps still, and goes on when there is room: the %s', (which) => {
    const bench = new Bench(`full-${which}`, 3);
    bench.paceMs = 10;
    bench.run(1_000);
    const id = bench[which];
    const { disk } = bench.world.node(id);
    const filler = disk.capacityBytes - disk.usedBytes;
    disk.foreignBytes += filler;
    bench.run(600);
    const stalled = bench.process(id).log;
    expect(stalled.isLeader).toBe(false);
    expect(bench.leader).not.toBe(id);
    const before = bench.acknowledged.length;
    const { revision } = stalled;
    bench.run(500);
    // The others go on without it.
    expect(bench.acknowledged.length).toBeGreaterThan(before + 20);
    expect(stalled.revision).toBe(revision);
    disk.foreignBytes -= filler;
    bench.run(500);
    expect(bench.process(id).log.revision).toBeGreaterThan(revision + 20);
    bench.expectAgreement();
  });

  it('is full on a majority makes the group unavailable, not wrong', () => {
    const bench = new Bench('all-full', 3);
    bench.paceMs = 10;
    bench.run(1_000);
    const full = [...bench.nodes].slice(0, 2);
    const fillers = full.map((id) => {
      const { disk } = bench.world.node(id);
      const filler = disk.capacityBytes - disk.usedBytes;
      disk.foreignBytes += filler;
      return filler;
    });
    bench.run(500);
    const before = bench.acknowledged.length;
    bench.run(1_000);
    expect(bench.acknowledged).toHaveLength(before);
    for (const [i, id] of full.entries()) bench.world.node(id).disk.foreignBytes -= fillers[i] ?? 0;
    bench.run(1_000);
    expect(bench.acknowledged.length).toBeGreaterThan(before);
    bench.expectAgreement();
  });
});
