import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMetadataConfig } from '../config.ts';
import { TransferPace } from './transfer-pace.ts';

const mib = 1024 * 1024;
const settings = parseMetadataConfig({ members: ['m'] });

function say(pace: TransferPace, getP99Ms: number | undefined, nowMs: number, gets = 100, gateway = 'g'): void {
  pace.noteReport(
    gateway,
    { kind: 'health.report', windowMs: 1_000, getP99Ms, gets, nodes: [], controlBytes: 0 },
    nowMs,
  );
}

describe('the pace of transfers', () => {
  it('halves each second while clients suffer, down to a bound, and recovers by equal steps', () => {
    const pace = new TransferPace(settings);
    const rates: number[] = [];
    for (let second = 0; second < 24; second++) {
      say(pace, second < 6 ? 251 : 20, 1_000 * second);
      for (let quarter = 0; quarter < 4; quarter++) pace.step(1_000 * second + 250 * quarter);
      rates.push(pace.bytesPerSecond / mib);
    }
    expect(rates.slice(0, 6)).toEqual([16, 8, 4, 2, 1, 1]);
    expect(rates.slice(6, 10)).toEqual([3, 5, 7, 9]);
    expect(rates.at(-1)).toBe(32);
  });

  it('heeds the gateway that suffers most, and no p99 of a few gets or of long ago', () => {
    const pace = new TransferPace(settings);
    say(pace, 400, 0, 3);
    say(pace, undefined, 0, 0);
    pace.step(0);
    expect(pace.bytesPerSecond).toBe(32 * mib);
    say(pace, 10, 1_000, 100, 'g');
    say(pace, 400, 1_000, 100, 'h');
    pace.step(1_000);
    expect(pace.bytesPerSecond).toBe(16 * mib);
    pace.step(9_000);
    expect(pace.bytesPerSecond).toBe(18 * mib);
  });

  it('lets balance wait while the limit is passed, and until it has been kept by a margin for a while', () => {
    const pace = new TransferPace(settings);
    const holdups: boolean[] = [];
    for (const [second, p99] of [100, 240, 260, 240, 210, 190, 190, 190, 190, 240].entries()) {
      say(pace, p99, 1_000 * second);
      pace.step(1_000 * second);
      holdups.push(pace.holdup !== undefined);
    }
    expect(holdups).toEqual([false, false, true, true, true, true, true, true, false, false]);
  });

  it('stays between its bounds whatever is reported', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1_000), fc.nat(2_000)), { maxLength: 60 }), (said) => {
        const pace = new TransferPace(settings);
        let nowMs = 0;
        for (const [p99, afterMs] of said) {
          nowMs += afterMs;
          say(pace, p99, nowMs);
          pace.step(nowMs);
          expect(pace.bytesPerSecond).toBeGreaterThanOrEqual(mib);
          expect(pace.bytesPerSecond).toBeLessThanOrEqual(32 * mib);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});
