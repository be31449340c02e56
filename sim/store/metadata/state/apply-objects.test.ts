import { describe, expect, it } from 'vitest';
import type { Condition } from '../../model.ts';
import { MetadataMachine } from './apply.ts';
import type { Command, CommandResult } from './commands.ts';
import type { StateOptions } from './state.ts';

const options: StateOptions = {
  partitions: 2,
  replication: 2,
  writeQuorum: 2,
  stragglerGraceMs: 5,
  tombstoneMs: 30,
  tokenRevisions: 20,
  listHistory: { versions: 10, ms: 50 },
  orphans: { graceMs: 10, condemnedMs: 40 },
};

const always: Condition = { kind: 'none' };

/** Two nodes that own everything, and short words for what clients and the leader ask. */
class Store {
  machine = new MetadataMachine(options);
  atMs = 0;
  #revision = 0;

  constructor() {
    for (const id of ['n1', 'n2', 'n3']) {
      const node = { id, diskId: 'd', incarnation: 1, zone: id, rack: 'r', host: id, weight: 1, capacityBytes: 1e9 };
      this.apply({ kind: 'node.register', atMs: 0, node, knownDisk: '', liveness: 'up' });
    }
    this.apply({
      kind: 'map.create',
      atMs: 0,
      owners: [
        ['n1', 'n2'],
        ['n1', 'n2'],
      ],
    });
  }

  apply(command: Command): CommandResult {
    this.#revision += 1;
    return this.machine.apply(this.#revision, command);
  }

  put(key: string, id: string, token = `put.1.${this.#revision}`): CommandResult {
    const blocks = [{ id, partition: 0, sizeBytes: 3, checksum: 1 }];
    const rest = { atMs: this.atMs, sizeBytes: 3, blocks, acked: [['n1', 'n2']], condition: always };
    return this.apply({ kind: 'object.commit', key, token, ...rest });
  }

  copy(from: string, key: string, condition = always, token = `copy.1.${this.#revision}`): CommandResult {
    return this.apply({ kind: 'object.copy', atMs: this.atMs, key, from, condition, token });
  }

  delete(key: string): CommandResult {
    const token = `delete.1.${this.#revision}`;
    return this.apply({ kind: 'object.delete', atMs: this.atMs, key, condition: always, token });
  }

  condemn(...ids: string[]): CommandResult {
    const blocks = ids.map((id) => ({ id, partition: 0 }));
    return this.apply({ kind: 'orphans.condemn', atMs: this.atMs, blocks, strays: [] });
  }

  collect(id: string): void {
    this.apply({ kind: 'garbage.collected', atMs: this.atMs, blocks: [{ id, partition: 0 }] });
  }

  restart(): void {
    const restored = new MetadataMachine(options);
    restored.restore([...this.machine.snapshot()]);
    this.machine = restored;
  }

  get partition() {
    const partition = this.machine.state.partition(0);
    if (partition === undefined) throw new Error('partition 0');
    return partition;
  }
}

describe('a copy', () => {
  it('shares the blocks, which are garbage only when the last reference goes', () => {
    const store = new Store();
    store.put('a', 'w.1.1');
    expect(store.copy('a', 'b')).toMatchObject({ kind: 'object.committed' });
    expect(store.copy('b', 'c')).toMatchObject({ kind: 'object.committed' });
    expect(store.machine.state.objects.get('c')?.blocks).toEqual(store.machine.state.objects.get('a')?.blocks);
    expect(store.partition.bytes).toBe(3);
    store.delete('a');
    store.restart();
    store.put('b', 'w.1.2');
    expect([...store.partition.garbage.keys()]).toEqual([]);
    store.delete('c');
    expect([...store.partition.garbage.keys()]).toEqual(['w.1.1']);
  });

  it('onto itself keeps the blocks and makes a new generation', () => {
    const store = new Store();
    store.put('a', 'w.1.1');
    const before = store.machine.state.objects.get('a')?.generation ?? 0;
    store.copy('a', 'a');
    expect(store.machine.state.objects.get('a')?.generation).toBeGreaterThan(before);
    expect([...store.partition.blocks.keys()]).toEqual(['w.1.1']);
    expect(store.partition.garbage.size + store.partition.shared.size).toBe(0);
  });

  it('says what is missing, keeps conditions on the new key, and is carried out once', () => {
    const store = new Store();
    expect(store.copy('a', 'b')).toEqual({ kind: 'object.missing', key: 'a' });
    store.put('a', 'w.1.1');
    store.put('b', 'w.1.2');
    const { generation } = store.machine.state.objects.get('b') ?? { generation: 0 };
    expect(store.copy('a', 'b', { kind: 'if-absent' })).toEqual({ kind: 'object.precondition-failed', generation });
    const first = store.copy('a', 'b', always, 'again.1.1');
    store.delete('b');
    expect(store.copy('a', 'b', always, 'again.1.1')).toEqual(first);
    expect(store.machine.state.objects.get('b')).toBeUndefined();
  });
});

describe('a tombstone', () => {
  it('waits for its own blocks, not for those of an earlier deletion of the key', () => {
    const store = new Store();
    store.put('k', 'w.1.1');
    store.delete('k');
    store.put('k', 'w.1.2');
    store.delete('k');
    store.atMs = 100;
    store.collect('w.1.1');
    expect(store.machine.state.objects.tombstones.get('k')?.pendingBlocks).toBe(1);
    store.collect('w.1.2');
    expect(store.machine.state.objects.tombstones.size).toBe(0);
  });

  it('does not wait for blocks that another object still needs', () => {
    const store = new Store();
    store.put('a', 'w.1.1');
    store.copy('a', 'b');
    store.delete('a');
    expect(store.machine.state.objects.tombstones.get('a')?.pendingBlocks).toBe(0);
  });
});

describe('a condemned block', () => {
  it('is refused to a commit that comes after, also from a snapshot, also when its id is forgotten', () => {
    const store = new Store();
    expect(store.condemn('w.1.7')).toEqual({ kind: 'condemned', blocks: [{ id: 'w.1.7', partition: 0 }] });
    const refusal = {
      kind: 'object.conflict',
      detail: expect.stringMatching(/^blocks\[0\]\.id: found w\.1\.7, .*longer/),
    };
    expect(store.put('k', 'w.1.7')).toEqual(refusal);
    store.restart();
    expect(store.put('k', 'w.1.7')).toEqual(refusal);
    store.atMs = 1_000;
    store.delete('nothing');
    expect(store.machine.state.condemned.size).toBe(0);
    expect(store.put('k', 'w.1.7')).toEqual(refusal);
    store.restart();
    expect(store.put('k', 'w.1.7')).toEqual(refusal);
    expect(store.put('k', 'w.1.8')).toMatchObject({ kind: 'object.committed' });
  });

  it('is not one that was committed before the log came to it', () => {
    const store = new Store();
    store.put('k', 'w.1.1');
    store.put('old', 'w.1.2');
    store.delete('old');
    expect(store.condemn('w.1.1', 'w.1.2', 'w.1.3')).toEqual({
      kind: 'condemned',
      blocks: [{ id: 'w.1.3', partition: 0 }],
    });
  });
});

describe('a copy that is a stray', () => {
  it('is dropped, and its node is no target until it has confirmed', () => {
    const store = new Store();
    const strays = [
      { partition: 0, node: 'n3' },
      { partition: 0, node: 'n1' },
    ];
    store.apply({ kind: 'orphans.condemn', atMs: 0, blocks: [], strays });
    expect([...store.partition.dropping]).toEqual(['n3']);
    const move = { transferId: 1, partition: 0, from: 'n1', to: 'n3', cause: 'load', why: '' } as const;
    expect(store.apply({ kind: 'moves.change', atMs: 0, begin: [move], end: [], drop: [] })).toMatchObject({
      begun: [],
    });
    store.apply({ kind: 'node.report', atMs: 0, node: 'n3', held: [], lacking: [], dropped: [0] });
    expect(store.apply({ kind: 'moves.change', atMs: 0, begin: [move], end: [], drop: [] })).toMatchObject({
      begun: [move],
    });
  });
});

describe('planning', () => {
  it('is paused and resumed by scope, at the epoch that the operator has seen', () => {
    const store = new Store();
    const pause = (what: 'rebalance' | 'repair' | 'all', paused: boolean, epoch: number | 'any') =>
      store.apply({ kind: 'planning.pause', atMs: 0, what, paused, epoch });
    expect(pause('all', true, 7)).toEqual({ kind: 'refused', detail: "epoch: found 7, accepted: 1, or 'any'" });
    pause('all', true, 1);
    pause('repair', false, 'any');
    store.restart();
    expect(store.machine.state.paused).toEqual({ rebalance: true, repair: false });
  });
});

describe('a snapshot', () => {
  it('of another form is refused', () => {
    const [head = ''] = new MetadataMachine(options).snapshot();
    const older = head.replace('"format":2', '"format":1');
    expect(() => new MetadataMachine(options).restore([older])).toThrow('format: found 1, accepted: 2');
  });
});
