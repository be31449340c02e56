import { describe, expect, it } from 'vitest';
import { LoadMeter } from './load-meter.ts';

function metered() {
  const clock = { ms: 0 };
  const meter = new LoadMeter({ nowMs: () => clock.ms, wallMs: () => 0 });
  /** A read that found so many others and took so long. */
  const read = (found: number, tookMs: number) => {
    const startedMs = clock.ms;
    clock.ms += tookMs;
    return meter.measured(startedMs, found, found);
  };
  return { meter, read };
}

describe('load meter', () => {
  it('tells with an answer what is left and how long it took', () => {
    const { read } = metered();
    expect(read(3, 12)).toEqual({ kind: 'answer', inFlight: 3, serviceMs: 12 });
  });

  it('tells a probe the median of the reads that found it as busy', () => {
    const { meter, read } = metered();
    expect(meter.tell(0)).toEqual({ kind: 'block.load', inFlight: 0, latencyMs: 0 });
    for (const tookMs of [2, 1, 9, 3, 4]) read(0, tookMs);
    for (const tookMs of [30, 10, 20, 90, 40]) read(8, tookMs);
    expect(meter.tell(0).latencyMs).toBe(3);
    expect(meter.tell(8)).toEqual({ kind: 'block.load', inFlight: 8, latencyMs: 30 });
  });

  it('goes by the nearest load that it knows enough of', () => {
    const { meter, read } = metered();
    for (let i = 0; i < 4; i++) read(1, 5);
    for (let i = 0; i < 4; i++) read(2, 7);
    for (let i = 0; i < 9; i++) read(20, 50);
    expect(meter.tell(0).latencyMs).toBe(5);
    expect(meter.tell(30).latencyMs).toBe(50);
    expect(meter.tell(1_000_000).latencyMs).toBe(50);
  });

  it('forgets all but the latest 64 reads', () => {
    const { meter, read } = metered();
    for (let i = 0; i < 64; i++) read(0, 100);
    for (let i = 0; i < 60; i++) read(0, 1);
    expect(meter.tell(0).latencyMs).toBe(1);
  });
});
