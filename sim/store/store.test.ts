import { describe, expect, it } from 'vitest';
import type { Outcome } from './client/outcome.ts';
import { bytesOf } from './testdata/rig.ts';
import { WholeStore } from './testdata/whole-store.ts';

/** Stories over the whole store: real components, in a simulated world. */

const isOk = (outcome: Outcome | undefined) => outcome?.status === 'ok';

describe('the store', () => {
  it('gives back what was put, whole and in ranges, after any number of overwrites', () => {
    const store = new WholeStore();
    for (let version = 1; version <= 3; version++) {
      store.put('page', `version ${version}`, 3_500);
      store.run(1_000);
      expect(store.read('page')).toEqual(bytesOf(`version ${version}`, 3_500));
    }
    const range = { startBytes: 900, lengthBytes: 1_200 };
    expect(store.perform((client, handler, tag) => client.get('page', range, handler, tag))).toMatchObject({
      result: { body: { sizeBytes: 1_200, bytes: bytesOf('version 3', 3_500).subarray(900, 2_100) } },
    });
  });

  it('lists, deletes, and puts on condition', () => {
    const store = new WholeStore();
    for (const key of ['a/1', 'a/2', 'b/1']) store.put(key, key);
    store.run(1_000);
    const page = store.perform((client, handler, tag) => client.list({ prefix: 'a/', limit: 1 }, handler, tag));
    expect(page).toMatchObject({ result: { entries: [{ key: 'a/1', sizeBytes: 100 }] } });
    const token = page.status === 'ok' && page.result.kind === 'page' ? page.result.next : undefined;
    expect(
      store.perform((client, handler, tag) => client.list({ prefix: 'a/', limit: 1, token }, handler, tag)),
    ).toMatchObject({ result: { entries: [{ key: 'a/2' }], next: undefined } });
    const body = { sizeBytes: 2, bytes: new Uint8Array(2) };
    const ifAbsent = { kind: 'if-absent' } as const;
    const create = (key: string) =>
      store.perform((client, handler, tag) => client.put(key, body, handler, tag, ifAbsent));
    expect(create('a/1')).toMatchObject({ result: { kind: 'precondition-failed' } });
    expect(store.perform((client, handler, tag) => client.delete('a/1', handler, tag))).toMatchObject({
      result: { existed: true },
    });
    expect(store.read('a/1')).toBeUndefined();
    expect(create('a/1')).toMatchObject({ result: { kind: 'stored' } });
    expect(store.read('a/1')).toEqual(body.bytes);
  });

  it.each(['process', 'machine'] as const)(
    'keeps every acknowledged write when a node crashes under load (%s)',
    (mode) => {
      const store = new WholeStore();
      const tags = new Map<string, number>();
      for (let i = 0; i < 300; i++) {
        tags.set(`k${i}`, store.put(`k${i}`, `content of k${i}`));
        store.run(10);
        if (i === 100) store.world.crash('data-2', { mode });
        if (i === 200) store.world.restart('data-2');
      }
      store.run(10_000);
      const acknowledged = [...tags].filter(([, tag]) => isOk(store.outcomes.get(tag)));
      expect(store.outcomes.size).toBe(300);
      expect(acknowledged.length).toBeGreaterThanOrEqual(297);
      for (const [key] of acknowledged) expect(store.read(key)).toEqual(bytesOf(`content of ${key}`, 100));
    },
  );

  it('tells metadata of its stragglers in time: a quiet store has nothing to repair', () => {
    const store = new WholeStore();
    for (let i = 0; i < 200; i++) {
      store.put(`k${i}`, 'x', i % 4 === 0 ? 3_000 : 100);
      store.run(7);
    }
    store.run(10_000);
    expect(store.eventsOf('replica')).toEqual([]);
    expect(store.eventsOf('move-started')).toEqual([]);
  });

  it('reads one version or the other while a key is overwritten, never a mixture', () => {
    const store = new WholeStore();
    const versions = new Set(
      [0, 1, 2, 3, 4, 5].map((version) => Buffer.from(bytesOf(`v${version}`, 2_500)).toString('hex')),
    );
    store.put('hot', 'v0', 2_500);
    store.run(500);
    const reads: number[] = [];
    for (let i = 0; i < 100; i++) {
      if (i % 20 === 0) store.put('hot', `v${i / 20 + 1}`, 2_500);
      reads.push(store.begin((client, handler, tag) => client.get('hot', undefined, handler, tag)));
      store.run(1);
    }
    store.run(5_000);
    for (const tag of reads) {
      const outcome = store.outcomes.get(tag);
      if (outcome?.status !== 'ok' || outcome.result.kind !== 'object') throw new Error(JSON.stringify(outcome));
      expect(versions).toContain(Buffer.from(outcome.result.body.bytes).toString('hex'));
    }
  });

  it('never calls a write failed that can be read, though metadata crashes and messages get lost', () => {
    const store = new WholeStore('lossy', 0.02);
    const tags = new Map<string, number>();
    for (let i = 0; i < 200; i++) {
      tags.set(`k${i}`, store.put(`k${i}`, `content of k${i}`));
      store.run(20);
      if (i % 50 === 30) store.world.crash('metadata-1', { mode: 'process' });
      if (i % 50 === 40) store.world.restart('metadata-1');
    }
    store.run(30_000);
    const ended = { ok: 0, failed: 0, unknown: 0 };
    for (const [key, tag] of tags) {
      const status = store.outcomes.get(tag)?.status;
      if (status === undefined) throw new Error(`the put of ${key} never ended`);
      ended[status] += 1;
      const bytes = store.read(key);
      if (status === 'ok') expect(bytes).toEqual(bytesOf(`content of ${key}`, 100));
      if (status === 'failed') expect(bytes).toBeUndefined();
    }
    expect(ended.ok).toBeGreaterThan(150);
  });

  it('serves on when a gateway crashes', () => {
    const store = new WholeStore();
    store.put('k', 'x');
    store.run(500);
    store.world.crash('gateway-1', { mode: 'process' });
    for (let i = 0; i < 50; i++) expect(store.read('k')).toEqual(bytesOf('x', 100));
  });
});
