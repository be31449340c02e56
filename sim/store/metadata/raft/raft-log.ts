import type { Exchange, Host, Message, NodeId, TimerHandler } from '../../../host.ts';
import type { StoreEvent } from '../../events.ts';
import type { LogObserver, ProposalHandler, ReadHandler, ReplicatedLog, StateMachine } from '../log/replicated-log.ts';
import { Applier } from './applier.ts';
import type { Membership } from './entry.ts';
import { addressOf, newcomerAt } from './identity.ts';
import type { SnapshotSource } from './member.ts';
import { isJoinRequest, isRaftMessage, isSnapshotPart } from './messages.ts';
import { Newcomer } from './newcomer.ts';
import { type PendingProposals, PendingReads } from './pending.ts';
import type { Founding } from './raft-files.ts';
import type { RaftLogConfig } from './raft-log-config.ts';
import { type LogFileAt, RaftRecovery, type Recovered, type RecoveryHandler } from './raft-recovery.ts';
import { RunningMember } from './running-member.ts';
import { checkRaftSettings } from './settings.ts';

const tagFailures = 1;
/** Reads of two incarnations never share a number, so that a late answer to one is not taken for the other's. */
const readsPerIncarnation = 4_294_967_296;

/**
 * A replicated log by Raft, on a host: the core's messages go over the network, its log to the disk with checksums, and
 * every promise is sent only when what it rests on is durable. Revisions are indices of the log, so not every
 * number is a command's. This member leads, as its users see it, once it has applied all that came before its term.
 *
 * The state machine's `restore` must replace whatever state there is: a member that lags too far is given a snapshot. A node
 * whose disk is empty, though it was started before, or damaged comes back as a new member (see `steward.ts`).
 */
export class RaftLog<Command, Result>
  implements ReplicatedLog<Command, Result>, TimerHandler, SnapshotSource, RecoveryHandler
{
  readonly #host: Host;
  readonly #machine: StateMachine<Command, Result>;
  readonly #observer: LogObserver<Command, Result>;
  readonly #config: RaftLogConfig;
  readonly #applier: Applier<Command, Result>;
  readonly #reads = new PendingReads();
  #running: RunningMember<Command, Result> | undefined;
  #newcomer: Newcomer | undefined;
  /** Files of a member that is no more; they go when the group has let the new one in. */
  #remains: readonly LogFileAt[] = [];
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
    this.#applier = new Applier(host, machine, observer);
    this.#lastRead = host.incarnation * readsPerIncarnation;
  }

  /** Reads the log back, then takes part. Messages that come before are dropped. */
  start(): void {
    new RaftRecovery(this.#host, this).start();
  }

  get isLeader(): boolean {
    return this.#running?.leads === true;
  }

  get term(): number {
    return this.#running?.core.leadership.term ?? 0;
  }

  /** The node where the leader lives. */
  get leader(): NodeId | undefined {
    const leader = this.#running?.core.leadership.leader;
    return leader === undefined ? undefined : addressOf(leader);
  }

  get revision(): number {
    return this.#applier.revision;
  }

  /** Who belongs to the group, as of the last entry applied here. */
  get membership(): Membership {
    return this.#running?.core.membership ?? { voters: this.#config.founders, learners: [] };
  }

  propose(command: Command, handler: ProposalHandler<Result>, tag: number): void {
    const running = this.#running;
    const { proposals } = this.#applier;
    if (running?.leads !== true) {
      this.#failLater(proposals, handler, tag, 'not-leader');
      return;
    }
    const taken = running.core.propose({ kind: 'command', text: JSON.stringify(command) });
    if (typeof taken === 'number') proposals.add(taken, handler, tag);
    else this.#failLater(proposals, handler, tag, taken === 'not-leader' ? 'not-leader' : 'unavailable');
    running.pump();
  }

  read(handler: ReadHandler, tag: number): void {
    const running = this.#running;
    this.#lastRead += 1;
    if (running === undefined || running.stalled) {
      handler.onReadFailed(tag, 'unavailable');
    } else if (running.core.read(this.#lastRead)) {
      const untilTick = running.tick + this.#config.electionTicks;
      this.#reads.add(this.#lastRead, handler, tag, untilTick, this.#host.clock.nowMs());
      running.pump();
    } else {
      handler.onReadFailed(tag, 'not-leader');
    }
  }

  isFreshWithin(ms: number): boolean {
    return this.#host.clock.nowMs() - this.#reads.freshMs <= ms;
  }

  /**
   * Adds a node to the group, or removes one; told when that is committed. A node that is added must have asked to join; it
   * votes as soon as it has caught up.
   *
   * @returns Why it is refused; the handler is not told then.
   */
  changeMember(
    change: 'add' | 'remove',
    node: NodeId,
    handler: ProposalHandler<undefined>,
    tag: number,
  ): string | undefined {
    const running = this.#running;
    if (running?.leads !== true) return 'this member does not lead';
    const planned = running.steward.plan(change, node, running.tick);
    if (typeof planned === 'string') return planned;
    const taken = running.core.propose({ kind: 'membership', change: planned });
    if (typeof taken !== 'number')
      return taken === 'transferring' ? 'leadership is being handed over' : 'another change is under way';
    this.#applier.changes.add(taken, handler, tag);
    running.pump();
    return undefined;
  }

  /**
   * Hands leadership to the voter on another node as soon as it has the whole log; given up after an election timeout.
   *
   * @returns Why it is refused.
   */
  handOver(node: NodeId): string | undefined {
    const running = this.#running;
    if (running?.leads !== true) return 'this member does not lead';
    const { voters } = running.core.membership;
    const heir = voters.find((voter) => addressOf(voter) === node);
    if (heir === undefined) return `to: found ${node}, accepted: ${voters.map(addressOf).join(', ')}`;
    running.core.transfer(heir);
    running.pump();
    return undefined;
  }

  /** A one-way message came. False if it is none of the log's. */
  receive(message: Message): boolean {
    if (isJoinRequest(message)) {
      if (this.#running !== undefined) this.#running.steward.onApplication(message.member, this.#running.tick);
      return true;
    }
    if (!isRaftMessage(message)) return false;
    if (this.#newcomer?.isAddressedBy(message) === true) this.#joinAs(this.#newcomer);
    this.#running?.receive(message);
    return true;
  }

  /** A call came. False if it is none of the log's. */
  receiveCall(request: Message, exchange: Exchange): boolean {
    if (!isSnapshotPart(request)) return false;
    if (this.#running === undefined) exchange.reply({ kind: 'raft.part-taken' });
    else this.#running.receivePart(request, exchange);
    return true;
  }

  records(): readonly string[] {
    return [...this.#machine.snapshot()];
  }

  onTimer(): void {
    this.#applier.tellFailures();
  }

  onRecovered(found: Recovered): void {
    const { id, incarnation } = this.#host;
    const { founders } = this.#config;
    if (found.founding !== undefined) this.#resume(found.founding, found);
    else if (founders.includes(id) && incarnation === 1) this.#run({ member: id, founders }, found);
    else if (founders.length > 1) this.#askToJoin('its disk is empty');
    else this.#host.abort('raft log: the only member has lost its disk');
  }

  onDamaged(why: string, files: readonly LogFileAt[]): void {
    if (this.#config.founders.length === 1) {
      this.#host.abort(`raft log: ${why}`);
      return;
    }
    this.#remains = files;
    this.#askToJoin(why);
  }

  /** A disk that others wrote, or in another group, must not be taken for this one's. */
  #resume(founding: Founding, found: Recovered): void {
    const { id } = this.#host;
    const configured = [...this.#config.founders].sort().join(', ');
    const recorded = [...founding.founders].sort().join(', ');
    if (recorded !== configured)
      this.#host.abort(
        `metadata: members: found ${configured}, accepted: ${recorded}, which founded the group on this disk`,
      );
    else if (addressOf(founding.member) !== id)
      this.#host.abort(`metadata: id: found ${id}, accepted: ${addressOf(founding.member)}, whose disk this is`);
    else this.#run(founding, found);
  }

  #run(founding: Founding, found: Recovered): void {
    const running = new RunningMember(
      {
        host: this.#host,
        config: this.#config,
        observer: this.#observer,
        applier: this.#applier,
        reads: this.#reads,
        snapshots: this,
      },
      founding,
      found,
    );
    this.#running = running;
    running.start();
  }

  #askToJoin(why: string): void {
    const { id, incarnation, trace } = this.#host;
    const { founders, electionTicks, tickMs } = this.#config;
    const member = newcomerAt(id, incarnation);
    const chose = `asks to join as ${member}`;
    const decision: StoreEvent = { kind: 'decision', by: 'raft', subject: id, chose, why, rejected: [] };
    trace.emit(decision);
    this.#newcomer = new Newcomer(this.#host, member, founders, electionTicks * tickMs);
    this.#newcomer.start();
  }

  /** The group has let it in, so nobody counts any more on what it may have forgotten. */
  #joinAs({ member }: Newcomer): void {
    this.#newcomer?.stop();
    this.#newcomer = undefined;
    for (const { name } of this.#remains) this.#host.disk.remove(name, nobody, 0);
    this.#remains = [];
    this.#run({ member, founders: this.#config.founders }, nothing);
  }

  /** A proposer is never told before `propose` returns. */
  #failLater<Result>(
    pending: PendingProposals<Result>,
    handler: ProposalHandler<Result>,
    tag: number,
    failure: 'not-leader' | 'unavailable',
  ): void {
    if (!pending.hasFailures) this.#host.timers.after(0, this, tagFailures);
    pending.fail(handler, tag, failure);
  }
}

const nobody = { onDisk: () => {} };

const nothing: Recovered = {
  founding: undefined,
  snapshot: undefined,
  hardState: { term: 0, vote: undefined, commit: 0 },
  entries: [],
  checksums: new Map(),
  fileIndex: 0,
  lengthBytes: 0,
  snapshotBytes: 0,
  files: [],
};
