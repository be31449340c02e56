import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digest } from './digest.ts';
import { SeededStream } from './random-stream.ts';

const DRAWS = 200_000;

function draw(count: number, next: (stream: SeededStream) => number): Float64Array {
  const stream = new SeededStream('test', 'random-stream.test');
  return Float64Array.from({ length: count }, () => next(stream));
}

/** √n times the largest distance between empirical and true distribution; above 1.95 with probability 0.001. */
function kolmogorovSmirnov(sample: Float64Array, distribution: (x: number) => number): number {
  const sorted = sample.slice().sort();
  let largest = 0;
  for (const [i, x] of sorted.entries()) {
    const p = distribution(x);
    largest = Math.max(largest, p - i / sorted.length, (i + 1) / sorted.length - p);
  }
  return largest * Math.sqrt(sorted.length);
}

/** Abramowitz and Stegun 7.1.26, good to 1.5e-7. */
function normalDistribution(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const half = 0.5 * polynomial * Math.exp((-x * x) / 2);
  return x < 0 ? half : 1 - half;
}

function mean(sample: Float64Array, of: (x: number) => number): number {
  let sum = 0;
  for (const x of sample) sum += of(x);
  return sum / sample.length;
}

describe('next', () => {
  it('is uniform in [0, 1)', () => {
    const sample = draw(DRAWS, (stream) => stream.next());
    expect(kolmogorovSmirnov(sample, (x) => x)).toBeLessThan(1.95);
    expect(sample.every((x) => x >= 0 && x < 1)).toBe(true);
  });
});

describe('exponential', () => {
  it('has the distribution 1 - e^(-x/mean)', () => {
    const sample = draw(DRAWS, (stream) => stream.exponential(5));
    expect(kolmogorovSmirnov(sample, (x) => 1 - Math.exp(-x / 5))).toBeLessThan(1.95);
  });

  it('has the right tail, beyond the ziggurat too', () => {
    const sample = draw(2_000_000, (stream) => stream.exponential(1));
    for (const [x, tolerance] of [
      [7.69711747013105, 0.1],
      [9, 0.2],
    ] as const) {
      const share = mean(sample, (value) => (value > x ? 1 : 0));
      expect(Math.abs(share / Math.exp(-x) - 1)).toBeLessThan(tolerance);
    }
    expect(sample.every((x) => x > 0)).toBe(true);
  });
});

describe('normal', () => {
  it('is standard normal', () => {
    const sample = draw(DRAWS, (stream) => stream.normal());
    expect(kolmogorovSmirnov(sample, normalDistribution)).toBeLessThan(1.95);
  });

  it('has the moments 0, 1, 0, 3 and the right tail', () => {
    const sample = draw(2_000_000, (stream) => stream.normal());
    expect(mean(sample, (x) => x)).toBeCloseTo(0, 2);
    expect(mean(sample, (x) => x * x)).toBeCloseTo(1, 2);
    expect(mean(sample, (x) => x * x * x)).toBeCloseTo(0, 1);
    expect(mean(sample, (x) => x * x * x * x)).toBeCloseTo(3, 1);
    // Where the ziggurat ends: P(|X| > 3.6541…) is 2.58e-4, and the mean beyond is φ/Q = 3.897.
    const tail = sample.map(Math.abs).filter((x) => x > 3.654152885361009);
    expect(tail.length / sample.length / 2.58e-4).toBeCloseTo(1, 0);
    expect(mean(tail, (x) => x)).toBeCloseTo(3.897, 1);
  });
});

describe('below', () => {
  it('gives each of 7 results equally often', () => {
    const counts = new Float64Array(7);
    for (const value of draw(DRAWS, (stream) => stream.below(7))) counts[value] = (counts[value] ?? 0) + 1;
    const expected = DRAWS / 7;
    const chiSquare = counts.reduce((sum, count) => sum + ((count - expected) * (count - expected)) / expected, 0);
    // 99.9 % point of χ² with 6 degrees of freedom.
    expect(chiSquare).toBeLessThan(22.46);
  });

  it('stays in range, as a whole number, for every bound', () => {
    const stream = new SeededStream('test', 'below');
    const bounds = fc.oneof(
      fc.integer({ min: 1, max: 0x400000 }),
      fc.maxSafeInteger().map((n) => Math.abs(n) + 1),
    );
    fc.assert(
      fc.property(bounds, (bound) => {
        const value = stream.below(bound);
        expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('reaches the upper half of a large bound', () => {
    const bound = 0x20000000000000;
    const sample = draw(1000, (stream) => stream.below(bound));
    expect(mean(sample, (x) => x / bound)).toBeCloseTo(0.5, 1);
    expect(sample.some((x) => x % 2 === 1)).toBe(true);
  });

  it.each([0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY, 0x20000000000002])('refuses the bound %s', (bound) => {
    expect(() => new SeededStream('test', 's').below(bound)).toThrow(`found ${bound}`);
  });
});

describe('a stream', () => {
  it('is the same for the same seed and different for another', () => {
    const sequence = (seed: string) => Array.from({ length: 5 }, bind(new SeededStream('a', seed)));
    expect(sequence('x')).toEqual(sequence('x'));
    expect(sequence('x')).not.toEqual(sequence('y'));
  });

  it('draws what it drew when this was written', () => {
    const stream = new SeededStream('golden', 'golden');
    expect([stream.next(), stream.below(1000), stream.exponential(1), stream.normal()]).toMatchInlineSnapshot(`
      [
        0.04200742510147393,
        772,
        0.4389556829549462,
        -0.14469017613149618,
      ]
    `);
    expect(stream.draws).toBe(4);
  });

  it('digests its state: two streams differ after one draw more', () => {
    const digestAfter = (draws: number) => {
      const stream = new SeededStream('a', 's');
      for (let i = 0; i < draws; i++) stream.next();
      const digest = new Digest();
      stream.digestInto(digest);
      return digest.hex();
    };
    expect(digestAfter(3)).toBe(digestAfter(3));
    expect(digestAfter(3)).not.toBe(digestAfter(4));
  });
});

function bind(stream: SeededStream): () => number {
  return () => stream.next();
}
