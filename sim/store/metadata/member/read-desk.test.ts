import { describe, expect, it } from 'vitest';
import type { LinkOverlay } from '../../../world/fabric.ts';
import type { MetadataRequest } from '../../messages/metadata.ts';
import { MEMBERS, Rig } from './testdata/rig.ts';

describe('reads', () => {
  it('are answered by every member with all that was acknowledged before', () => {
    const rig = new Rig();
    for (let i = 0; i < 10; i++) {
      const key = `k${i}`;
      rig.put(key);
      for (const member of MEMBERS) {
        expect(rig.askAt(member, { kind: 'object.lookup', key })).toMatchObject({ kind: 'object.found' });
      }
    }
    for (const member of MEMBERS) {
      expect(rig.askAt(member, { kind: 'map.get', knownEpoch: 0 })).toMatchObject({ kind: 'map' });
    }
    const [follower = ''] = rig.followers;
    const change: MetadataRequest = {
      kind: 'object.delete',
      key: 'k1',
      condition: { kind: 'none' },
      token: 'client-2.1.1',
    };
    expect(rig.askAt(follower, change)).toEqual({ kind: 'metadata.not-leader', hint: rig.leader });
  });

  it('are never old on a member that is cut off, unless that was asked for, and then within the bound', () => {
    const rig = new Rig();
    const [alone = ''] = rig.followers;
    rig.put('k');
    const lookup = (staleWithinMs?: number): MetadataRequest => ({ kind: 'object.lookup', key: 'k', staleWithinMs });
    expect(rig.askAt(alone, lookup())).toMatchObject({ kind: 'object.found' });
    const freshMs = rig.kernel.nowMs;
    const cut: LinkOverlay = {
      apply: (passage) => {
        const ends = [passage.from.id, passage.to.id];
        if (ends.includes(alone) && !ends.includes('client-1')) passage.dropped = 'partition';
      },
    };
    rig.world.fabric.overlays.add(cut);
    const gone: MetadataRequest = {
      kind: 'object.delete',
      key: 'k',
      condition: { kind: 'none' },
      token: 'client-2.1.1',
    };
    expect(rig.ask(gone)).toMatchObject({ kind: 'object.deleted' });
    expect(rig.askAt(alone, lookup(1_000))).toMatchObject({ kind: 'object.found' });
    expect(rig.kernel.nowMs - freshMs).toBeLessThan(1_000);
    expect(rig.askAt(alone, lookup())).not.toMatchObject({ kind: 'object.found' });
    rig.run(1_100);
    expect(rig.askAt(alone, lookup(1_000))).not.toMatchObject({ kind: 'object.found' });
    rig.world.fabric.overlays.remove(cut);
    rig.run(500);
    expect(rig.askAt(alone, lookup(1_000))).toMatchObject({ kind: 'object.missing' });
  });

  it('with a bound that makes no sense are refused', () => {
    const rig = new Rig();
    expect(rig.ask({ kind: 'object.lookup', key: 'k', staleWithinMs: -1 })).toEqual({
      kind: 'metadata.bad-request',
      detail: 'staleWithinMs: found -1, accepted: a number, 0 or more',
    });
  });

  it('of the map make the member that was asked tell of every later epoch, leading or not', () => {
    const rig = new Rig();
    const [follower = ''] = rig.followers;
    expect(rig.askAt(follower, { kind: 'map.get', knownEpoch: 0 })).toMatchObject({ kind: 'map' });
    rig.notices.length = 0;
    expect(rig.ask({ kind: 'admin.weight', node: 'data-1', weight: 2, epoch: 'any' })).toMatchObject({
      kind: 'admin.done',
    });
    rig.run(100);
    expect(rig.notices).toMatchObject([{ kind: 'map.changed' }]);
  });
});
