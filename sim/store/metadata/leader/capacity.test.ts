import { describe, expect, it } from 'vitest';
import type { MetadataConfig } from '../config.ts';
import { TestCluster } from '../testdata/test-cluster.ts';
import { NodeUsage } from './node-usage.ts';

const mb = 1_000_000;
/** Blocks of the tests have 1,000 bytes. */
const capacityBytes = 100_000;

/** Five nodes in as many zones, each `usedShare` full. */
function cluster(usedShare: number, config: Partial<MetadataConfig> = {}): TestCluster {
  const made = new TestCluster({ expectedNodes: 5, replaceAfterMs: 10_000, ...config });
  for (let i = 1; i <= 5; i++) {
    const node = made.addNode(`data-${i}`, `z${i}`, { capacityBytes });
    node.usedBytes = usedShare * capacityBytes;
  }
  made.run(2_000);
  for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
  return made;
}

function fill(made: TestCluster, id: string, share: number): void {
  const node = made.nodes.get(id);
  if (node !== undefined) node.usedBytes = share * node.capacityBytes;
}

describe('how full a node is', () => {
  const ratios = { nearFull: 0.85, noBackfill: 0.9, readOnly: 0.95, repair: 0.98 };
  const at = (usage: NodeUsage, share: number, readOnly = false) => usage.report('n', share * mb, mb, readOnly);

  it('goes by its ratios, and falls back only when it is clearly below them', () => {
    const usage = new NodeUsage(ratios);
    expect(usage.level('n', 'ok')).toBeUndefined();
    const levels = [0.8499, 0.85, 0.9, 0.95, 0.945, 0.939, 0.845, 0.83].map((share) => {
      at(usage, share);
      return share;
    });
    expect(levels).toHaveLength(8);
    const level = (share: number, before: 'ok' | 'near-full' | 'no-backfill' | 'read-only') => {
      at(usage, share);
      return usage.level('n', before);
    };
    expect(level(0.8499, 'ok')).toBe('ok');
    expect(level(0.85, 'ok')).toBe('near-full');
    expect(level(0.9, 'near-full')).toBe('no-backfill');
    expect(level(0.95, 'ok')).toBe('read-only');
    expect(level(0.945, 'read-only')).toBe('read-only');
    expect(level(0.935, 'read-only')).toBe('no-backfill');
    expect(level(0.845, 'near-full')).toBe('near-full');
    expect(level(0.83, 'read-only')).toBe('ok');
  });

  it('is read-only by its own word', () => {
    const usage = new NodeUsage(ratios);
    at(usage, 0.1, true);
    expect(usage.level('n', 'ok')).toBe('read-only');
    expect(usage.faultInFilling('n', 0, false)).toBe('n is read-only');
  });

  it('counts what was written since its last beat, and leaves repairs a reserve', () => {
    const usage = new NodeUsage(ratios);
    at(usage, 0.88);
    expect(usage.faultInFilling('n', 0.01 * mb, false)).toBeUndefined();
    usage.written('n', 0.015 * mb);
    expect(usage.faultInFilling('n', 0.01 * mb, false)).toBe('n would be no-backfill');
    expect(usage.faultInFilling('n', 0.08 * mb, true)).toBeUndefined();
    expect(usage.faultInFilling('n', 0.09 * mb, true)).toBe('n would be full: 98.5 % used');
    at(usage, 0.88);
    expect(usage.faultInFilling('n', 0.01 * mb, false)).toBeUndefined();
  });
});

describe('a full cluster', () => {
  it('is told of in the map, level by level', () => {
    const made = cluster(0.2);
    for (const [id, share] of [
      ['data-1', 0.86],
      ['data-2', 0.91],
      ['data-3', 0.96],
    ] as const)
      fill(made, id, share);
    made.run(3_000);
    expect(made.map().nodes.map(({ fullness }) => fullness)).toEqual([
      'near-full',
      'no-backfill',
      'read-only',
      'ok',
      'ok',
    ]);
    fill(made, 'data-3', 0.2);
    made.run(3_000);
    expect(made.map().nodes[2]?.fullness).toBe('ok');
  });

  it('still deletes, and still repairs from the reserve', () => {
    const made = cluster(0.96, { tombstoneMs: 3_000 });
    made.run(2_000);
    expect(made.map().nodes.every(({ fullness }) => fullness === 'read-only')).toBe(true);
    const [first] = made.blocks.keys();
    made.ask({ kind: 'object.delete', key: 'k0', condition: { kind: 'none' }, token: 'client-1.1.99' });
    made.run(10_000);
    expect([...made.nodes.values()].some((node) => node.blocks.has(first ?? ''))).toBe(false);
    made.world.crash('data-1', { mode: 'machine' });
    made.run(60_000);
    for (const { replicas, joining } of made.map().partitions) {
      expect(joining).toEqual([]);
      expect(replicas).not.toContain('data-1');
    }
  });

  it('takes no moves for balance', () => {
    const made = cluster(0.5);
    const node = made.addNode('data-6', 'z6', { capacityBytes });
    node.usedBytes = 0.91 * capacityBytes;
    made.run(20_000);
    expect(made.eventsOf('move-started')).toEqual([]);
    node.usedBytes = 0;
    made.run(20_000);
    expect(made.eventsOf('move-started').length).toBeGreaterThan(0);
  });

  it('is not overfilled by several moves together', () => {
    const made = cluster(0.1, { transfers: { moves: 16, perNode: 16 } });
    // Room for two partitions below 90 %.
    const node = made.addNode('data-6', 'z6', { weight: 4, capacityBytes });
    node.usedBytes = 0.875 * capacityBytes;
    node.lazy = true;
    made.run(8_000);
    expect(made.map().partitions.filter(({ joining }) => joining.includes('data-6'))).toHaveLength(2);
  });

  it('replaces a target that has filled up since its transfer began, and says so', () => {
    const made = cluster(0.3);
    for (const node of made.nodes.values()) node.lazy = true;
    made.world.crash('data-1', { mode: 'machine' });
    made.run(18_000);
    const moves = made.eventsOf('move-started');
    expect(moves.length).toBeGreaterThan(0);
    const full = String(moves[0]?.['to']);
    fill(made, full, 0.99);
    made.run(2_000);
    for (const node of made.nodes.values()) node.lazy = false;
    made.run(90_000);
    expect(made.eventsOf('move-ended')).toContainEqual(
      expect.objectContaining({ outcome: 'failed', why: `${full} would be full: 99.0 % used` }),
    );
    expect(made.eventsOf('decision')).toContainEqual(
      expect.objectContaining({ by: 'capacity', chose: 'another target' }),
    );
    for (const { replicas, joining } of made.map().partitions) {
      expect(joining).toEqual([]);
      expect(replicas).not.toContain('data-1');
    }
  });
});
