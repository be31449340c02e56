import { describe, expect, it } from 'vitest';
import type { StoreEvent } from '../store/events.ts';
import { LiveRoles } from './live-roles.ts';

function election(term: number, leader: string): StoreEvent {
  return { kind: 'election', term, leader };
}

const replica = { kind: 'replica', partition: 3, node: 'data-3', complete: false };

describe('the metadata leader of the moment', () => {
  it('is who won the highest term, whatever order the news come in', () => {
    const roles = new LiveRoles();
    expect(roles.resolve('leader')).toEqual([]);
    roles.hear(election(2, 'metadata-2'));
    roles.hear(election(3, 'metadata-3'));
    roles.hear(election(1, 'metadata-1'));
    expect(roles.resolve('leader')).toEqual(['metadata-3']);
  });

  it('alone tells what replicas hold: one that was deposed and does not know it is outdated', () => {
    const roles = new LiveRoles();
    expect(roles.isOutdated('metadata-1', replica)).toBe(false);
    roles.hear(election(1, 'metadata-1'));
    expect(roles.isOutdated('metadata-1', replica)).toBe(false);
    roles.hear(election(2, 'metadata-2'));
    expect(roles.isOutdated('metadata-1', replica)).toBe(true);
    expect(roles.isOutdated('metadata-2', replica)).toBe(false);
    expect(roles.isOutdated('data-1', { kind: 'served' })).toBe(false);
  });
});
