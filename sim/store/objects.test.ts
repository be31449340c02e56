import { describe, expect, it } from 'vitest';
import type { ListQuery } from './client/list-query.ts';
import type { Outcome, Result } from './client/outcome.ts';
import type { Condition } from './model.ts';
import { bytesOf } from './testdata/rig.ts';
import { WholeStore } from './testdata/whole-store.ts';

/** What a client may do with objects, over the whole store: real components, in a simulated world. */

const copy = (store: WholeStore, from: string, to: string) =>
  store.perform((client, handler, tag) => client.copy(from, to, handler, tag));

function page(store: WholeStore, query: ListQuery): Extract<Result, { kind: 'page' }> {
  const outcome = store.perform((client, handler, tag) => client.list(query, handler, tag));
  if (outcome.status !== 'ok' || outcome.result.kind !== 'page') throw new Error(JSON.stringify(outcome));
  return outcome.result;
}

const kindOf = (outcome: Outcome | undefined) => (outcome?.status === 'ok' ? outcome.result.kind : outcome?.status);

describe('a copy', () => {
  it('keeps its content when the original is overwritten or deleted, and its garbage collected', () => {
    const store = new WholeStore();
    for (const key of ['one', 'two']) store.put(key, `content of ${key}`, 2_500);
    store.run(1_000);
    expect(copy(store, 'one', 'copy of one')).toMatchObject({ result: { kind: 'copied' } });
    expect(copy(store, 'two', 'copy of two')).toMatchObject({ result: { kind: 'copied' } });
    expect(copy(store, 'copy of one', 'copy of a copy')).toMatchObject({ result: { kind: 'copied' } });
    store.put('one', 'something else', 100);
    store.perform((client, handler, tag) => client.delete('two', handler, tag));
    store.perform((client, handler, tag) => client.delete('copy of one', handler, tag));
    store.run(30_000);
    expect(store.read('copy of a copy')).toEqual(bytesOf('content of one', 2_500));
    expect(store.read('copy of two')).toEqual(bytesOf('content of two', 2_500));
    expect([store.read('two'), store.read('copy of one')]).toEqual([undefined, undefined]);
    expect(copy(store, 'two', 'three')).toMatchObject({ result: { kind: 'missing' } });
  });
});

describe('writes on condition', () => {
  it('of many at once exactly one finds its condition to hold, whatever they write', () => {
    const store = new WholeStore();
    store.put('source', 'source', 100);
    store.run(1_000);
    const race = (condition: Condition) => {
      const body = { sizeBytes: 2, bytes: new Uint8Array(2) };
      const tags = Array.from({ length: 12 }, (_, i) =>
        store.begin((client, handler, tag) => {
          if (i % 2 === 0) client.put('k', body, handler, tag, condition);
          else client.copy('source', 'k', handler, tag, condition);
        }),
      );
      store.run(2_000);
      const kinds = tags.map((tag) => kindOf(store.outcomes.get(tag)));
      expect(kinds.filter((kind) => kind === 'precondition-failed')).toHaveLength(11);
      expect(kinds.filter((kind) => kind === 'stored' || kind === 'copied')).toHaveLength(1);
    };
    race({ kind: 'if-absent' });
    for (let round = 0; round < 3; round++) {
      const head = store.perform((client, handler, tag) => client.head('k', handler, tag));
      if (head.status !== 'ok' || head.result.kind !== 'version') throw new Error(JSON.stringify(head));
      race({ kind: 'if-generation', generation: head.result.generation });
    }
  });
});

describe('a listing', () => {
  it('shows folders, and one revision over all its pages while keys come and go', () => {
    const store = new WholeStore();
    const keys = Array.from({ length: 24 }, (_, i) => `f${i % 4}/${i}`).sort();
    for (const key of keys) store.put(key, key, 10);
    store.run(1_000);
    expect(page(store, { delimiter: '/' })).toMatchObject({ entries: [], prefixes: ['f0/', 'f1/', 'f2/', 'f3/'] });
    const found: string[] = [];
    const revisions = new Set<number>();
    for (let token: string | undefined, n = 0; n === 0 || token !== undefined; n++) {
      const next = page(store, { limit: 5, token });
      found.push(...next.entries.map(({ key }) => key));
      revisions.add(next.revision);
      token = next.next;
      store.put(`f${n % 4}/later`, 'x', 10);
      store.perform((client, handler, tag) => client.delete(keys[keys.length - 1 - n] ?? '', handler, tag));
    }
    expect(found).toEqual(keys);
    expect(revisions.size).toBe(1);
    expect(page(store, {}).entries.map(({ key }) => key)).not.toEqual(keys);
  });
});

describe('a client that remembers and hedges', () => {
  it('reads what was acknowledged last, like one that does neither, though messages get lost', () => {
    const store = new WholeStore('remembering', 0.01, { cacheBytes: 20_000, hedge: {}, blockBytes: 8_000_000 });
    const newest = new Map<string, string>();
    for (let i = 0; i < 400; i++) {
      const key = `k${i % 7}`;
      if (i % 5 === 0) {
        const outcome = store.outcomes.get(settled(store, store.put(key, `version ${i}`)));
        if (outcome?.status === 'ok') newest.set(key, `version ${i}`);
        else newest.delete(key);
      }
      const expected = newest.get(key);
      if (expected !== undefined) expect(store.read(key)).toEqual(bytesOf(expected, 100));
    }
    expect(newest.size).toBeGreaterThan(4);
  });
});

function settled(store: WholeStore, tag: number): number {
  for (let i = 0; i < 1_000 && !store.outcomes.has(tag); i++) store.run(10);
  return tag;
}
