import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../host.ts';
import type { MetadataRequest } from '../../messages/metadata.ts';
import type { MetadataConfig } from '../config.ts';
import { MEMBERS, Rig } from './testdata/rig.ts';

describe('an operator', () => {
  const lead = (to: NodeId): MetadataRequest => ({ kind: 'admin.lead', to, epoch: 'any' });
  const member = (change: 'add' | 'remove', id: NodeId): MetadataRequest => ({
    kind: 'admin.member',
    change,
    member: id,
    epoch: 'any',
  });

  it('hands leadership to a chosen member, soon', () => {
    const rig = new Rig();
    const [heir = ''] = rig.followers;
    const beforeMs = rig.kernel.nowMs;
    expect(rig.ask(lead(heir))).toMatchObject({ kind: 'admin.done' });
    expect(rig.leader).toBe(heir);
    // Far less than the 200 ms that an election needs for want of a leader.
    expect(rig.kernel.nowMs - beforeMs).toBeLessThan(100);
    rig.put('k');
  });

  it.each<[string, MetadataRequest, string]>([
    ['hand over to a stranger', lead('data-1'), 'to: found data-1, accepted: metadata-1, metadata-2, metadata-3'],
    ['add a member', member('add', 'metadata-2'), 'member: found metadata-2, which is a member already'],
    [
      'add a node that is not there',
      member('add', 'metadata-4'),
      'member: found metadata-4, which has not asked to join; start it first, with an empty disk',
    ],
    [
      'remove a stranger',
      member('remove', 'metadata-4'),
      'member: found metadata-4, accepted: metadata-1, metadata-2, metadata-3',
    ],
    ['act on an old map', { kind: 'admin.lead', to: 'metadata-1', epoch: 99 }, "epoch: found 99, accepted: 1 or 'any'"],
  ])('may not %s', (_what, request, detail) => {
    expect(new Rig().ask(request)).toEqual({ kind: 'admin.refused', detail });
  });

  it('is told what is malformed', () => {
    const rig = new Rig();
    const odd: MetadataRequest = { kind: 'admin.member', change: 'add', member: '', epoch: 'any' };
    expect(rig.ask(odd)).toEqual({
      kind: 'metadata.bad-request',
      detail: 'member: found "", accepted: the name of a metadata node',
    });
  });

  it('adds a node that has been started, and takes out another, which keeps quiet', () => {
    const rig = new Rig();
    rig.put('before');
    rig.add('metadata-4');
    rig.run(1_000);
    expect(rig.askAt('metadata-4', { kind: 'object.lookup', key: 'before' })).toMatchObject({
      kind: 'metadata.unavailable',
    });
    expect(rig.ask(member('add', 'metadata-4'))).toMatchObject({ kind: 'admin.done' });
    rig.run(500);
    expect(rig.askAt('metadata-4', { kind: 'object.lookup', key: 'before' })).toMatchObject({ kind: 'object.found' });
    const old = rig.leader;
    expect(rig.ask(member('remove', old))).toMatchObject({ kind: 'admin.done' });
    rig.run(1_000);
    const { leader } = rig;
    expect(leader).not.toBe(old);
    const elections = rig.events.filter(({ kind }) => kind === 'election').length;
    rig.world.crash(old, { mode: 'machine' });
    rig.world.restart(old);
    rig.run(5_000);
    expect(rig.events.filter(({ kind }) => kind === 'election')).toHaveLength(elections);
    expect(rig.events.some(({ kind, at }) => kind === 'raft-state' && at === 'metadata-4')).toBe(true);
    rig.put('after');
    // The newcomer counts: with it the group survives the loss of another member.
    const [victim = ''] = MEMBERS.filter((id) => id !== old && id !== leader);
    rig.world.crash(victim, { mode: 'machine' });
    rig.put('survives');
  });

  it('may not take out a member without which no majority is within reach, nor all but one', () => {
    const rig = new Rig();
    const [first = '', second = ''] = rig.followers;
    rig.world.crash(first, { mode: 'machine' });
    rig.run(1_000);
    expect(rig.ask(member('remove', second))).toEqual({
      kind: 'admin.refused',
      detail: `member: without ${second} only 1 of 2 voters would be within reach`,
    });
    expect(rig.ask(member('remove', first))).toMatchObject({ kind: 'admin.done' });
    expect(rig.ask(member('remove', second))).toEqual({
      kind: 'admin.refused',
      detail: `member: removing ${second} would leave 1 voters, accepted: 2 or more`,
    });
  });
});

describe('a start', () => {
  const aborts = (rig: Rig) =>
    rig.events.flatMap((event) =>
      'cause' in event && event.cause === 'abort' && 'reason' in event ? [event.reason] : [],
    );

  it.each<[string, Partial<MetadataConfig>, string]>([
    [
      'with other members',
      { members: ['metadata-1', 'metadata-2', 'metadata-9'] },
      'metadata: members: found metadata-1, metadata-2, metadata-9, accepted: metadata-1, metadata-2, metadata-3, which founded the group on this disk',
    ],
    [
      'alone',
      { members: ['metadata-1'] },
      'metadata: members: found 1, accepted: those of the group whose log is on this disk',
    ],
  ])('on the disk of a group %s is refused', (_what, change, reason) => {
    const rig = new Rig();
    rig.world.crash('metadata-1', { mode: 'machine' });
    rig.config = { ...rig.config, ...change };
    rig.world.restart('metadata-1');
    rig.run(100);
    expect(aborts(rig)).toEqual([reason]);
  });
});
