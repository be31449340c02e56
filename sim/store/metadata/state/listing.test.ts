import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetadataReply } from '../../messages/metadata.ts';
import { MetadataMachine } from './apply.ts';
import type { Command } from './commands.ts';
import { listPage } from './listing.ts';
import type { StateOptions } from './state.ts';

const options: StateOptions = {
  partitions: 1,
  replication: 1,
  writeQuorum: 1,
  stragglerGraceMs: 5,
  tombstoneMs: 30,
  tokenRevisions: 1_000,
  listHistory: { versions: 10, ms: 50 },
  orphans: { graceMs: 10, condemnedMs: 40 },
};

type Page = Extract<MetadataReply, { kind: 'object.page' }>;

const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\uffff'), maxLength: 4 });
const key = text.filter((one) => one !== '');

/** Writes of few keys, now and then with a jump in time. */
const change = fc.record({
  op: fc.constantFrom('put' as const, 'put' as const, 'copy' as const, 'delete' as const),
  key,
  from: key,
  laterMs: fc.constantFrom(0, 1, 5, 30),
});

function commandOf(
  one: { op: 'put' | 'copy' | 'delete'; key: string; from: string },
  atMs: number,
  n: number,
): Command {
  const rest = { key: one.key, atMs, condition: { kind: 'none' }, token: `w.1.${n}` } as const;
  if (one.op === 'put') return { kind: 'object.commit', ...rest, sizeBytes: 0, blocks: [], acked: [] };
  if (one.op === 'copy') return { kind: 'object.copy', ...rest, from: one.from };
  return { kind: 'object.delete', ...rest };
}

/** What the specification of `object.list` says, with nothing but sets. */
function modelItems(keys: ReadonlyMap<string, number>, prefix: string, delimiter: string, after: string): string[] {
  const items = new Set<string>();
  for (const one of keys.keys()) {
    if (!one.startsWith(prefix)) continue;
    const at = delimiter === '' ? -1 : one.indexOf(delimiter, prefix.length);
    const item = at < 0 ? one : one.slice(0, at + delimiter.length);
    if (item > after) items.add(item);
  }
  return [...items].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function itemsOf(page: Page): string[] {
  return [...page.entries.map((entry) => entry.key), ...page.prefixes].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

describe('a listing', () => {
  it('shows the keys as they were at its revision, however late its pages are asked for', () => {
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 60, size: 'max' }),
        fc.array(
          fc.record({
            prefix: text,
            delimiter: fc.constantFrom('', '/', 'b', 'ab'),
            after: text,
            limit: fc.integer({ min: 1, max: 4 }),
            back: fc.nat(14),
          }),
          { minLength: 8, maxLength: 8 },
        ),
        (changes, queries) => {
          let machine = new MetadataMachine(options);
          const past: ReadonlyMap<string, number>[] = [new Map()];
          let atMs = 0;
          changes.forEach((one, index) => {
            atMs += one.laterMs;
            machine.apply(index + 1, commandOf(one, atMs, index + 1));
            const keys = new Map(
              [...machine.state.objects.versions()].map((version) => [version.key, version.generation]),
            );
            past.push(keys);
          });
          if (changes.length % 2 === 1) {
            const restored = new MetadataMachine(options);
            restored.restore([...machine.snapshot()]);
            machine = restored;
          }
          const { history } = machine.state.objects;
          expect(history.size).toBeLessThanOrEqual(options.listHistory.versions);
          for (const { prefix, delimiter, after, limit, back } of queries) {
            const revision = Math.max(0, changes.length - back);
            const request = { kind: 'object.list', prefix, delimiter, after, limit, revision } as const;
            const page = listPage(machine.state, request);
            if (revision < history.oldestRevision) {
              expect(page).toEqual({ kind: 'object.list-compacted', oldestRevision: history.oldestRevision });
              continue;
            }
            if (page.kind !== 'object.page') expect.fail(JSON.stringify(page));
            const keys = past[revision] ?? new Map();
            const wanted = modelItems(keys, prefix, delimiter, after);
            expect(itemsOf(page)).toEqual(wanted.slice(0, limit));
            expect(page.next).toBe(wanted.length > limit ? wanted[limit - 1] : undefined);
            for (const entry of page.entries) expect(entry.generation).toBe(keys.get(entry.key));
          }
        },
      ),
      { seed: 1, numRuns: 120 },
    );
  });

  it('tells each key and each common prefix once over all its pages, while the keys change', () => {
    const machine = new MetadataMachine(options);
    let revision = 0;
    const write = (op: 'put' | 'delete', name: string) => {
      revision += 1;
      machine.apply(revision, commandOf({ op, key: name, from: '' }, 0, revision));
    };
    for (const name of ['a', 'b/1', 'b/2', 'c', 'd/1']) write('put', name);
    const request = { kind: 'object.list', prefix: '', delimiter: '/', limit: 2 } as const;
    const first = listPage(machine.state, { ...request, after: '' });
    expect(first).toMatchObject({ entries: [{ key: 'a' }], prefixes: ['b/'], next: 'b/', revision: 5 });
    write('delete', 'c');
    write('put', 'bb');
    write('delete', 'd/1');
    expect(listPage(machine.state, { ...request, after: 'b/', revision: 5 })).toMatchObject({
      entries: [{ key: 'c', generation: 4 }],
      prefixes: ['d/'],
      next: undefined,
    });
    expect(listPage(machine.state, { ...request, after: 'b/' })).toMatchObject({
      entries: [{ key: 'bb' }],
      prefixes: [],
    });
  });

  it('refuses a revision that is compacted, and one that is still to come', () => {
    const machine = new MetadataMachine(options);
    const last = options.listHistory.versions + 2;
    for (let n = 1; n <= last; n++) machine.apply(n, commandOf({ op: 'put', key: 'k', from: '' }, 0, n));
    const request = { kind: 'object.list', prefix: '', after: '', limit: 9 } as const;
    expect(listPage(machine.state, { ...request, revision: 1 })).toEqual({
      kind: 'object.list-compacted',
      oldestRevision: 2,
    });
    expect(listPage(machine.state, { ...request, revision: 2 })).toMatchObject({
      entries: [{ key: 'k', generation: 2 }],
    });
    expect(listPage(machine.state, { ...request, revision: last + 1 })).toEqual({
      kind: 'metadata.bad-request',
      detail: `revision: found ${last + 1}, accepted: 2 to ${last}`,
    });
  });
});
