import type { NodeId, TraceEvent } from '../../host.ts';
import type { StoreEvent } from '../../store/events.ts';
import type { TrialStage, TrialStation, TrialWatcher } from '../watcher.ts';

interface KeyAccount {
  /** Checksum by generation, of every version that was acknowledged. */
  readonly versions: Map<number, number>;
  /** Checksums of all writes that were sent and did not certainly fail. */
  readonly written: Set<number>;
  /** The newest generation that was acknowledged: of a put, or of a delete. */
  newest: number;
  deleted: boolean;
  doubtfulDelete: boolean;
}

/**
 * What the clients were told of each key against what is read back, written down as plainly as can be and on purpose apart
 * from `sim/check`: the test of a store should not rest on one oracle.
 */
export class Ledger implements TrialWatcher {
  readonly #accounts = new Map<string, KeyAccount>();
  readonly #complaints: string[] = [];
  #closed = false;

  get acknowledgedKeys(): number {
    return [...this.#accounts.values()].filter(({ newest }) => newest > 0).length;
  }

  /** One line for each acknowledged write that is missing, each answer that nobody wrote. */
  complaints(): readonly string[] {
    return this.#complaints;
  }

  onEvent(_node: NodeId, event: TraceEvent): void {
    const told = event as StoreEvent;
    if (this.#closed || told.kind !== 'operation' || told.status === 'failed') return;
    const account = this.#account(told.key);
    const { op, status, generation, checksum } = told;
    if (op === 'put') {
      account.written.add(checksum);
      if (status === 'ok') {
        account.versions.set(generation, checksum);
        this.#acknowledge(account, generation, false);
      }
    } else if (op === 'delete') {
      if (status === 'unknown') account.doubtfulDelete = true;
      else this.#acknowledge(account, generation, true);
    }
  }

  onStation(station: TrialStation, { readBack }: TrialStage): void {
    if (station === 'settled') this.#closed = true;
    if (station !== 'read-back') return;
    const read = new Map(readBack.map(({ key, found }) => [key, found]));
    for (const [key, account] of this.#accounts) {
      if (account.newest > 0) this.#compare(key, account, read.get(key));
    }
  }

  #compare(key: string, account: KeyAccount, found: { generation: number; checksum: number } | undefined): void {
    const { versions, written, newest, deleted, doubtfulDelete } = account;
    const complain = (what: string) => this.#complaints.push(`${key}: ${what}; acknowledged was generation ${newest}`);
    if (found === undefined) complain('cannot be read');
    else if (found.generation === 0 && !deleted && !doubtfulDelete) complain('is missing');
    else if (found.generation !== 0 && found.generation < newest) complain(`is back at generation ${found.generation}`);
    else if (found.generation !== 0 && found.checksum !== versions.get(found.generation) && !written.has(found.checksum))
      complain(`generation ${found.generation} has bytes that nobody wrote`);
  }

  #acknowledge(account: KeyAccount, generation: number, deleted: boolean): void {
    if (generation <= account.newest) return;
    account.newest = generation;
    account.deleted = deleted;
  }

  #account(key: string): KeyAccount {
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const account = { versions: new Map(), written: new Set<number>(), newest: 0, deleted: false, doubtfulDelete: false };
    this.#accounts.set(key, account);
    return account;
  }
}
