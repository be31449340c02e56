import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heard, Rig } from '../testdata/rig.ts';
import type { ListQuery } from './list-query.ts';
import { listToken, readListToken } from './list-token.ts';
import type { Result } from './outcome.ts';

type Page = Extract<Result, { kind: 'page' }>;

const KEYS = ['a/1', 'a/2', 'a/b/1', 'a/b/2', 'a/c', 'b', 'b/1', 'c'];

function stocked(keys: readonly string[] = KEYS): Rig {
  const rig = new Rig();
  for (const key of keys) put(rig, key);
  rig.events.length = 0;
  return rig;
}

const put = (rig: Rig, key: string) =>
  rig.perform((client, handler) => client.put(key, { sizeBytes: 0, bytes: new Uint8Array(0) }, handler, 0));
const ask = (rig: Rig, query: ListQuery) => rig.perform((client, handler) => client.list(query, handler, 0));

function page(rig: Rig, query: ListQuery): Page {
  const outcome = ask(rig, query);
  if (outcome.status !== 'ok' || outcome.result.kind !== 'page') throw new Error(JSON.stringify(outcome));
  return outcome.result;
}

/** Keys and prefixes of all pages; `between` is done after each. */
function all(rig: Rig, query: ListQuery, between = () => {}): { readonly items: string[]; readonly pages: Page[] } {
  const pages: Page[] = [];
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const next = page(rig, { ...query, token });
    pages.push(next);
    token = next.next;
    between();
  }
  return {
    items: pages.flatMap(({ entries, prefixes }) => [...entries.map(({ key }) => key), ...prefixes].sort()),
    pages,
  };
}

describe('a listing', () => {
  it('is the same in pages of any size, with and without a delimiter', () => {
    const rig = stocked();
    for (let limit = 1; limit <= KEYS.length + 1; limit++) {
      expect(all(rig, { limit }).items).toEqual(KEYS);
      expect(all(rig, { prefix: 'a/', limit }).items).toEqual(KEYS.slice(0, 5));
      expect(all(rig, { prefix: 'a/', delimiter: '/', limit }).items).toEqual(['a/1', 'a/2', 'a/b/', 'a/c']);
      expect(all(rig, { delimiter: '/', limit }).items).toEqual(['a/', 'b', 'b/', 'c']);
      expect(all(rig, { after: 'a/b/1', limit }).items).toEqual(KEYS.slice(3));
    }
  });

  it('shows one revision to its end, whatever is written meanwhile', () => {
    const rig = stocked();
    let n = 0;
    const { items, pages } = all(rig, { limit: 2 }, () => {
      put(rig, `a/new${n++}`);
      rig.perform((client, handler) => client.delete('c', handler, 0));
    });
    expect(items).toEqual(KEYS);
    expect(new Set(pages.map(({ revision }) => revision)).size).toBe(1);
    expect(all(rig, {}).items).not.toContain('c');
  });

  it('says to start again when its revision is kept no more, and then shows what there is now', () => {
    const rig = stocked();
    const first = page(rig, { limit: 3 });
    put(rig, 'a/later');
    rig.metadata.oldestRevision = first.revision + 1;
    rig.events.length = 0;
    expect(ask(rig, { limit: 3, token: first.next })).toEqual({
      status: 'ok',
      result: { kind: 'list-compacted', oldestRevision: first.revision + 1 },
      attempts: 1,
    });
    expect(rig.eventsOf('operation')).toMatchObject([{ op: 'list', status: 'ok', listing: undefined, generation: 0 }]);
    expect(all(rig, { limit: 3 }).items).toContain('a/later');
  });

  it('tells the recorder all that a check needs', () => {
    const rig = stocked();
    const { next } = page(rig, { prefix: 'a/', delimiter: '/', limit: 2 });
    page(rig, { prefix: 'a/', delimiter: '/', limit: 2, token: next });
    const common = { prefix: 'a/', delimiter: '/', limit: 2, revision: KEYS.length };
    expect(rig.eventsOf('operation')).toMatchObject([
      {
        op: 'list',
        key: 'a/',
        listing: {
          ...common,
          after: '',
          entries: [{ key: 'a/1', generation: 1 }, { key: 'a/2' }],
          prefixes: [],
          more: true,
        },
      },
      {
        op: 'list',
        key: 'a/',
        listing: { ...common, after: 'a/2', prefixes: ['a/b/'], entries: [{ key: 'a/c' }], more: false },
      },
    ]);
  });
});

describe('the token of a listing', () => {
  it('is refused before anything is sent if it was cut, changed, made up, or belongs to another listing', () => {
    const rig = stocked();
    const { next = '' } = page(rig, { prefix: 'a/', limit: 1 });
    rig.metadata.heard.length = 0;
    const heard = new Heard();
    const refused: readonly ListQuery[] = [
      { prefix: 'a/', token: '' },
      { prefix: 'a/', token: 'a/1' },
      { prefix: 'a/', token: next.slice(0, -1) },
      { prefix: 'a/', token: next.replace(/^1\.\d+/, '1.99') },
      { prefix: 'a/', token: `${next}%` },
      { prefix: 'b/', token: next },
      { prefix: 'a/', delimiter: '/', token: next },
    ];
    for (const query of refused)
      expect(() => rig.client.list(query, heard, 0)).toThrow(/^token: found '.*', accepted: what a page of the same/);
    expect([rig.metadata.heard, heard.outcomes, rig.client.open]).toEqual([[], [], 0]);
  });

  it('carries any position there and back', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(text, text, text, fc.nat({ max: Number.MAX_SAFE_INTEGER }), (prefix, delimiter, after, revision) => {
        const query = { prefix, delimiter };
        const token = listToken(query, { after, revision });
        expect(readListToken(query, token)).toEqual({ after, revision });
        expect(readListToken({ ...query, prefix: `${prefix}x` }, token)).toBeUndefined();
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('tells prefix and delimiter apart', () => {
    const token = listToken({ prefix: 'ab', delimiter: 'c' }, { after: 'd', revision: 1 });
    expect(readListToken({ prefix: 'a', delimiter: 'bc' }, token)).toBeUndefined();
  });
});
