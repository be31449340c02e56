import { describe, expect, it } from 'vitest';
import { bareHost } from './testdata/rig.ts';
import { UpkeepPace } from './upkeep-pace.ts';

/** Takes `steps` turns of 1,000 bytes, and notes when. */
function course(steps: number, inFlightAt: (ms: number) => number): readonly number[] {
  const { kernel, host } = bareHost();
  const startMs = kernel.nowMs;
  const workload = {
    get inFlight() {
      return inFlightAt(kernel.nowMs - startMs);
    },
  };
  const pace = new UpkeepPace(host, workload, { bytesPerSecond: 10_000, yieldAboveInFlight: 2, patienceMs: 500 });
  const turns: number[] = [];
  const upkeep = {
    onTurn: () => {
      turns.push(kernel.nowMs - startMs);
      pace.pay(1_000);
      if (turns.length < steps) pace.awaitTurn(upkeep);
    },
  };
  pace.awaitTurn(upkeep);
  kernel.run(startMs + 60_000);
  return turns;
}

describe('the pace of upkeep', () => {
  it('is its rate while there is little else to do', () => {
    expect(course(4, () => 2)).toEqual([0, 100, 200, 300]);
  });

  it('waits while there are many requests, and goes on when there are few', () => {
    const turns = course(3, (ms) => (ms < 250 ? 3 : 0));
    expect(turns[0]).toBeGreaterThanOrEqual(250);
    expect(turns[0]).toBeLessThan(260);
    expect((turns[1] ?? 0) - (turns[0] ?? 0)).toBeCloseTo(100, 6);
  });

  it('takes a step in spite of them once its patience has ended', () => {
    const turns = course(3, () => 100);
    expect(turns).toHaveLength(3);
    for (const [n, atMs] of turns.entries()) {
      const dueMs = n === 0 ? 0 : (turns[n - 1] ?? 0) + 100;
      expect(atMs - dueMs).toBeGreaterThanOrEqual(500);
      expect(atMs - dueMs).toBeLessThan(506);
    }
  });

  it('takes no step for who no longer waits', () => {
    const { kernel, host } = bareHost();
    const pace = new UpkeepPace(host, { inFlight: 9 }, { bytesPerSecond: 1, yieldAboveInFlight: 0, patienceMs: 10 });
    let turns = 0;
    pace.awaitTurn({ onTurn: () => turns++ });
    pace.cancel();
    kernel.run(kernel.nowMs + 1_000);
    expect(turns).toBe(0);
  });
});
