import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { Listing } from '../store/events.ts';
import { SortedKeys } from '../store/metadata/state/sorted-keys.ts';
import { type Check, type Sentence, Tally } from './check.ts';
import type { KeyHistory } from './key-history.ts';
import type { KeyModel } from './key-model.ts';
import type { OperationEvent } from './operation.ts';
import type { ResurrectionCheck } from './resurrection.ts';
import { RevisionClock } from './revision-clock.ts';

/** How long a page waits for the ends of writes that were under way with it: longer than clients wait. */
const WAIT_MS = 15_000;
/** Pages that wait at most; beyond, the oldest is judged by what is known. */
const MOST_PENDING = 200;
/** Pages whose ends are remembered, for those that continue them. */
const MOST_PAGES = 1_024;
/** Keys that the model is asked for at most to judge one page. */
const MOST_KEYS = 20_000;

interface Page {
  readonly listing: Listing;
  readonly node: NodeId;
  readonly endMs: number;
}

/**
 * I3: a page of a list shows the keys as they were at one revision within its interval, and the pages that continue it show
 * the same. A version's generation is the revision that made it, so the model knows what was there at any of them.
 */
export class ListingCheck implements Check {
  readonly id = 'I3';
  readonly statement =
    'Each page of a list equals the keys at one revision within its interval, complete and in order, and all pages of one listing show the same revision.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #model: KeyModel;
  readonly #resurrection: ResurrectionCheck;
  readonly #clock = new RevisionClock();
  readonly #pending: Page[] = [];
  /** Revisions of pages that go on, by where they ended. */
  readonly #ends = new Map<string, number[]>();
  #endsForgotten = false;
  /** Kept from the first listing on. */
  #keys: SortedKeys | undefined;
  #unjudged = 0;

  constructor(model: KeyModel, resurrection: ResurrectionCheck) {
    this.#model = model;
    this.#resurrection = resurrection;
  }

  /** A write was acknowledged that made a generation. */
  onWrite({ op, key, generation }: OperationEvent, calledMs: number, node: NodeId, nowMs: number): void {
    const before = this.#clock.before(calledMs);
    this.#clock.note(generation, nowMs);
    if (generation > before) return;
    this.#tally.fail(
      (at) =>
        `${at(nowMs)}: a ${op} of ${key}, called at ${at(calledMs)}, made generation ${generation}, but revision ${before} had been shown before`,
      { timeMs: nowMs, node, key, event: op },
    );
  }

  onListing(listing: Listing, calledMs: number, node: NodeId, nowMs: number): void {
    const { revision } = listing;
    const page = { listing, node, endMs: nowMs };
    this.#judgeOrder(page);
    this.#judgeRevision(page, calledMs);
    this.#clock.note(revision, nowMs);
    if (listing.more) this.#rememberEnd(listing);
    this.#pending.push(page);
    while ((this.#pending[0]?.endMs ?? nowMs) < nowMs - WAIT_MS) this.#judgeNext(true);
    if (this.#pending.length > MOST_PENDING) this.#judgeNext(false);
  }

  /** No more operations end; `unfinished` never did. */
  close(unfinished: number): void {
    while (this.#pending.length > 0) this.#judgeNext(unfinished === 0);
  }

  result(originMs?: number): CheckResult {
    const skipped = this.#unjudged > 0 ? `; ${this.#unjudged} entries not judged` : '';
    return this.#tally.result(
      `${this.#tally.evaluated} judgements of pages and entries${skipped}`,
      `nobody listed keys${skipped}`,
      originMs,
    );
  }

  #judgeRevision({ listing, node, endMs }: Page, calledMs: number): void {
    const { revision, after } = listing;
    const parents = after === '' ? undefined : this.#ends.get(placeOf(listing, after));
    if (parents?.includes(revision)) return this.#tally.pass();
    if (parents !== undefined && !this.#endsForgotten) {
      return this.#fail(
        { listing, node, endMs },
        `shows revision ${revision}, the page that it continues ${parents.join(' or ')}`,
      );
    }
    const before = this.#clock.before(calledMs);
    if (revision >= before || after !== '') return this.#tally.pass();
    this.#fail(
      { listing, node, endMs },
      (at) => `shows revision ${revision}, older than ${before} at its call at ${at(calledMs)}`,
    );
  }

  /** What a page tells of itself: order, prefix, limit, groups. */
  #judgeOrder(page: Page): void {
    const { prefix, delimiter, after, limit, entries, prefixes, revision } = page.listing;
    let last = '';
    for (const { key, generation } of entries) {
      if (last !== '' && key <= last) return this.#fail(page, `has ${key} after ${last}`);
      if (!key.startsWith(prefix) || key <= after) return this.#fail(page, `has ${key}, which it was not asked for`);
      if (generation > revision) {
        return this.#fail(page, `has ${key} with generation ${generation}, but shows revision ${revision}`);
      }
      if (groupOf(key, prefix, delimiter) !== undefined)
        return this.#fail(page, `has ${key}, which belongs to a group`);
      last = key;
    }
    for (const [i, group] of prefixes.entries()) {
      if (groupOf(group, prefix, delimiter) !== group || (i > 0 && group <= (prefixes[i - 1] ?? ''))) {
        return this.#fail(page, `has the prefix ${group}, which is none, or not in order`);
      }
    }
    if (entries.length + prefixes.length > limit) this.#fail(page, `has more than the ${limit} that were asked for`);
    else this.#tally.pass();
  }

  /** `complete`: nothing is under way any more that may have been carried out when the page was made. */
  #judgeNext(complete: boolean): void {
    const page = this.#pending.shift();
    if (page === undefined) return;
    const { entries, revision } = page.listing;
    for (const { key, generation } of entries) this.#judgeEntry(page, key, generation, revision, complete);
    this.#judgeMissing(page, complete);
  }

  #judgeEntry(page: Page, key: string, generation: number, revision: number, complete: boolean): void {
    const history = this.#model.known(key);
    const version = history === undefined ? 'none' : history.atRevision(revision);
    if (version === 'forgotten') return this.#skip();
    const known = version === 'none' ? 0 : version.generation;
    if (version !== 'none' && version.deleted)
      this.#resurrection.onSeen(key, generation, version, 'list', page.node, page.endMs);
    if (known === generation && version !== 'none' && !version.deleted) return this.#tally.pass();
    if (known >= generation) {
      const what = version !== 'none' && version.deleted ? 'deleted it' : 'is newer';
      return this.#fail(
        page,
        `of revision ${revision} has ${key} with generation ${generation}; ${known} ${what}`,
        key,
      );
    }
    if (history?.mayBeWritten === true || !complete || (history === undefined && !this.#model.follows(key)))
      return this.#skip();
    this.#fail(page, `of revision ${revision} has ${key} with generation ${generation}, which nobody made`, key);
  }

  #judgeMissing(page: Page, complete: boolean): void {
    const { prefix, delimiter, after, entries, prefixes, revision, more } = page.listing;
    const shown = new Set(entries.map(({ key }) => key));
    const last = lastOf(page.listing);
    const groups = new Set<string>();
    let looked = 0;
    for (const key of this.#sortedKeys().from(prefix > after ? prefix : after)) {
      if (!key.startsWith(prefix)) {
        if (key > prefix) break;
        continue;
      }
      if (key <= after || shown.has(key)) continue;
      const group = groupOf(key, prefix, delimiter);
      // The page before ended with this group.
      if (group !== undefined && group === after) continue;
      if (more && (group ?? key) > last) break;
      if (++looked > MOST_KEYS) return this.#skip();
      const history = this.#model.known(key);
      if (history === undefined || !isThere(history, revision)) continue;
      if (group !== undefined) groups.add(group);
      if (group !== undefined && prefixes.includes(group)) continue;
      if (history.mayBeDeleted || !complete) this.#skip();
      else this.#fail(page, `of revision ${revision} lacks ${key}, which was there`, key);
    }
    for (const group of prefixes) {
      if (groups.has(group)) this.#tally.pass();
      else if (!complete || this.#model.share < 1 || this.#mayHold(group)) this.#skip();
      else this.#fail(page, `of revision ${revision} has the prefix ${group}, where nothing was`, group);
    }
    this.#tally.pass();
  }

  /** May a write in doubt, or one that is forgotten, have left something under this prefix? */
  #mayHold(group: string): boolean {
    for (const key of this.#sortedKeys().from(group)) {
      if (!key.startsWith(group)) return false;
      const history = this.#model.known(key);
      if (history?.mayBeWritten === true || history?.atRevision(0) === 'forgotten') return true;
    }
    return false;
  }

  #sortedKeys(): SortedKeys {
    if (this.#keys !== undefined) return this.#keys;
    const keys = new SortedKeys();
    for (const key of this.#model.keys()) keys.add(key);
    this.#model.listener = { onKey: (key) => keys.add(key), onDropped: (key) => keys.delete(key) };
    this.#keys = keys;
    return keys;
  }

  #rememberEnd(listing: Listing): void {
    const place = placeOf(listing, lastOf(listing));
    const revisions = this.#ends.get(place) ?? [];
    if (!revisions.includes(listing.revision)) revisions.push(listing.revision);
    this.#ends.set(place, revisions);
    if (this.#ends.size <= MOST_PAGES) return;
    for (const oldest of this.#ends.keys()) {
      this.#ends.delete(oldest);
      break;
    }
    this.#endsForgotten = true;
  }

  #skip(): void {
    this.#unjudged++;
  }

  #fail({ listing: { prefix, after }, node, endMs }: Page, what: Sentence, key = prefix): void {
    const from = after === '' ? '' : ` after ${after}`;
    this.#tally.fail(
      (at) =>
        `${at(endMs)}: the list of ${JSON.stringify(prefix)}${from} ${typeof what === 'string' ? what : what(at)}`,
      { timeMs: endMs, node, key, event: 'list' },
    );
  }
}

function isThere(history: KeyHistory, revision: number): boolean {
  const version = history.atRevision(revision);
  return typeof version === 'object' && !version.deleted;
}

/** The common prefix that stands for a key in a list with a delimiter; undefined if the key stands for itself. */
function groupOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** Where a page ends. */
function lastOf({ entries, prefixes }: Listing): string {
  const key = entries.at(-1)?.key ?? '';
  const group = prefixes.at(-1) ?? '';
  return key > group ? key : group;
}

function placeOf({ prefix, delimiter }: Listing, last: string): string {
  return JSON.stringify([prefix, delimiter, last]);
}
