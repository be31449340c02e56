import { describe, expect, it } from 'vitest';
import type { MetadataConfig } from '../config.ts';
import { metadataNode } from '../metadata-node.ts';
import { TestCluster } from '../testdata/test-cluster.ts';

/** Six nodes in three zones, two in each: data-1 and data-4 in zone b, and so on. */
function cluster(config: Partial<MetadataConfig> = {}): TestCluster {
  const made = new TestCluster({ expectedNodes: 6, ...config });
  for (let i = 1; i <= 6; i++) made.addNode(`data-${i}`, ['a', 'b', 'c'][i % 3] ?? '');
  made.run(2_000);
  for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
  return made;
}

function status(made: TestCluster, node: string) {
  const reply = made.ask({ kind: 'admin.status' });
  if (typeof reply === 'string' || reply.kind !== 'admin.state') throw new Error(JSON.stringify(reply));
  return reply.nodes.find((one) => one.node === node);
}

function crash(made: TestCluster, ...nodes: readonly string[]): void {
  for (const node of nodes) made.world.crash(node, { mode: 'machine' });
}

function decisions(made: TestCluster, by: string) {
  return made.eventsOf('decision').filter((event) => event['by'] === by);
}

describe('settings of health', () => {
  it.each([
    [{ replaceAfterMs: 4_000 }, 'replaceAfterMs: found 4000'],
    [{ heartbeatMs: 0 }, 'heartbeatMs: found 0, accepted: more than 0'],
    [{ leaseMs: 2_999 }, 'leaseMs: found 2999, accepted: at least 3 heartbeats, 3000'],
    [{ safeMode: { share: 1.5 } }, 'safeMode.share: found 1.5'],
    [{ gray: { slowFactor: 1 } }, 'gray.slowFactor: found 1'],
    [{ capacity: { readOnly: 0.99 } }, 'nearFull ≤ noBackfill ≤ readOnly ≤ repair'],
  ])('refuses %j, naming the field', (wrong, message) => {
    expect(() => metadataNode({ members: ['m'], ...wrong })).toThrow(message);
  });
});

describe('a lease', () => {
  it('is told to be revoked when its node is down, with the term that says so', () => {
    const made = cluster();
    crash(made, 'data-1');
    made.run(10_000);
    expect(made.eventsOf('lease-revoked')).toEqual([
      { kind: 'lease-revoked', node: 'data-1', incarnation: 1, term: 1 },
    ]);
  });

  it('is extended when the leader changes: nobody falls for having been silent to the last one', () => {
    const made = cluster();
    made.world.crash('metadata-1', { mode: 'process' });
    made.run(60_000);
    made.world.restart('metadata-1');
    made.run(10_000);
    expect(made.eventsOf('lease-revoked')).toEqual([]);
    expect(made.eventsOf('node-state').filter(({ liveness }) => liveness === 'down')).toEqual([]);
  });
});

describe('safe mode', () => {
  it('keeps a cluster that comes back piece by piece from being torn apart', () => {
    const made = cluster({ replaceAfterMs: 10_000 });
    const ids = [...made.nodes.keys()];
    crash(made, 'metadata-1', ...ids);
    made.run(1_000);
    made.world.restart('metadata-1');
    for (const id of ids) {
      made.run(4_000);
      made.world.restart(id);
    }
    made.run(10_000);
    expect(made.eventsOf('lease-revoked')).toEqual([]);
    expect(made.eventsOf('move-started')).toEqual([]);
    const told = decisions(made, 'safe-mode');
    expect(told.map(({ chose }) => chose)).toEqual(['on', 'off']);
    expect(told[1]?.['why']).toBe('heard 5 of 6 nodes, 80 % are enough');
  });

  it('gives up waiting after its time, and then judges as ever', () => {
    const made = cluster({ replaceAfterMs: 10_000 });
    crash(made, 'metadata-1', 'data-1', 'data-2');
    made.world.restart('metadata-1');
    made.run(25_000);
    expect(made.eventsOf('lease-revoked')).toEqual([]);
    expect(status(made, 'data-1')).toMatchObject({
      liveness: 'suspect',
      next: 'judged after safe mode: heard 4 of 6 nodes, 80 % are enough',
    });
    made.run(40_000);
    expect(made.eventsOf('lease-revoked')).toHaveLength(2);
    expect(made.map().partitions.some(({ replicas }) => replicas.includes('data-1'))).toBe(false);
  });
});

describe('a node that is ill in part', () => {
  it('turns gray when its disk fails, keeps its replicas, is given none, and recovers after a while', () => {
    const made = cluster();
    const node = made.nodes.get('data-1');
    if (node !== undefined) node.diskFailing = true;
    made.run(3_000);
    const owners = made.map().partitions.map(({ replicas }) => replicas);
    expect(made.map().nodes.find(({ id }) => id === 'data-1')).toMatchObject({ gray: true, liveness: 'up' });
    expect(status(made, 'data-1')).toMatchObject({
      gray: true,
      reasons: [expect.stringMatching(/^gray for .* s: reads of its disk fail$/)],
      next: expect.stringMatching(/^is given data traffic again in .* s at the earliest$/),
    });
    if (node !== undefined) node.diskFailing = false;
    made.run(3_000);
    expect(made.map().nodes.find(({ id }) => id === 'data-1')?.gray).toBe(true);
    made.run(10_000);
    expect(made.map().nodes.find(({ id }) => id === 'data-1')?.gray).toBe(false);
    expect(made.map().partitions.map(({ replicas }) => replicas)).toEqual(owners);
  });

  it('is gray by what gateways see of it', () => {
    const made = cluster();
    const nodes = [...made.nodes.keys()].map((node) => {
      return { node, attempts: 40, failures: 0, timeouts: 0, p50Ms: node === 'data-2' ? 200 : 5 };
    });
    for (let i = 0; i < 4; i++) {
      const report = {
        kind: 'health.report',
        windowMs: 1_000,
        getP99Ms: 90,
        gets: 240,
        nodes,
        controlBytes: 0,
      } as const;
      expect(made.ask(report)).toEqual({ kind: 'health.noted' });
      made.run(980);
    }
    expect(
      made
        .map()
        .nodes.filter(({ gray }) => gray)
        .map(({ id }) => id),
    ).toEqual(['data-2']);
    expect(decisions(made, 'health')).toMatchObject([
      { subject: 'data-2', why: 'its median latency is 200.0 ms, 5.0 ms elsewhere' },
    ]);
  });

  it('is not made gray when that would be too many, or a whole zone', () => {
    const made = cluster();
    for (const id of ['data-1', 'data-4', 'data-2', 'data-3']) {
      const node = made.nodes.get(id);
      if (node !== undefined) node.diskFailing = true;
    }
    made.run(5_000);
    expect(
      made
        .map()
        .nodes.filter(({ gray }) => gray)
        .map(({ id }) => id),
    ).toEqual(['data-1', 'data-2']);
    expect(decisions(made, 'health').filter(({ chose }) => chose === 'keep its data traffic')).toHaveLength(2);
  });

  it('is suspect when two peers cannot reach it, and neither source nor target', () => {
    const made = cluster();
    for (const id of ['data-2', 'data-3']) {
      const node = made.nodes.get(id);
      if (node !== undefined) node.unreachable = ['data-1'];
    }
    made.run(2_000);
    expect(made.map().nodes.find(({ id }) => id === 'data-1')?.liveness).toBe('suspect');
    made.run(20_000);
    expect(made.eventsOf('lease-revoked')).toEqual([]);
    for (const node of made.nodes.values()) node.unreachable = [];
    made.run(12_000);
    expect(made.map().nodes.find(({ id }) => id === 'data-1')?.liveness).toBe('up');
  });

  it('is held suspect when it flaps, longer each time', () => {
    const made = cluster();
    const heldMs: number[] = [];
    for (let i = 0; i < 3; i++) {
      made.world.crash('data-1', { mode: 'process' });
      made.run(8_000);
      made.world.restart('data-1');
      const beganMs = made.kernel.nowMs;
      while (made.map().nodes.find(({ id }) => id === 'data-1')?.liveness !== 'up') made.run(480);
      heldMs.push(Math.round((made.kernel.nowMs - beganMs) / 5_000));
    }
    expect(heldMs).toEqual([0, 1, 2]);
  });
});

describe('membership', () => {
  it('a node that asks to leave is emptied, and told when it may go', () => {
    const made = cluster();
    const leave = { kind: 'node.leave', id: 'data-6', incarnation: 1 } as const;
    expect(made.ask({ ...leave, incarnation: 7 })).toEqual({ kind: 'node.unknown' });
    expect(made.ask(leave)).toEqual({ kind: 'node.leaving', left: false });
    expect(made.ask(leave)).toEqual({ kind: 'node.leaving', left: false });
    expect(status(made, 'data-6')?.next).toMatch(/^leaves once [1-8] partitions have moved away$/);
    made.run(60_000);
    expect(made.ask(leave)).toEqual({ kind: 'node.leaving', left: true });
    expect(made.map().partitions.some(({ replicas }) => replicas.includes('data-6'))).toBe(false);
  });

  it('a drain can be taken back: what had moved away comes again', () => {
    const made = cluster({ hysteresisMs: 1_000, rebalancer: { options: { holdMs: 0 } } });
    const owned = () => made.map().partitions.filter(({ replicas }) => replicas.includes('data-6')).length;
    const before = owned();
    expect(made.ask({ kind: 'admin.undrain', node: 'data-6', epoch: 'any' })).toMatchObject({ kind: 'admin.refused' });
    made.ask({ kind: 'admin.drain', node: 'data-6', epoch: 'any' });
    made.run(5_000);
    expect(owned()).toBeLessThan(before);
    expect(made.ask({ kind: 'admin.undrain', node: 'data-6', epoch: 'any' })).toMatchObject({ kind: 'admin.done' });
    made.run(60_000);
    expect(owned()).toBe(before);
    expect(status(made, 'data-6')).toMatchObject({ membership: 'active', reasons: [], next: '' });
  });

  it('a node of known id with another disk is refused while the first is alive, and taken up once it is gone', () => {
    const made = cluster();
    const node = { id: 'data-1', diskId: 'other', incarnation: 9, zone: 'b', rack: '1', host: 'h' };
    const register = { kind: 'node.register', node: { ...node, weight: 1, capacityBytes: 1e9 } } as const;
    expect(made.ask(register)).toMatchObject({ kind: 'metadata.bad-request' });
    crash(made, 'data-1');
    made.run(8_000);
    expect(made.ask(register)).toMatchObject({ kind: 'node.registered' });
  });
});
