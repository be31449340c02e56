import { describe, expect, it } from 'vitest';
import { Rig } from '../testdata/rig.ts';

/** The map of a client: nothing else asks for one when there are no real gateways. */
function rigOf(mapPollMs = 1e6): Rig {
  return new Rig({ fakeGateways: true, client: { mapPollMs } });
}

const refreshes = (rig: Rig) => rig.metadata.heardKinds().filter((kind) => kind === 'map.get').length;

describe('the map cache', () => {
  it('refreshes once, however many notice a newer epoch', () => {
    const rig = rigOf();
    rig.changeMap({});
    for (let i = 0; i < 10; i++) rig.client.noticeEpoch(2);
    rig.run(10);
    for (let i = 0; i < 10; i++) rig.client.noticeEpoch(2);
    rig.run(10);
    expect([rig.client.epoch, refreshes(rig)]).toEqual([2, 1]);
  });

  it('refreshes again when it learns of a still newer epoch while it refreshes', () => {
    const rig = rigOf();
    rig.changeMap({});
    rig.client.noticeEpoch(2);
    rig.run(1.5);
    rig.changeMap({});
    rig.client.noticeEpoch(3);
    rig.run(10);
    expect([rig.client.epoch, refreshes(rig)]).toEqual([3, 2]);
  });

  it('is told of a new epoch by metadata', () => {
    const rig = rigOf();
    rig.changeMap({});
    rig.metadata.announce('client-1');
    rig.run(10);
    expect(rig.client.epoch).toBe(2);
  });

  it('asks by itself in case it was not', () => {
    const rig = rigOf(1_000);
    rig.changeMap({});
    rig.run(900);
    expect(rig.client.epoch).toBe(1);
    rig.run(200);
    expect(rig.client.epoch).toBe(2);
  });

  it('never goes back to an older map', () => {
    const rig = rigOf();
    const old = rig.metadata.map;
    rig.changeMap({});
    rig.client.noticeEpoch(2);
    rig.run(10);
    rig.metadata.script = ({ kind }) => (kind === 'map.get' ? { kind: 'map', map: old, controlBytes: 1 } : undefined);
    rig.client.noticeEpoch(3);
    rig.run(1_000);
    expect([rig.client.epoch, refreshes(rig)]).toEqual([2, 2]);
  });

  it('does not ask without pause for an epoch that metadata does not know', () => {
    const rig = rigOf();
    rig.client.noticeEpoch(99);
    rig.run(5_000);
    expect(refreshes(rig)).toBe(1);
  });

  it('keeps asking for the first map', () => {
    const rig = rigOf();
    rig.metadata.script = () => 'silent';
    rig.world.crash('client-1', { mode: 'process' });
    rig.world.restart('client-1');
    rig.run(20_000);
    expect(rig.client.ready).toBe(false);
    rig.metadata.script = () => undefined;
    rig.run(2_000);
    expect(rig.client.ready).toBe(true);
  });
});
