import { describe, expect, it } from 'vitest';
import { layerSettings } from './config.ts';
import { GradientLimit } from './gradient-limit.ts';

const config = layerSettings.adaptiveConcurrency.parse({ windowRequests: 10, minLimit: 10, maxLimit: 200 });

/** Ends so many windows of requests of one latency, with as many in progress as the limit allows. */
function play(limit: GradientLimit, windows: number, latencyMs: number, kind: 'read' | 'write' = 'read'): void {
  for (let i = 0; i < windows * 10; i++) limit.sample(kind, latencyMs, limit.limit);
}

describe('a limit by the gradient of latency', () => {
  it('grows to its most while latency is as usual', () => {
    const limit = new GradientLimit(config);
    play(limit, 200, 5);
    expect(limit.limit).toBe(200);
  });

  it('shrinks when latency rises beyond the tolerance, not within it', () => {
    const limit = new GradientLimit(config);
    play(limit, 200, 5);
    play(limit, 1, 7);
    expect(limit.limit).toBe(200);
    play(limit, 10, 50);
    expect(limit.limit).toBeLessThan(120);
  });

  it('halves at most in one sample, and keeps to its least', () => {
    const limit = new GradientLimit({ ...config, smoothing: 1 });
    play(limit, 200, 5);
    play(limit, 1, 1e6);
    expect(limit.limit).toBe(104);
    const drowned = new GradientLimit({ ...config, initialLimit: 12 });
    play(drowned, 1, 1);
    play(drowned, 5, 1e6);
    expect(drowned.limit).toBeGreaterThanOrEqual(10);
  });

  it('comes back when latency does', () => {
    const limit = new GradientLimit(config);
    play(limit, 200, 5);
    play(limit, 30, 50);
    play(limit, 400, 5);
    expect(limit.limit).toBe(200);
  });

  it('does not grow while it is hardly used', () => {
    const limit = new GradientLimit(config);
    for (let i = 0; i < 1_000; i++) limit.sample('read', 5, 3);
    expect(limit.limit).toBe(100);
  });

  it('takes no mix of slow writes and fast reads for an overload', () => {
    const limit = new GradientLimit(config);
    play(limit, 100, 5, 'read');
    play(limit, 100, 100, 'write');
    expect(limit.limit).toBe(200);
  });
});
