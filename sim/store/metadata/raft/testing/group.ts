import type { NodeId } from '../../../../host.ts';
import { RaftCore, type Ready } from '../core.ts';
import {
  changedMembership,
  type Entry,
  type HardState,
  type Membership,
  type Payload,
  type SnapshotPoint,
} from '../entry.ts';
import { mayPrecedeSync, type RaftMessage } from '../messages.ts';
import { defaultRaftSettings, type RaftSettings } from '../settings.ts';

/** What survives a crash. */
interface Durable {
  hardState: HardState;
  snapshot: SnapshotPoint;
  entries: readonly Entry[];
}

/** A broken invariant, by its name. */
export class Violation extends Error {}

interface Member {
  readonly id: NodeId;
  readonly durable: Durable;
  core: RaftCore;
  /** As of the last applied entry. */
  membership: Membership;
  pending: Ready | undefined;
}

/**
 * A group of cores under an unkind world: messages wait until they are delivered, in any order, often or never; a crash
 * loses what is not durable. Every invariant is checked wherever it could break:
 * at most one leader in a term, no change of what was ever applied, terms and votes that never go back, leaders that have
 * all that was committed, reads that see all that was applied anywhere before them.
 */
export class Group {
  readonly #settings: RaftSettings;
  readonly #founders: readonly NodeId[];
  readonly #members = new Map<NodeId, Member>();
  readonly #leaders = new Map<number, NodeId>();
  readonly #committed = new Map<number, Entry>();
  readonly #reads = new Map<number, number>();
  #highest = 0;
  #seed: number;
  network: RaftMessage[] = [];
  answeredReads = 0;

  constructor(
    nodes: readonly NodeId[],
    founders: readonly NodeId[],
    seed: number,
    settings: Partial<RaftSettings> = {},
  ) {
    this.#settings = { ...defaultRaftSettings, electionTicks: 3, maxInflight: 3, maxAppendBytes: 100, ...settings };
    this.#founders = founders;
    this.#seed = seed;
    for (const id of nodes) this.add(id);
  }

  /** A member starts that has nothing on its disk. */
  add(id: NodeId): void {
    const membership = { voters: this.#founders, learners: [] };
    const durable: Durable = {
      hardState: { term: 0, vote: undefined, commit: 0 },
      snapshot: { index: 0, term: 0, ...membership },
      entries: [],
    };
    this.#members.set(id, { id, durable, core: this.#boot(id, durable), membership, pending: undefined });
  }

  /** A member is no more. What it has sent still travels. */
  destroy(id: NodeId): void {
    this.#members.delete(id);
  }

  get nodes(): readonly NodeId[] {
    return [...this.#members.keys()];
  }

  /** The highest index that any member has applied. */
  get highestApplied(): number {
    return this.#highest;
  }

  get terms(): number {
    return this.#leaders.size;
  }

  core(id: NodeId): RaftCore {
    return this.#member(id).core;
  }

  /** The leader of the latest term, if it still thinks so. */
  get leader(): RaftCore | undefined {
    const leaders = [...this.#members.values()].filter(({ core }) => core.leadership.role === 'leader');
    return leaders.sort((a, b) => b.core.leadership.term - a.core.leadership.term)[0]?.core;
  }

  tick(id: NodeId): void {
    this.core(id).tick();
    this.#checkLeader(id);
  }

  propose(id: NodeId, payload: Payload): void {
    this.core(id).propose(payload);
  }

  read(id: NodeId, read: number): void {
    if (this.core(id).read(read)) this.#reads.set(read, this.#highest);
  }

  /** Delivers the message at a place of the network, `again` to leave it there. */
  deliver(position: number, again: boolean): void {
    const message = this.network[position % Math.max(1, this.network.length)];
    if (message === undefined) return;
    if (!again) this.network.splice(position % this.network.length, 1);
    if (!this.#members.has(message.to)) return;
    this.core(message.to).receive(message);
    this.#checkLeader(message.to);
  }

  drop(position: number): void {
    if (this.network.length > 0) this.network.splice(position % this.network.length, 1);
  }

  /** Begins to write; what need not wait for the disk is sent. */
  begin(id: NodeId): boolean {
    const member = this.#member(id);
    if (member.pending !== undefined) return true;
    const ready = member.core.ready();
    if (ready === undefined) return false;
    member.pending = ready;
    if (ready.hardState === undefined) this.network.push(...ready.messages.filter(mayPrecedeSync));
    return true;
  }

  /** What was begun is durable; the rest of it is done. */
  finish(id: NodeId): void {
    const member = this.#member(id);
    const ready = member.pending;
    if (ready === undefined) return;
    this.#write(member, ready);
    const sent = (message: RaftMessage) => ready.hardState === undefined && mayPrecedeSync(message);
    this.network.push(...ready.messages.filter((message) => !sent(message)));
    if (ready.snapshot !== undefined) member.membership = ready.snapshot;
    for (const entry of ready.committed) this.#apply(member, entry);
    for (const { read, index } of ready.readable) this.#checkRead(read, index);
    member.pending = undefined;
    member.core.advance();
    this.#checkLeader(id);
  }

  /** The process ends, with whatever it was writing, and starts again. */
  crash(id: NodeId): void {
    const member = this.#member(id);
    member.pending = undefined;
    member.membership = member.durable.snapshot;
    member.core = this.#boot(id, member.durable);
  }

  /** Cuts the log at what is applied, if that is durable too. */
  compact(id: NodeId): void {
    const { core, durable, membership, pending } = this.#member(id);
    const index = core.applied;
    const term = core.termAt(index);
    if (pending !== undefined || term === undefined || index <= durable.snapshot.index) return;
    const { voters, learners } = membership;
    durable.snapshot = { index, term, voters, learners };
    durable.entries = durable.entries.filter((entry) => entry.index > index);
    core.compactTo(index);
  }

  /** All that is under way arrives and all is written, round by round, until nothing happens any more. */
  settle(): void {
    for (let busy = true; busy; ) {
      busy = false;
      for (const id of this.nodes) {
        busy = this.begin(id) || busy;
        this.finish(id);
      }
      for (let left = this.network.length; left > 0; left--) {
        this.deliver(0, false);
        busy = true;
      }
    }
  }

  #boot(id: NodeId, { hardState, snapshot, entries }: Durable): RaftCore {
    const { index, term, voters, learners } = snapshot;
    const { commit, term: currentTerm, vote } = hardState;
    const draw = { below: (bound: number) => this.#draw() % bound };
    const source = { records: () => [] };
    const start = { index, term, commit, entries, currentTerm, vote, voters, learners };
    return new RaftCore(id, this.#settings, draw, source, start);
  }

  #write({ id, durable }: Member, { hardState, snapshot, entries }: Ready): void {
    if (hardState !== undefined) {
      const before = durable.hardState;
      if (hardState.term < before.term) throw new Violation(`${id}: term fell`);
      const sameTerm = hardState.term === before.term;
      if (sameTerm && before.vote !== undefined && hardState.vote !== before.vote) {
        throw new Violation(`${id}: voted twice in term ${before.term}`);
      }
      durable.hardState = hardState;
    }
    if (snapshot !== undefined) {
      durable.snapshot = snapshot;
      durable.entries = [];
    }
    const [first] = entries;
    if (first !== undefined) {
      durable.entries = [...durable.entries.filter((entry) => entry.index < first.index), ...entries];
    }
  }

  #apply(member: Member, entry: Entry): void {
    const known = this.#committed.get(entry.index);
    if (known !== undefined && (known.term !== entry.term || known.payload !== entry.payload)) {
      throw new Violation(`${member.id}: entry ${entry.index} is of term ${entry.term}, elsewhere of ${known.term}`);
    }
    this.#committed.set(entry.index, entry);
    this.#highest = Math.max(this.#highest, entry.index);
    member.core.appliedTo(entry.index);
    if (entry.payload.kind !== 'membership') return;
    member.membership = changedMembership(member.membership, entry.payload.change);
    member.core.applyMembership(entry.payload.change);
  }

  #checkLeader(id: NodeId): void {
    const core = this.core(id);
    const { role, term } = core.leadership;
    if (role !== 'leader') return;
    const other = this.#leaders.get(term);
    if (other === id) return;
    if (other !== undefined) throw new Violation(`${id} and ${other} both lead term ${term}`);
    this.#leaders.set(term, id);
    for (let index = core.firstIndex; index <= this.#highest; index++) {
      const committed = this.#committed.get(index);
      if (committed !== undefined && core.termAt(index) !== committed.term) {
        throw new Violation(`${id} leads term ${term} without entry ${index}`);
      }
    }
  }

  #checkRead(read: number, index: number): void {
    const before = this.#reads.get(read);
    if (before === undefined) return;
    this.answeredReads += 1;
    if (index < before) throw new Violation(`read ${read}: told of ${index}, but ${before} had been applied`);
  }

  /** Numerical Recipes' linear congruential generator: enough to keep the members' timeouts apart. */
  #draw(): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
    return this.#seed >>> 8;
  }

  #member(id: NodeId): Member {
    const member = this.#members.get(id);
    if (member === undefined) throw new RangeError(`no member ${id} among ${this.#founders.join(', ')}`);
    return member;
  }
}
