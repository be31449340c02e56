import { describe, expect, it } from 'vitest';
import { parseMetadataConfig } from '../config.ts';
import { type NodeRecord, newNodeRecord } from '../state/node-table.ts';
import { SafeMode } from './safe-mode.ts';

const settings = parseMetadataConfig({ members: ['m'] });

function nodes(count: number, change: Partial<NodeRecord> = {}): NodeRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const description = { id: `n${i}`, diskId: 'd', incarnation: 1, zone: 'a', rack: 'r', host: 'h' };
    return { ...newNodeRecord({ ...description, weight: 1, capacityBytes: 1 }, 'up', 0), ...change };
  });
}

describe('safe mode', () => {
  it('lasts until enough nodes were heard, each counted once', () => {
    const mode = new SafeMode(settings, nodes(10), 0);
    for (const id of ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n6', 'n6', 'stranger']) mode.heard(id);
    expect(mode.end(1_000)).toBeUndefined();
    expect(mode.active).toBe(true);
    mode.heard('n7');
    expect(mode.end(1_000)).toBe('heard 8 of 10 nodes, 80 % are enough');
    expect(mode.active).toBe(false);
    expect(mode.end(1_000)).toBeUndefined();
  });

  it('ends after a time even if too few return', () => {
    const mode = new SafeMode(settings, nodes(10), 5_000);
    expect(mode.end(34_999)).toBeUndefined();
    expect(mode.end(35_000)).toMatch(/^heard 0 of 10 nodes.*time is over$/);
  });

  it('waits for nobody who was not there before', () => {
    expect(new SafeMode(settings, [], 0).active).toBe(false);
    expect(new SafeMode(settings, nodes(3, { liveness: 'down' }), 0).active).toBe(false);
  });
});
