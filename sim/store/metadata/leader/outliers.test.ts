import { describe, expect, it } from 'vitest';
import type { HealthReport, NodeHealth } from '../../messages/metadata.ts';
import { parseMetadataConfig } from '../config.ts';
import { Outliers } from './outliers.ts';

const settings = parseMetadataConfig({ members: ['m'] });

function report(nodes: Readonly<Record<string, Partial<NodeHealth>>>): HealthReport {
  return {
    kind: 'health.report',
    windowMs: 1_000,
    getP99Ms: 10,
    gets: 100,
    nodes: Object.entries(nodes).map(([node, health]) => {
      return { node, attempts: 50, failures: 0, timeouts: 0, p50Ms: 6, ...health };
    }),
    controlBytes: 0,
  };
}

/** What is found of `a` after the same report was made `times` times, a second apart, by each gateway. */
function found(times: number, reports: Readonly<Record<string, HealthReport>>): string | undefined {
  const outliers = new Outliers(settings);
  for (let i = 0; i < times; i++) {
    for (const [gateway, said] of Object.entries(reports)) outliers.noteReport(gateway, said, 1_000 * i);
  }
  return outliers.found('a', 1_000 * (times - 1));
}

describe('an outlier', () => {
  it('is a node much slower than the others, for several windows in a row', () => {
    const slow = report({ a: { p50Ms: 40 }, b: {}, c: {}, d: {} });
    expect(found(2, { g: slow })).toBeUndefined();
    expect(found(3, { g: slow })).toBe('its median latency is 40.0 ms, 6.0 ms elsewhere');
  });

  it('is not one node among others that are as slow, nor one that is slow and still fast enough', () => {
    const all = { p50Ms: 400 };
    expect(found(9, { g: report({ a: all, b: all, c: all, d: {} }) })).toBeUndefined();
    expect(found(9, { g: report({ a: { p50Ms: 19 }, b: { p50Ms: 1 }, c: { p50Ms: 1 } }) })).toBeUndefined();
  });

  it('is a node that fails much more often than the others', () => {
    expect(found(3, { g: report({ a: { failures: 15 }, b: {}, c: { failures: 1 } }) })).toBe(
      '30 % of attempts fail, 0 % elsewhere',
    );
    const bad = { failures: 30 };
    expect(found(9, { g: report({ a: bad, b: bad, c: bad }) })).toBeUndefined();
  });

  it('is found although it is read from too seldom for a latency in every window', () => {
    const outliers = new Outliers(settings);
    const latencies = [90, 0, 110, 0, 0, 95];
    for (const [second, p50Ms] of latencies.entries()) {
      outliers.noteReport('g', report({ a: { p50Ms }, b: {}, c: {} }), 1_000 * second);
    }
    expect(outliers.found('a', 5_000)).toBeDefined();
    outliers.noteReport('g', report({ a: {}, b: {}, c: {} }), 6_000);
    expect(outliers.found('a', 6_000)).toBeUndefined();
  });

  it('is not a node that is slow or sheds load because it has much more of it than the others', () => {
    expect(found(5, { g: report({ a: { p50Ms: 400, attempts: 76 }, b: {}, c: {} }) })).toBeUndefined();
    expect(found(5, { g: report({ a: { failures: 90, attempts: 100 }, b: {}, c: {} }) })).toBeUndefined();
    expect(found(5, { g: report({ a: { p50Ms: 400, attempts: 74 }, b: {}, c: {} }) })).toBeDefined();
  });

  it('must be one for most gateways', () => {
    const slow = report({ a: { p50Ms: 90 }, b: {}, c: {} });
    const fast = report({ a: {}, b: {}, c: {} });
    expect(found(5, { g: slow, h: fast })).toBeUndefined();
    expect(found(5, { g: slow, h: slow, i: fast })).toBeDefined();
  });

  it('is not found on a few attempts, nor on old ones', () => {
    expect(found(9, { g: report({ a: { p50Ms: 90, attempts: 7 }, b: {}, c: {} }) })).toBeUndefined();
    const outliers = new Outliers(settings);
    for (let i = 0; i < 3; i++) outliers.noteReport('g', report({ a: { p50Ms: 90 }, b: {} }), i);
    expect(outliers.found('a', 5_000)).toBeDefined();
    expect(outliers.found('a', 5_010)).toBeUndefined();
  });

  it('is one by its own word when its disk fails, until it says otherwise or starts anew', () => {
    const outliers = new Outliers(settings);
    outliers.noteDisk('a', true);
    expect(outliers.found('a', 0)).toBe('reads of its disk fail');
    outliers.noteDisk('a', false);
    expect(outliers.found('a', 0)).toBeUndefined();
  });

  it('stays gray longer with each relapse', () => {
    const outliers = new Outliers(settings);
    const lengths = [0, 20_000, 60_000].map((nowMs) => {
      outliers.begin('a', nowMs);
      return outliers.leftMs('a', nowMs);
    });
    expect(lengths).toEqual([10_000, 20_000, 40_000]);
  });
});
