import type { Exchange, Host, NodeId, TimerHandler } from '../../../host.ts';
import type { StoreEvent } from '../../events.ts';
import type { LogObserver } from '../log/replicated-log.ts';
import type { Applier } from './applier.ts';
import { RaftCore, type Ready } from './core.ts';
import { addressOf } from './identity.ts';
import type { SnapshotSource } from './member.ts';
import { mayPrecedeSync, messageBytes, type PartTaken, type RaftMessage, type SnapshotPart } from './messages.ts';
import type { PendingReads } from './pending.ts';
import { RaftDisk, type RaftDiskHandler } from './raft-disk.ts';
import { type Founding, foundingMembership } from './raft-files.ts';
import type { RaftLogConfig } from './raft-log-config.ts';
import type { Recovered } from './raft-recovery.ts';
import type { RoleName } from './role.ts';
import { SnapshotAssembly } from './snapshot-assembly.ts';
import { type ShippingHandler, SnapshotShipping } from './snapshot-shipping.ts';
import { Steward } from './steward.ts';

/** What everything in a member works on. */
export interface MemberParts<Command, Result> {
  readonly host: Host;
  readonly config: RaftLogConfig;
  readonly observer: LogObserver<Command, Result>;
  readonly applier: Applier<Command, Result>;
  readonly reads: PendingReads;
  readonly snapshots: SnapshotSource;
}

/**
 * A member that takes part: does what the core has to do, round by round. What promises rest on is written first; what
 * arrives meanwhile shares the next round.
 */
export class RunningMember<Command, Result> implements TimerHandler, RaftDiskHandler, ShippingHandler {
  readonly core: RaftCore;
  readonly steward: Steward;
  readonly #parts: MemberParts<Command, Result>;
  readonly #disk: RaftDisk;
  readonly #shipping: SnapshotShipping;
  readonly #assembly = new SnapshotAssembly();
  #writing: Ready | undefined;
  #pumping = false;
  #leads = false;
  #tick = 0;
  #told: { readonly term: number; readonly vote: NodeId | undefined; readonly role: RoleName };

  constructor(parts: MemberParts<Command, Result>, founding: Founding, found: Recovered) {
    this.#parts = parts;
    const { host, config, applier, snapshots } = parts;
    const { snapshot, hardState, entries } = found;
    const { term, vote, commit } = hardState;
    const base = snapshot ?? { index: 0, term: 0, ...foundingMembership(founding) };
    applier.begin(snapshot, commit);
    this.#disk = new RaftDisk(host, this, config.snapshotBytes, founding, found);
    if (found.founding === undefined) this.#disk.found();
    else this.#disk.tidy(found);
    const start = { ...base, entries, commit, currentTerm: term, vote };
    this.core = new RaftCore(founding.member, config, host.random.stream('raft-election'), snapshots, start);
    this.steward = new Steward(this.core, config.electionTicks);
    const { tickMs, partBytes } = config;
    const shipping = { partBytes, timeoutMs: 3 * tickMs, pauseMs: tickMs, tries: config.electionTicks };
    this.#shipping = new SnapshotShipping(host, shipping, this);
    this.#told = { term, vote, role: this.core.leadership.role };
    this.#tellState();
  }

  /** Takes part from now on. */
  start(): void {
    const { host, config } = this.#parts;
    const { voters } = this.core.membership;
    host.timers.after(config.tickMs, this, 0);
    // Alone there is nobody to wait for.
    if (voters.length === 1 && voters[0] === this.core.id) this.core.campaign();
    this.pump();
  }

  /** This member leads, and has applied all that came before its term. */
  get leads(): boolean {
    return this.#leads;
  }

  /** There is no room for its log: it keeps still until there is. */
  get stalled(): boolean {
    return this.#disk.full;
  }

  get tick(): number {
    return this.#tick;
  }

  receive(message: RaftMessage): void {
    if (this.stalled || message.to !== this.core.id) return;
    try {
      this.core.receive(message);
    } catch (error) {
      // A committed entry would change, or is missing here: this member's disk was not what it promised.
      this.#parts.host.abort(String(error));
      return;
    }
    this.pump();
  }

  receivePart(part: SnapshotPart, exchange: Exchange): void {
    if (this.stalled || part.to !== this.core.id) {
      const unwanted: PartTaken = { kind: 'raft.part-taken', next: undefined };
      exchange.reply(unwanted);
      return;
    }
    const { answer, whole } = this.#assembly.take(part);
    exchange.reply(answer);
    if (whole !== undefined) this.receive(whole);
  }

  onTimer(): void {
    const { host, config, reads } = this.#parts;
    this.#tick += 1;
    host.timers.after(config.tickMs, this, 0);
    if (this.stalled) {
      this.#disk.retry();
    } else {
      this.core.tick();
      const due = this.#leads ? this.steward.due(this.#tick) : undefined;
      if (due !== undefined) this.core.propose({ kind: 'membership', change: due });
    }
    reads.expire(this.#tick);
    this.pump();
  }

  onWritten(): void {
    const ready = this.#writing;
    this.#writing = undefined;
    if (ready === undefined) return;
    this.#pumping = true;
    this.#complete(ready);
    this.#pumping = false;
    this.pump();
  }

  onSnapshotDurable(index: number): void {
    this.core.compactTo(index - this.#parts.config.trailingEntries);
  }

  /** Whoever leads must be able to write: another may. */
  onDiskFull(): void {
    this.core.resign();
    this.#followLeadership();
    this.#parts.applier.tellFailures();
  }

  onPartTaken(to: NodeId): void {
    this.core.snapshotProceeds(to);
  }

  /** Does what the core has to do, until it waits for the disk or for others. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#writing === undefined) {
      const ready = this.core.ready();
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
    if (snapshot === undefined) this.#disk.write(hardState, entries);
    else this.#disk.install(snapshot, hardState ?? this.core.hardState, entries);
    return true;
  }

  #complete(ready: Ready): void {
    const { applier, reads } = this.#parts;
    const { hardState, snapshot, entries, messages, readable, committed, mustSync } = ready;
    const early = hardState === undefined && (mustSync || snapshot !== undefined);
    for (const message of messages) if (!early || !mayPrecedeSync(message)) this.#send(message);
    this.#followLeadership();
    if (snapshot !== undefined) applier.restore(snapshot);
    for (const entry of committed) applier.apply(entry, this.#disk.takeChecksum(entry.index), this.core);
    for (const { read, index } of readable) reads.name(read, index);
    this.core.advance();
    this.#noteState(ready);
    this.#followLeadership();
    reads.release(applier.revision);
    applier.tellFailures();
    if (entries.length > 0) this.#cutIfLong();
  }

  /** Tells of a leadership gained, once all before its term is applied, or lost. */
  #followLeadership(): void {
    const { applier, observer } = this.#parts;
    const { role, term } = this.core.leadership;
    if (role !== 'leader') applier.abandon();
    const leads = role === 'leader' && this.core.termAt(applier.revision) === term;
    if (leads === this.#leads) return;
    this.#leads = leads;
    if (!leads) this.#shipping.clear();
    observer.onLeadership(leads, term);
  }

  /** What a round has made durable. */
  #noteState({ hardState, leadership }: Ready): void {
    const { term, vote } = hardState ?? this.#told;
    const role = leadership?.role ?? this.#told.role;
    if (term === this.#told.term && vote === this.#told.vote && role === this.#told.role) return;
    this.#told = { term, vote, role };
    this.#tellState();
  }

  #tellState(): void {
    const { term, vote, role } = this.#told;
    const { index: lastIndex, term: lastTerm } = this.core.durable;
    const { id: member } = this.core;
    const event: StoreEvent = { kind: 'raft-state', term, vote: vote ?? '', role, lastIndex, lastTerm, member };
    this.#parts.host.trace.emit(event);
  }

  #cutIfLong(): void {
    const { core } = this;
    const index = this.#parts.applier.revision;
    const term = core.termAt(index);
    if (term === undefined || !this.#disk.isLong(index)) return;
    const snapshot = { index, term, ...core.membership, records: this.#parts.snapshots.records() };
    this.#disk.cut(snapshot, core.hardState, core.entriesFrom(index + 1));
  }

  #send(message: RaftMessage): void {
    if (message.kind === 'raft.snapshot') this.#shipping.ship(message);
    else this.#parts.host.network.send(addressOf(message.to), { ...message, controlBytes: messageBytes(message) });
  }
}
