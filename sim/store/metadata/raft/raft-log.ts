import type { Host, Message, NodeId, TimerHandler } from '../../../host.ts';
import type { LogObserver, ProposalHandler, ReadHandler, ReplicatedLog, StateMachine } from '../log/replicated-log.ts';
import { RaftCore, type Ready } from './core.ts';
import type { Entry, MembershipChange, Payload } from './entry.ts';
import type { SnapshotSource } from './member.ts';
import { isRaftMessage, mayPrecedeSync, messageBytes, type RaftMessage } from './messages.ts';
import { PendingProposals, PendingReads } from './pending.ts';
import { RaftDisk, type RaftDiskHandler } from './raft-disk.ts';
import { RaftRecovery, type Recovered } from './raft-recovery.ts';
import { checkRaftSettings, defaultRaftSettings, type RaftSettings } from './settings.ts';

/** Settings of a {@link RaftLog}. */
export interface RaftLogConfig extends RaftSettings {
  /** The members that founded the group, the same on every member for ever; changes of membership come after them. */
  readonly founders: readonly NodeId[];
  /** Length of a tick. */
  readonly tickMs: number;
  /** Least length of the log before it is cut by a snapshot. */
  readonly snapshotBytes: number;
  /** Entries that are kept in memory behind a snapshot, for members that lag a little. */
  readonly trailingEntries: number;
}

/** Defaults: elections after 1 to 2 s without a leader, heartbeats each 100 ms. */
export const defaultRaftLogConfig: Omit<RaftLogConfig, 'founders'> = {
  ...defaultRaftSettings,
  tickMs: 100,
  snapshotBytes: 8 * 1024 * 1024,
  trailingEntries: 256,
};

const tagTick = 1;
const tagFailures = 2;
/** Reads of two incarnations never share a number, so that a late answer to one is not taken for the other's. */
const readsPerIncarnation = 4_294_967_296;

/**
 * A replicated log by Raft, on a host: the core's messages go over the network, its log to the disk with checksums, and
 * every promise is sent only when what it rests on is durable. Revisions are indices of the log, so not every
 * number is a command's. This member leads, as its users see it, once it has applied all that came before its term.
 *
 * The state machine's `restore` must replace whatever state there is: a member that lags too far is given a snapshot.
 */
export class RaftLog<Command, Result>
  implements ReplicatedLog<Command, Result>, TimerHandler, RaftDiskHandler, SnapshotSource
{
  readonly #host: Host;
  readonly #machine: StateMachine<Command, Result>;
  readonly #observer: LogObserver<Command, Result>;
  readonly #config: RaftLogConfig;
  readonly #proposals = new PendingProposals<Result>();
  readonly #reads = new PendingReads();
  #core: RaftCore | undefined;
  #disk: RaftDisk | undefined;
  #writing: Ready | undefined;
  #pumping = false;
  #leads = false;
  #revision = 0;
  /** Applied before the last start, as far as is known: nobody is told again. */
  #replayedTo = 0;
  #tick = 0;
  #lastRead = 0;

  /** @throws RangeError naming the setting, what was found and what is accepted. */
  constructor(
    host: Host,
    machine: StateMachine<Command, Result>,
    observer: LogObserver<Command, Result>,
    config: RaftLogConfig,
  ) {
    checkRaftSettings(config);
    this.#host = host;
    this.#machine = machine;
    this.#observer = observer;
    this.#config = config;
    this.#lastRead = host.incarnation * readsPerIncarnation;
  }

  /** Reads the log back, then takes part. Messages that come before are dropped. */
  start(): void {
    new RaftRecovery(this.#host, (found) => this.#begin(found)).start();
  }

  get isLeader(): boolean {
    return this.#leads;
  }

  get term(): number {
    return this.#core?.leadership.term ?? 0;
  }

  get leader(): NodeId | undefined {
    return this.#core?.leadership.leader;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Who votes, as of the last entry applied here. */
  get voters(): readonly NodeId[] {
    return this.#core?.voters ?? this.#config.founders;
  }

  propose(command: Command, handler: ProposalHandler<Result>, tag: number): void {
    this.#propose({ kind: 'command', text: JSON.stringify(command) }, handler, tag);
  }

  read(handler: ReadHandler, tag: number): void {
    const core = this.#core;
    this.#lastRead += 1;
    if (core === undefined) {
      handler.onReadFailed(tag, 'unavailable');
    } else if (core.read(this.#lastRead)) {
      this.#reads.add(this.#lastRead, handler, tag, this.#tick + this.#config.electionTicks);
      this.#pump();
    } else {
      handler.onReadFailed(tag, 'not-leader');
    }
  }

  /**
   * Adds or removes one voter; another change is refused until it is applied. False if this member does not lead or
   * a change is under way. A member to be added is started with the same founders, and votes once it knows that it may.
   */
  changeMembership(change: MembershipChange): boolean {
    const taken = this.#leads ? this.#core?.propose({ kind: 'membership', change }) : undefined;
    this.#pump();
    return typeof taken === 'number';
  }

  /** Hands leadership to another voter as soon as it has the whole log; given up after an election timeout. */
  transferLeadership(node: NodeId): void {
    this.#core?.transfer(node);
    this.#pump();
  }

  /** A one-way message came. False if it is none of the log's. */
  receive(message: Message): boolean {
    if (!isRaftMessage(message)) return false;
    try {
      this.#core?.receive(message);
    } catch (error) {
      // A committed entry would change, or is missing here: this member's disk was not what it promised.
      this.#host.abort(String(error));
      return true;
    }
    this.#pump();
    return true;
  }

  records(): readonly string[] {
    return [...this.#machine.snapshot()];
  }

  onTimer(tag: number): void {
    if (tag === tagTick) {
      this.#tick += 1;
      this.#host.timers.after(this.#config.tickMs, this, tagTick);
      this.#core?.tick();
      this.#reads.expire(this.#tick);
      this.#pump();
    } else {
      this.#proposals.tellFailures();
    }
  }

  onWritten(): void {
    const ready = this.#writing;
    this.#writing = undefined;
    if (ready === undefined) return;
    this.#pumping = true;
    this.#complete(ready);
    this.#pumping = false;
    this.#pump();
  }

  onSnapshotDurable(index: number): void {
    this.#core?.compactTo(index - this.#config.trailingEntries);
  }

  #begin(found: Recovered): void {
    const { snapshot, hardState, entries } = found;
    const { id, random, timers } = this.#host;
    const { index, term, voters } = snapshot ?? { index: 0, term: 0, voters: this.#config.founders };
    if (snapshot !== undefined) this.#machine.restore(snapshot.records);
    this.#revision = index;
    this.#replayedTo = hardState.commit;
    const start = {
      index,
      term,
      voters,
      entries,
      commit: hardState.commit,
      currentTerm: hardState.term,
      vote: hardState.vote,
    };
    this.#disk = new RaftDisk(this.#host, this, this.#config.snapshotBytes, found);
    this.#core = new RaftCore(id, this.#config, random.stream('raft-election'), this, start);
    timers.after(this.#config.tickMs, this, tagTick);
    // Alone there is nobody to wait for.
    if (voters.length === 1 && voters[0] === id) this.#core.campaign();
    this.#pump();
  }

  #propose(payload: Payload, handler: ProposalHandler<Result>, tag: number): void {
    const taken = this.#leads ? this.#core?.propose(payload) : 'not-leader';
    if (typeof taken === 'number') {
      this.#proposals.add(taken, handler, tag);
      this.#pump();
    } else {
      this.#failLater(handler, tag, taken === 'not-leader' ? 'not-leader' : 'unavailable');
    }
  }

  /** A proposer is never told before `propose` returns. */
  #failLater(handler: ProposalHandler<Result>, tag: number, failure: 'not-leader' | 'unavailable'): void {
    if (!this.#proposals.hasFailures) this.#host.timers.after(0, this, tagFailures);
    this.#proposals.fail(handler, tag, failure);
  }

  /** Does what the core has to do, until it waits for the disk or for others. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#writing === undefined) {
      const ready = this.#core?.ready();
      if (ready === undefined) break;
      if (this.#write(ready)) this.#writing = ready;
      else this.#complete(ready);
    }
    this.#pumping = false;
  }

  /** Begins to write; false if there is nothing that has to be durable. A mere commit index can be learnt again. */
  #write({ hardState, snapshot, entries, messages, mustSync }: Ready): boolean {
    if (snapshot === undefined && !mustSync) return false;
    if (hardState === undefined) for (const message of messages) if (mayPrecedeSync(message)) this.#send(message);
    const state = this.#core?.hardState;
    if (snapshot === undefined || state === undefined) this.#disk?.write(hardState, entries);
    else this.#disk?.install(snapshot, hardState ?? state, entries);
    return true;
  }

  #complete(ready: Ready): void {
    const { hardState, snapshot, entries, messages, readable, committed, mustSync } = ready;
    const early = hardState === undefined && (mustSync || snapshot !== undefined);
    for (const message of messages) if (!early || !mayPrecedeSync(message)) this.#send(message);
    this.#followLeadership();
    if (snapshot !== undefined) {
      this.#machine.restore(snapshot.records);
      this.#revision = snapshot.index;
    }
    for (const entry of committed) this.#apply(entry);
    for (const { read, index } of readable) this.#reads.name(read, index);
    this.#core?.advance();
    this.#followLeadership();
    this.#reads.release(this.#revision);
    if (this.#proposals.hasFailures) this.#proposals.tellFailures();
    if (entries.length > 0) this.#cutIfLong();
  }

  #apply({ index, payload }: Entry): void {
    const core = this.#core;
    this.#revision = index;
    if (payload.kind === 'membership') {
      core?.appliedTo(index);
      core?.applyMembership(payload.change);
    } else if (payload.kind === 'command') {
      const command: Command = JSON.parse(payload.text);
      const result = this.#machine.apply(index, command);
      core?.appliedTo(index);
      if (index > this.#replayedTo) this.#observer.onCommitted(index, command, result);
      const proposal = this.#proposals.take(index);
      proposal?.handler.onApplied(proposal.tag, result);
    } else {
      core?.appliedTo(index);
    }
  }

  /** Tells of a leadership gained, once all before its term is applied, or lost. */
  #followLeadership(): void {
    const core = this.#core;
    if (core === undefined) return;
    const { role, term } = core.leadership;
    if (role !== 'leader') this.#proposals.abandon();
    const leads = role === 'leader' && core.termAt(this.#revision) === term;
    if (leads === this.#leads) return;
    this.#leads = leads;
    this.#observer.onLeadership(leads, term);
  }

  #cutIfLong(): void {
    const core = this.#core;
    const disk = this.#disk;
    const index = this.#revision;
    const term = core?.termAt(index);
    if (core === undefined || disk === undefined || term === undefined || !disk.isLong(index)) return;
    const snapshot = { index, term, voters: core.voters, records: this.records() };
    disk.cut(snapshot, core.hardState, core.entriesFrom(index + 1));
  }

  #send(message: RaftMessage): void {
    this.#host.network.send(message.to, { ...message, controlBytes: messageBytes(message) });
  }
}
