import { describe, expect, it } from 'vitest';
import type { Listing } from '../store/events.ts';
import { KeyModel } from './key-model.ts';
import { ListingCheck } from './listing.ts';
import type { OperationEvent } from './operation.ts';
import { ResurrectionCheck } from './resurrection.ts';
import { operation, said } from './testdata/events.ts';

/** Keys a, b and d/1, d/2 written by generations 1 to 4 in this order; b deleted by 5. */
function stage() {
  const model = new KeyModel(1_000);
  const resurrection = new ResurrectionCheck();
  const check = new ListingCheck(model, resurrection);
  const write = (nowMs: number, change: Partial<OperationEvent>) => {
    const event = operation({ op: 'put', checksum: 7, ...change });
    if (event.status === 'ok') check.onWrite(event, nowMs - event.latencyMs, 'client-1', nowMs);
    const history = model.of(event.key);
    if (history !== undefined) model.recordWrite(event, history, nowMs);
  };
  for (const [i, key] of ['a', 'b', 'd/1', 'd/2'].entries()) write(100 * (i + 1), { key, generation: i + 1 });
  write(500, { op: 'delete', key: 'b', generation: 5, checksum: 0 });
  const list = (nowMs: number, entries: readonly (readonly [string, number])[], change: Partial<Listing> = {}) => {
    const listing: Listing = {
      ...{ prefix: '', delimiter: '', after: '', limit: 100, revision: 5, prefixes: [], more: false },
      entries: entries.map(([key, generation]) => ({ key, generation })),
      ...change,
    };
    check.onListing(listing, nowMs - 10, 'client-1', nowMs);
  };
  const verdict = (unfinished = 0) => {
    check.close(unfinished);
    return said(check);
  };
  return { write, list, verdict, resurrection };
}

const ALL = [
  ['a', 1],
  ['d/1', 3],
  ['d/2', 4],
] as const;

describe('I3 list snapshots', () => {
  it('holds over whole lists, pages, prefixes and groups', () => {
    const { list, write, verdict } = stage();
    list(600, ALL);
    list(600, [['a', 1]], { limit: 1, more: true });
    list(600, [['a', 1]], { delimiter: '/', prefixes: ['d/'] });
    list(600, ALL.slice(1), { prefix: 'd/' });
    // What came since does not show in the pages that continue.
    write(700, { key: 'c', generation: 6 });
    list(800, ALL.slice(1), { after: 'a' });
    list(900, [['a', 1], ['c', 6], ...ALL.slice(1)], { revision: 6 });
    expect(verdict()).toContain('held');
  });

  it('goes on after a group without asking for what is in it', () => {
    const { list, write, verdict } = stage();
    write(550, { key: 'e', generation: 6 });
    const grouped = { delimiter: '/', limit: 2, revision: 6 };
    list(600, [['a', 1]], { ...grouped, prefixes: ['d/'], more: true });
    list(700, [['e', 6]], { ...grouped, after: 'd/' });
    expect(verdict()).toContain('held');
  });

  it('catches a key that is left out, and one that nobody wrote', () => {
    const lacking = stage();
    lacking.list(600, [ALL[0], ALL[2]]);
    expect(lacking.verdict()).toBe('violated: 0.6 s: the list of "" of revision 5 lacks d/1, which was there');
    const invented = stage();
    invented.list(600, [...ALL, ['z', 2]]);
    expect(invented.verdict()).toContain('of revision 5 has z with generation 2, which nobody made');
    const group = stage();
    group.list(600, [['a', 1]], { delimiter: '/' });
    expect(group.verdict()).toContain('lacks d/1, which was there');
    const empty = stage();
    empty.list(600, [['a', 1]], { delimiter: '/', prefixes: ['d/', 'e/'] });
    expect(empty.verdict()).toContain('has the prefix e/, where nothing was');
  });

  it('catches versions of other revisions', () => {
    const old = stage();
    old.write(550, { key: 'a', generation: 6 });
    old.list(600, ALL, { revision: 6 });
    expect(old.verdict()).toContain('of revision 6 has a with generation 1; 6 is newer');
    const later = stage();
    later.write(550, { key: 'a', generation: 6, latencyMs: 100 });
    later.list(540, [['a', 6], ...ALL.slice(1)]);
    expect(later.verdict()).toContain('has a with generation 6, but shows revision 5');
  });

  it('catches a deleted key that is listed, for I16 as well', () => {
    const { list, verdict, resurrection } = stage();
    list(600, [ALL[0], ['b', 2], ALL[1], ALL[2]]);
    expect(verdict()).toContain('of revision 5 has b with generation 2; 5 deleted it');
    expect(said(resurrection)).toBe(
      'violated: 0.6 s: a list of b gave generation 2, which generation 5 had deleted at 0.5 s',
    );
  });

  it('catches a revision that is not within the interval of the list', () => {
    const stale = stage();
    stale.list(600, ALL, { revision: 4 });
    expect(stale.verdict()).toContain('shows revision 4, older than 5 at its call at 0.59 s');
    const future = stage();
    future.list(600, ALL, { revision: 9 });
    future.write(800, { key: 'x', generation: 8 });
    expect(future.verdict()).toContain(
      'a put of x, called at 0.79 s, made generation 8, but revision 9 had been shown before',
    );
  });

  it('catches pages of one listing that show several revisions', () => {
    const { list, write, verdict } = stage();
    list(600, [['a', 1]], { limit: 1, more: true });
    write(700, { key: 'c', generation: 6 });
    list(800, [['c', 6], ...ALL.slice(1)], { after: 'a', revision: 6 });
    expect(verdict()).toContain('the list of "" after a shows revision 6, the page that it continues 5');
  });

  it('catches lists that are not what was asked for', () => {
    for (const [entries, change, says] of [
      [[ALL[1], ALL[0]], {}, 'has a after d/1'],
      [ALL, { prefix: 'd/' }, 'has a, which it was not asked for'],
      [ALL, { limit: 2 }, 'has more than the 2 that were asked for'],
      [ALL, { delimiter: '/' }, 'has d/1, which belongs to a group'],
      [[ALL[0]], { delimiter: '/', prefixes: ['d/', 'd/'] }, 'has the prefix d/, which is none, or not in order'],
    ] as const) {
      const { list, verdict } = stage();
      list(600, entries, change);
      expect(verdict()).toContain(says);
    }
  });

  it('leaves open what a write in doubt, or one that never ended, may have done', () => {
    const doubt = stage();
    doubt.write(550, { op: 'delete', key: 'a', status: 'unknown', generation: 0 });
    doubt.write(550, { key: 'n', status: 'unknown', generation: 0 });
    doubt.list(600, [...ALL.slice(1), ['n', 6]], { revision: 7 });
    expect(doubt.verdict()).toContain('held');
    const unfinished = stage();
    unfinished.list(600, [...ALL, ['z', 2]]);
    expect(unfinished.verdict(1)).toContain('held');
    const late = stage();
    late.list(600, [...ALL, ['z', 6]], { revision: 6 });
    late.write(900, { key: 'z', generation: 6, latencyMs: 500 });
    expect(late.verdict()).toContain('held');
  });
});
