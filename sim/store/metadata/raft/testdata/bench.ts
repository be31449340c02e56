import { expect } from 'vitest';
import type { DiskHandler, DiskResult, Host, NodeId, TimerHandler, TraceEvent } from '../../../../host.ts';
import { Kernel } from '../../../../kernel/kernel.ts';
import type { LinkOverlay, Passage } from '../../../../world/fabric.ts';
import { smallNetwork, smallNode } from '../../../../world/testing.ts';
import { World } from '../../../../world/world.ts';
import { raftFiles } from '../../log/log-files.ts';
import type { LogFailure, LogObserver, ProposalHandler, ReadHandler, StateMachine } from '../../log/replicated-log.ts';
import { RaftLog } from '../raft-log.ts';
import { defaultRaftLogConfig, type RaftLogConfig } from '../raft-log-config.ts';

/** Staleness that some reads allow for. */
const STALE_MS = 60;

/** Keeps what it was given, with its revision. */
class Journal implements StateMachine<string, number> {
  entries = new Map<string, number>();

  apply(revision: number, command: string): number {
    if (this.entries.has(command)) throw new Error(`${command} applied twice`);
    this.entries.set(command, revision);
    return revision;
  }

  *snapshot(): Generator<string, void> {
    for (const entry of this.entries) yield JSON.stringify(entry);
  }

  restore(records: Iterable<string>): void {
    this.entries = new Map();
    for (const record of records) {
      const [command, revision]: [string, number] = JSON.parse(record);
      this.entries.set(command, revision);
    }
  }
}

/** One process of a member, which proposes and reads all the time, whether it leads or not. */
export class Process implements LogObserver<string, number>, ProposalHandler<number>, ReadHandler, TimerHandler {
  readonly journal = new Journal();
  readonly log: RaftLog<string, number>;
  readonly committed: string[] = [];
  readonly #host: Host;
  readonly #bench: Bench;
  readonly #reads = new Map<number, number>();
  #lastRead = 0;

  constructor(host: Host, bench: Bench) {
    this.#host = host;
    this.#bench = bench;
    this.log = new RaftLog(host, this.journal, this, bench.config);
    host.network.serve({
      onRequest: (request, exchange) => {
        if (!this.log.receiveCall(request, exchange)) throw new Error(`unexpected ${request.kind}`);
      },
      onMessage: (message) => {
        if (message.kind === 'raft.part') throw new Error('a part came one-way');
        this.log.receive(message);
      },
    });
    this.log.start();
    host.timers.after(bench.paceMs, this, 0);
  }

  onLeadership(leads: boolean, term: number): void {
    if (!leads) return;
    const other = this.#bench.leaders.get(term);
    if (other !== undefined && other !== this.#host.id) throw new Error(`two leaders of term ${term}`);
    this.#bench.leaders.set(term, this.#host.id);
  }

  onCommitted(revision: number, command: string): void {
    this.committed.push(command);
    const other = this.#bench.committed.get(revision);
    if (other !== undefined && other !== command)
      throw new Error(`revision ${revision}: ${command}, elsewhere ${other}`);
    this.#bench.committed.set(revision, command);
  }

  onTimer(): void {
    const bench = this.#bench;
    if (bench.busy) {
      if (this.log.isLeader) {
        const tag = bench.proposed++;
        this.log.propose(`command ${tag}`, this, tag);
      }
      this.#readOld();
      const read = this.#lastRead++;
      this.#reads.set(read, bench.acknowledged.length);
      this.log.read(this, read);
    }
    this.#host.timers.after(bench.paceMs, this, 0);
  }

  /** A read that allows for staleness sees at least what had been acknowledged so long ago. */
  #readOld(): void {
    const bench = this.#bench;
    if (!this.log.isFreshWithin(STALE_MS)) return;
    bench.oldReads += 1;
    const until = bench.acknowledgedMs.findLastIndex((ms) => ms < bench.kernel.nowMs - STALE_MS);
    const last = bench.acknowledged[until];
    if (last !== undefined && !this.journal.entries.has(last)) throw new Error(`${this.#host.id} is older than it says`);
  }

  onApplied(tag: number, revision: number): void {
    const command = `command ${tag}`;
    if (this.journal.entries.get(command) !== revision)
      throw new Error(`${command} was answered before it was applied`);
    this.#bench.acknowledged.push(command);
    this.#bench.acknowledgedMs.push(this.#bench.kernel.nowMs);
  }

  onProposalFailed(_tag: number, failure: LogFailure): void {
    this.#bench.failures.add(failure);
  }

  onReadable(tag: number): void {
    const bench = this.#bench;
    const must = bench.acknowledged.slice(0, this.#reads.get(tag));
    if (
      this.journal.entries.size < must.length ||
      !must.slice(-50).every((command) => this.journal.entries.has(command))
    ) {
      throw new Error(`${this.#host.id} serves an old read`);
    }
    bench.reads.set(this.#host.id, (bench.reads.get(this.#host.id) ?? 0) + 1);
  }

  onReadFailed(): void {}
}

/** Writes the log anew with one bit flipped. */
class Vandal implements DiskHandler {
  readonly #host: Host;
  #file = '';

  constructor(host: Host) {
    this.#host = host;
    host.disk.list(this, 0);
  }

  onDisk(_tag: number, result: DiskResult): void {
    if (!result.ok) throw new Error(result.error);
    const log = result.files?.find(({ name }) => raftFiles.parse(name)?.kind === 'log');
    const { disk } = this.#host;
    if (log !== undefined) {
      this.#file = log.name;
      disk.read(log.name, 0, log.lengthBytes, 0, this, 0);
    } else if (result.bytes !== undefined) {
      const bytes = result.bytes.slice();
      const place = Math.floor(bytes.length / 2);
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      disk.truncate(this.#file, 0, this, 0);
      disk.append(this.#file, bytes, bytes.length, this, 0);
      disk.sync(this.#file, this, 0);
    }
  }
}

/** Cuts one member off. */
class Cut implements LinkOverlay {
  readonly #node: NodeId;

  constructor(node: NodeId) {
    this.#node = node;
  }

  apply(passage: Passage): void {
    if (passage.from.id === this.#node || passage.to.id === this.#node) passage.dropped = 'partition';
  }
}

export class Bench {
  readonly kernel: Kernel;
  readonly world: World;
  readonly config: RaftLogConfig;
  readonly events: TraceEvent[] = [];
  readonly processes = new Map<NodeId, Process>();
  readonly leaders = new Map<number, NodeId>();
  readonly committed = new Map<number, string>();
  readonly acknowledged: string[] = [];
  readonly acknowledgedMs: number[] = [];
  /** Answered from a state that was known to be no older than allowed. */
  oldReads = 0;
  readonly failures = new Set<LogFailure>();
  readonly reads = new Map<NodeId, number>();
  readonly #cuts = new Map<NodeId, Cut>();
  proposed = 0;
  busy = true;
  /** Between two proposals, and two reads, of one member. */
  paceMs = 5;
  /** The next process damages the log instead of using it. */
  vandalized = false;

  constructor(seed: string, members: number, config: Partial<RaftLogConfig> = {}, lossRate = 0) {
    this.kernel = new Kernel(seed);
    const founders = Array.from({ length: members }, (_, i) => `m-${i + 1}`);
    this.config = { ...defaultRaftLogConfig, tickMs: 10, ...config, founders };
    this.world = new World(this.kernel, { ...smallNetwork, lossRate }, (_node, event) => {
      this.events.push(event);
    });
    for (const id of founders) this.add(id);
  }

  add(id: NodeId): void {
    this.world.addNode(smallNode(id), (host) => {
      if (this.vandalized) new Vandal(host);
      else this.processes.set(id, new Process(host, this));
    });
    this.world.start(id);
  }

  run(ms: number): void {
    this.kernel.run(this.kernel.nowMs + ms);
  }

  get nodes(): readonly NodeId[] {
    return [...this.processes.keys()];
  }

  process(id: NodeId): Process {
    const process = this.processes.get(id);
    if (process === undefined) throw new Error(`no ${id}`);
    return process;
  }

  /** Whoever leads the latest term. */
  get leader(): NodeId {
    const leading = this.nodes.filter((id) => this.world.node(id).state === 'up' && this.process(id).log.isLeader);
    const [first] = leading.sort((a, b) => this.process(b).log.term - this.process(a).log.term);
    if (first === undefined) throw new Error('nobody leads');
    return first;
  }

  get follower(): NodeId {
    return this.nodes.find((id) => id !== this.leader) ?? '';
  }

  crash(id: NodeId): void {
    this.world.crash(id, { mode: 'machine' });
  }

  cut(id: NodeId): void {
    if (this.#cuts.has(id)) return;
    const cut = new Cut(id);
    this.#cuts.set(id, cut);
    this.world.fabric.overlays.add(cut);
  }

  /** The log of a member that is down is damaged. */
  vandalize(id: NodeId): void {
    this.vandalized = true;
    this.world.restart(id);
    this.run(100);
    this.crash(id);
    this.vandalized = false;
  }

  /** Why processes ended themselves. */
  get aborts(): readonly string[] {
    return this.events.flatMap((event) =>
      'cause' in event && event.cause === 'abort' && 'reason' in event ? [String(event.reason)] : [],
    );
  }

  heal(): void {
    for (const cut of this.#cuts.values()) this.world.fabric.overlays.remove(cut);
    this.#cuts.clear();
    for (const id of this.nodes) if (this.world.node(id).state !== 'up') this.world.restart(id);
  }

  /** All members have the same journal, and in it all that was acknowledged. */
  expectAgreement(): void {
    this.busy = false;
    this.heal();
    this.run(3_000);
    const [first, ...others] = this.nodes.map((id) => [...this.process(id).journal.entries]);
    for (const other of others) expect(other).toEqual(first);
    const commands = new Set(first?.map(([command]) => command));
    expect(this.acknowledged.filter((command) => !commands.has(command))).toEqual([]);
    expect(this.aborts).toEqual([]);
  }
}
