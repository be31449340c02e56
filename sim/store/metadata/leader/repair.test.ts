import { describe, expect, it } from 'vitest';
import { type MetadataConfig, parseMetadataConfig } from '../config.ts';
import { newNodeRecord } from '../state/node-table.ts';
import { MetadataState } from '../state/state.ts';
import { TestCluster } from '../testdata/test-cluster.ts';
import { repairTasks } from './repair-queue.ts';
import { TransferTable } from './transfers.ts';

/** Six nodes in as many zones, with one block in each of eight partitions. */
function cluster(config: Partial<MetadataConfig> = {}): TestCluster {
  const made = new TestCluster({ expectedNodes: 6, replaceAfterMs: 10_000, ...config });
  for (let i = 1; i <= 6; i++) made.addNode(`data-${i}`, `z${i}`);
  made.run(2_000);
  for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
  return made;
}

function whole(made: TestCluster): boolean {
  return made.map().partitions.every(({ replicas, joining }, number) => {
    const blocks = [...made.blocks.values()].filter(({ partition }) => partition === number);
    const has = (node: string) => blocks.every(({ id }) => made.nodes.get(node)?.blocks.has(id));
    return joining.length === 0 && replicas.every((node) => made.world.node(node).running && has(node));
  });
}

describe('the repair queue', () => {
  it('puts what has the fewest good copies first, then the oldest', () => {
    const state = new MetadataState(parseMetadataConfig({ members: ['m'], partitions: 4 }));
    for (const id of ['a', 'b', 'c']) {
      const place = { zone: id, rack: 'r', host: id, weight: 1, capacityBytes: 1 };
      state.nodes.put({
        ...newNodeRecord({ id, diskId: 'd', incarnation: 1, ...place }, 'up', 0),
        membership: 'active',
      });
    }
    const lack = (number: number, node: string, block: string, atMs: number) => {
      const partition = state.partition(number);
      if (partition === undefined) throw new Error('no partition');
      partition.replicas = ['a', 'b', 'c'];
      if (!partition.blocks.has(block)) {
        partition.add({ id: block, partition: number, sizeBytes: 1, checksum: 1 }, ['a', 'b', 'c'], 0);
      }
      partition.lacking(node, block, atMs);
    };
    lack(0, 'a', 'x', 50);
    lack(1, 'a', 'y', 40);
    lack(2, 'a', 'z', 90);
    lack(2, 'b', 'z', 95);
    lack(3, 'c', 'w', 200);
    const order = repairTasks(state, 100).map(({ partition, node, remaining }) => `${partition} ${node} ${remaining}`);
    expect(order).toEqual(['2 a 1', '2 b 1', '1 a 2', '0 a 2']);
  });
});

describe('tokens', () => {
  const transfer = (transferId: number, cause: 'repair' | 'load', from: string, to: string) => {
    const rest = {
      kind: 'move',
      partition: transferId,
      state: 'ordered',
      attempts: 1,
      ordered: [],
      detail: '',
    } as const;
    const counts = { commandId: 0, heardMs: 0, blocks: 0, bytes: 0, earlierBlocks: 0, earlierBytes: 0 };
    return { ...rest, ...counts, transferId, cause, from, to, source: from };
  };

  it('count a transfer once in all and once at either end, and come back when it closes', () => {
    const table = new TransferTable();
    const first = transfer(1, 'repair', 'a', 'b');
    const second = transfer(2, 'load', 'b', 'c');
    table.open(first);
    table.open(second);
    expect([table.repairs, table.moves]).toEqual([1, 1]);
    expect(['a', 'b', 'c'].map((node) => table.load(node))).toEqual([1, 2, 1]);
    table.setSource(first, 'c');
    expect(['a', 'b', 'c'].map((node) => table.load(node))).toEqual([0, 2, 2]);
    table.close(first);
    table.close(first);
    expect([table.repairs, table.moves]).toEqual([0, 1]);
    expect(['a', 'b', 'c'].map((node) => table.load(node))).toEqual([0, 1, 1]);
  });

  it('keep repairs within the limits, in all and for each node', () => {
    const made = cluster({ transfers: { repairs: 3, perNode: 2 } });
    for (const node of made.nodes.values()) node.lazy = true;
    made.world.crash('data-1', { mode: 'machine' });
    made.run(20_000);
    const joining = made.map().partitions.flatMap((entry) => entry.joining);
    expect(joining).toHaveLength(3);
    for (const id of made.nodes.keys()) expect(joining.filter((one) => one === id).length).toBeLessThanOrEqual(2);
    for (const node of made.nodes.values()) node.lazy = false;
    made.run(120_000);
    expect(whole(made)).toBe(true);
  });
});

describe('a repair', () => {
  it('goes on under the next leader where the last one stopped', () => {
    const made = cluster();
    for (const node of made.nodes.values()) node.lazy = true;
    made.world.crash('data-1', { mode: 'machine' });
    made.run(18_000);
    const begun = made.map().partitions.map(({ joining }) => joining.join());
    expect(begun.join('')).not.toBe('');
    made.world.crash('metadata-1', { mode: 'machine' });
    made.run(500);
    made.world.restart('metadata-1');
    for (const node of made.nodes.values()) node.lazy = false;
    made.run(1_500);
    expect(made.map().partitions.map(({ joining }) => joining.join())).toEqual(begun);
    made.run(60_000);
    expect(whole(made)).toBe(true);
    const ended = made.eventsOf('move-ended');
    expect(ended.every(({ outcome }) => outcome === 'done')).toBe(true);
    expect(new Set(ended.map(({ transferId }) => transferId)).size).toBe(ended.length);
  });

  it('copies from holders only that are known to have a good copy', () => {
    const made = cluster();
    const [first = '', second = '', third = ''] = made.map().partitions[0]?.replicas ?? [];
    const [block] = [...made.blocks.values()].filter(({ partition }) => partition === 0);
    for (const id of [first, second]) {
      const node = made.nodes.get(id);
      node?.blocks.delete(block?.id ?? '');
      if (node !== undefined) node.corrupt = [{ id: block?.id ?? '', partition: 0 }];
    }
    made.run(8_000);
    expect(whole(made)).toBe(true);
    const orders = [first, second].flatMap((id) => made.nodes.get(id)?.heard ?? []);
    const sources = orders.flatMap((command) => (command.kind === 'transfer' ? [command.sources] : []));
    expect(sources).toContainEqual([third]);
    expect(sources.flat()[0]).toBe(third);
  });

  it('spreads its sources over those that have a copy', () => {
    const made = cluster({ transfers: { perNode: 2 } });
    for (const node of made.nodes.values()) node.lazy = true;
    made.world.crash('data-1', { mode: 'machine' });
    made.run(17_000);
    const orders = [...made.nodes.values()].flatMap(({ heard }) => heard);
    const sources = orders.flatMap((command) => (command.kind === 'transfer' ? [command.sources[0]] : []));
    expect(new Set(sources).size).toBeGreaterThan(1);
  });
});
