import { describe, expect, it } from 'vitest';
import { PartitionBytes } from '../check/partition-bytes.ts';
import { operation } from '../check/testdata/events.ts';
import type { ClusterMap, MapNode, Membership } from '../store/model.ts';
import { MembershipBytes } from './membership.ts';

/** 12 partitions of 10 bytes, one replica each, given to `owners` in turn. */
function mapOf(epoch: number, members: Readonly<Record<string, Membership>>, owners: readonly string[]): ClusterMap {
  const nodes = Object.entries(members).map(
    ([id, membership]): MapNode => ({
      ...{ id, membership, liveness: 'up', weight: 1, gray: false, fullness: 'ok' },
      ...{ zone: 'a', rack: id, host: id },
    }),
  );
  const partitions = Array.from({ length: 12 }, (_, at) => ({
    replicas: [owners[at % owners.length] ?? ''],
    joining: [],
  }));
  return { epoch, replication: 1, nodes, partitions };
}

function followed(...maps: readonly ClusterMap[]): MembershipBytes {
  const stored = new PartitionBytes((key) => Number(key));
  for (let key = 0; key < 12; key++)
    stored.onWrite(operation({ op: 'put', key: String(key), sizeBytes: 10, generation: 1 }));
  const bytes = new MembershipBytes(stored);
  const [first, ...others] = maps;
  if (first !== undefined) bytes.setMap(first);
  bytes.begin();
  for (const map of others) bytes.setMap(map);
  return bytes;
}

const three = mapOf(1, { a: 'active', b: 'active', c: 'active' }, ['a', 'b', 'c']);
const aLeaves = mapOf(2, { a: 'draining', b: 'active', c: 'active' }, ['a', 'b', 'c']);
const aLeft = mapOf(3, { a: 'left', b: 'active', c: 'active' }, ['b', 'c']);

describe('what a change of membership must move', () => {
  it('is nothing where the members stay', () => {
    expect(followed(three, three).least()).toBe(null);
    expect(followed(three, three).demanded()).toBe(null);
  });

  it('is what a leaver held, or a share for a node that joins, also while it is still being given that', () => {
    expect(followed(three, aLeaves, aLeft).demanded()).toBe(40);
    const joining = mapOf(2, { a: 'active', b: 'active', c: 'active', d: 'joining' }, ['a', 'b', 'c']);
    expect(followed(three, joining).least()).toBe(30);
    expect(followed(three, joining).demanded()).toBe(30);
  });

  it('counts a byte once at the least, and once for each change as they come', () => {
    const dJoins = mapOf(4, { a: 'left', b: 'active', c: 'active', d: 'joining' }, ['b', 'c']);
    const replaced = followed(three, aLeaves, aLeft, dJoins);
    expect(replaced.least()).toBe(40);
    expect(replaced.demanded()).toBe(80);
  });
});
