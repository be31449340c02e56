import { describe, expect, it } from 'vitest';
import type { Backend } from '../balancer.ts';
import { balancerOf, picksOf, REQUEST, tableOf } from '../testdata/test-backends.ts';
import { ProbePool } from './probe-pool.ts';
import { RifQuantile } from './rif-quantile.ts';

/** A balancer whose probes are noted, and answered when the test says so. */
function probing(options: object, backends: number) {
  const clock = { ms: 0 };
  const asked: Backend[] = [];
  const table = tableOf(new Array<number>(backends).fill(1));
  const world = { nowMs: () => clock.ms, probe: (backend: Backend) => asked.push(backend) };
  const balancer = balancerOf('prequal', { removalsPerRequest: 0, ...options }, table, world);
  const tell = (place: number, inFlight: number, latencyMs: number) => {
    const backend = table[place];
    if (backend !== undefined) balancer.onFeedback?.(backend, { kind: 'probe', inFlight, latencyMs });
  };
  return { clock, asked, table, balancer, tell, pick: () => balancer.pick(table, REQUEST).index };
}

describe('prequal', () => {
  it('picks the fastest of those that are not hot', () => {
    const { tell, pick } = probing({}, 4);
    // Of 1, 2, 3, 10 the quantile 0.84 is the third: 3. The fastest of all has 10 and is hot.
    [
      [1, 9],
      [2, 4],
      [3, 8],
      [10, 1],
    ].forEach(([rif = 0, ms = 0], place) => {
      tell(place, rif, ms);
    });
    expect(pick()).toBe(1);
  });

  it('picks the one with the fewest requests if all are hot', () => {
    const { table, balancer, tell } = probing({}, 8);
    for (let place = 2; place < 8; place++) for (let i = 0; i < 10; i++) tell(place, 1, 1);
    tell(0, 7, 1);
    tell(1, 6, 50);
    expect(balancer.pick(table.slice(0, 2), REQUEST).index).toBe(1);
  });

  it.each([
    { hotQuantile: 0, expected: 0, by: 'requests in flight alone' },
    { hotQuantile: 1, expected: 2, by: 'latency alone' },
  ])('goes by $by at quantile $hotQuantile', ({ hotQuantile, expected }) => {
    const { tell, pick } = probing({ hotQuantile }, 3);
    [
      [3, 100],
      [5, 20],
      [7, 10],
    ].forEach(([rif = 0, ms = 0], place) => {
      tell(place, rif, ms);
    });
    expect(pick()).toBe(expected);
  });

  it('adds its own requests to an answer, so that the best does not get all', () => {
    const { tell, pick } = probing({ hotQuantile: 0.5 }, 3);
    [2, 2, 2].forEach((rif, place) => {
      tell(place, rif, 1 + place);
    });
    expect([pick(), pick(), pick()]).toEqual([0, 1, 2]);
  });

  it('draws while fewer than two of the eligible have answered, or their answers are too old', () => {
    const { clock, tell, table, balancer } = probing({ maxAgeMs: 100, hotQuantile: 1 }, 3);
    const picks = () => new Set(picksOf(balancer, table, 60)).size;
    tell(0, 0, 1);
    expect(picks()).toBe(3);
    tell(1, 0, 5);
    tell(2, 900, 9);
    clock.ms = 100;
    expect(picks()).toBe(1);
    clock.ms = 101;
    expect(picks()).toBe(3);
  });

  it('asks three distinct backends a request, and fractions over the requests', () => {
    const { asked, pick } = probing({}, 10);
    pick();
    expect(new Set(asked).size).toBe(3);
    const sparing = probing({ probesPerRequest: 0.4 }, 10);
    for (let i = 0; i < 10; i++) sparing.pick();
    expect(sparing.asked).toHaveLength(4);
  });

  it('uses an answer (1 + δ) / ((1 − m/n) probes − removals) times on average', () => {
    // n = 100, m = 16, 3 probes, 1 removal: 2 / 1.52 = 1.316. Told apart by removing none of the two that are there.
    const { tell, table, balancer } = probing({ removalsPerRequest: 1, hotQuantile: 1 }, 100);
    const two = table.slice(0, 2);
    let twice = 0;
    for (let i = 0; i < 3000; i++) {
      // Sixteen newer answers push out those of the round before.
      for (let place = 50; place < 66; place++) tell(place, 1_000, 1);
      for (let place = 0; place < 2; place++) tell(place, 0, 1 + place);
      const [one, other] = picksOf(balancer, two, 2);
      if (one === 0 && other === 0) twice++;
    }
    // Used once, it is gone and a draw decides: 0.316 + 0.684 / 2.
    expect(Math.abs(twice / 3000 - 0.658)).toBeLessThan(0.03);
  });

  it('drops the answer of who failed', () => {
    const { tell, table, balancer, pick } = probing({}, 3);
    [1, 2, 3].forEach((ms, place) => {
      tell(place, 0, ms);
    });
    const [best] = table;
    if (best !== undefined) balancer.onDone(best, 'failed', 0.1);
    expect(pick()).toBe(1);
  });

  it('gives the requests of an idle cluster to all alike', () => {
    const { tell, pick } = probing({}, 4);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      for (let place = 0; place < 4; place++) tell(place, 0, 2);
      const place = pick();
      counts[place] = (counts[place] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});

describe('the pool of answers', () => {
  const pooled = (pool: ProbePool, backends: number) =>
    Array.from({ length: backends }, (_, index) => index).filter((index) => pool.of(index) !== undefined);

  function poolOf(capacity: number, answers: readonly (readonly [rif: number, ms: number])[]): ProbePool {
    const pool = new ProbePool(capacity, 1_000);
    pool.update(new Int32Array(answers.length).fill(-1));
    answers.forEach(([rif, ms], index) => {
      pool.add(index, rif, ms, index, 9);
    });
    return pool;
  }

  it('keeps one answer a backend, the newest, and pushes out the oldest', () => {
    const pool = poolOf(2, [
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(pooled(pool, 3)).toEqual([1, 2]);
    pool.add(1, 5, 5, 10, 9);
    pool.add(0, 1, 1, 11, 9);
    expect(pooled(pool, 3)).toEqual([0, 1]);
    expect(pool.of(1)).toMatchObject({ inFlight: 5, latencyMs: 5 });
  });

  it('throws out the oldest and the worst by turns', () => {
    const pool = poolOf(8, [
      [1, 5],
      [1, 2],
      [9, 1],
      [8, 1],
      [1, 7],
      [1, 3],
    ]);
    pool.thinOut(4);
    expect(pooled(pool, 6)).toEqual([1, 2, 3, 4, 5]);
    pool.thinOut(4);
    expect(pooled(pool, 6)).toEqual([1, 3, 4, 5]);
    pool.thinOut(4);
    expect(pooled(pool, 6)).toEqual([3, 4, 5]);
    pool.thinOut(4);
    expect(pooled(pool, 6)).toEqual([4, 5]);
    pool.drop(5);
    pool.add(5, 1, 3, 20, 9);
    pool.thinOut(4);
    pool.thinOut(4);
    expect(pool.size).toBe(0);
  });

  it('follows backends to new places', () => {
    const pool = poolOf(8, [
      [1, 5],
      [2, 6],
      [3, 7],
    ]);
    pool.update(Int32Array.of(2, -1, 0));
    expect(pooled(pool, 3)).toEqual([0, 2]);
    expect(pool.of(0)).toMatchObject({ inFlight: 3, index: 0 });
    expect(pool.of(2)).toMatchObject({ inFlight: 1, index: 2 });
    pool.expire(1_001);
    expect(pooled(pool, 3)).toEqual([0]);
  });
});

describe('quantile of requests in flight', () => {
  it('is that of the latest 128 answers', () => {
    const rif = new RifQuantile(0.84);
    expect(rif.threshold).toBe(Number.POSITIVE_INFINITY);
    for (let i = 1; i <= 100; i++) rif.add(i);
    expect(rif.threshold).toBe(84);
    for (let i = 0; i < 128; i++) rif.add(3);
    expect(rif.threshold).toBe(3);
    rif.add(1_000_000);
    expect(rif.threshold).toBe(3);
  });
});
