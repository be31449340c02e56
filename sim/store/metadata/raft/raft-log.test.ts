import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  CallHandler,
  DiskHandler,
  DiskResult,
  Host,
  Message,
  NodeId,
  Service,
  TimerHandler,
  TraceEvent,
} from '../../../host.ts';
import { Kernel } from '../../../kernel/kernel.ts';
import type { LinkOverlay, Passage } from '../../../world/fabric.ts';
import { smallNetwork, smallNode } from '../../../world/testing.ts';
import { World } from '../../../world/world.ts';
import { parseFile } from '../log/log-files.ts';
import type { LogFailure, LogObserver, ProposalHandler, ReadHandler, StateMachine } from '../log/replicated-log.ts';
import { MemberService } from './member-service.ts';
import { defaultRaftLogConfig, RaftLog, type RaftLogConfig } from './raft-log.ts';

/** Far more than it takes: a busy machine is no failure. */
const PATIENCE_MS = 60_000;

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
class Process implements LogObserver<string, number>, ProposalHandler<number>, ReadHandler, TimerHandler, Service {
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
    const service = new MemberService(this.log);
    service.leading = this;
    host.network.serve(service);
    this.log.start();
    host.timers.after(5, this, 0);
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
      const read = this.#lastRead++;
      this.#reads.set(read, bench.acknowledged.length);
      this.log.read(this, read);
    }
    this.#host.timers.after(5, this, 0);
  }

  onApplied(tag: number, revision: number): void {
    const command = `command ${tag}`;
    if (this.journal.entries.get(command) !== revision)
      throw new Error(`${command} was answered before it was applied`);
    this.#bench.acknowledged.push(command);
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

  onRequest(_request: Message, exchange: { reply(response: Message): void }): void {
    exchange.reply({ kind: 'served' });
  }

  onMessage(): void {}
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
    const [log] = result.files ?? [];
    const { disk } = this.#host;
    if (log !== undefined) {
      this.#file = log.name;
      disk.read(log.name, 0, log.lengthBytes, 0, this, 0);
    } else if (result.bytes !== undefined) {
      const bytes = result.bytes.slice();
      bytes[100] = (bytes[100] ?? 0) ^ 1;
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

class Bench {
  readonly kernel: Kernel;
  readonly world: World;
  readonly config: RaftLogConfig;
  readonly events: TraceEvent[] = [];
  readonly processes = new Map<NodeId, Process>();
  readonly leaders = new Map<number, NodeId>();
  readonly committed = new Map<number, string>();
  readonly acknowledged: string[] = [];
  readonly failures = new Set<LogFailure>();
  readonly reads = new Map<NodeId, number>();
  readonly #cuts = new Map<NodeId, Cut>();
  proposed = 0;
  busy = true;
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
    expect(this.events.filter((event) => 'cause' in event && event.cause === 'abort')).toEqual([]);
  }
}

describe('the replicated log', () => {
  it('loses nothing that was acknowledged and serves no old read, whatever crashes or is cut off', {
    timeout: PATIENCE_MS,
  }, () => {
    const mishap = fc.record({
      kind: fc.constantFrom('crash', 'crash-leader', 'cut', 'cut-leader', 'heal', 'transfer'),
      node: fc.nat(4),
      ms: fc.integer({ min: 1, max: 400 }),
    });
    fc.assert(
      fc.property(
        fc.noBias(fc.array(mishap, { minLength: 4, maxLength: 10 })),
        fc.nat(1_000),
        fc.constantFrom(3, 5),
        fc.constantFrom(1_024, 1e6),
        fc.constantFrom(0, 0.05),
        (mishaps, seed, members, snapshotBytes, lossRate) => {
          const bench = new Bench(`mishaps-${seed}`, members, { snapshotBytes, trailingEntries: 4 }, lossRate);
          bench.run(400);
          for (const { kind, node, ms } of mishaps) {
            const id = bench.nodes[node % members] ?? '';
            const leader = bench.nodes.find((each) => bench.process(each).log.isLeader) ?? id;
            if (kind === 'crash') bench.crash(id);
            else if (kind === 'crash-leader') bench.crash(leader);
            else if (kind === 'cut') bench.cut(id);
            else if (kind === 'cut-leader') bench.cut(leader);
            else if (kind === 'heal') bench.heal();
            else if (bench.world.node(leader).state === 'up') bench.process(leader).log.transferLeadership(id);
            bench.run(ms);
          }
          bench.heal();
          bench.run(1_000);
          const before = bench.acknowledged.length;
          bench.run(200);
          expect(bench.acknowledged.length).toBeGreaterThan(before);
          bench.expectAgreement();
        },
      ),
      { seed: 1, numRuns: 15, endOnFailure: true },
    );
  });

  it('has a new leader soon after the old one crashed, and answers reads on every member', () => {
    const bench = new Bench('failover', 3);
    bench.run(1_000);
    const old = bench.leader;
    bench.crash(old);
    bench.run(500);
    expect(bench.leader).not.toBe(old);
    bench.world.restart(old);
    bench.run(500);
    for (const id of bench.nodes) expect(bench.reads.get(id)).toBeGreaterThan(50);
    bench.expectAgreement();
  });

  it('commits and answers nothing in a minority, and tells its proposers so', () => {
    const bench = new Bench('minority', 3);
    bench.run(1_000);
    const old = bench.leader;
    bench.cut(old);
    bench.run(300);
    const cutOff = bench.process(old);
    expect(cutOff.log.isLeader).toBe(false);
    expect(bench.failures).toEqual(new Set(['unknown']));
    expect(bench.leader).not.toBe(old);
    const revision = cutOff.log.revision;
    const reads = bench.reads.get(old);
    bench.run(300);
    expect(cutOff.log.revision).toBe(revision);
    expect(bench.reads.get(old)).toBe(reads);
    cutOff.log.propose('from the minority', cutOff, -1);
    bench.run(1);
    expect(bench.failures).toEqual(new Set(['unknown', 'not-leader']));
    bench.expectAgreement();
  });

  it('gives a snapshot to a member that was away for long, and stays bounded', () => {
    const bench = new Bench('laggard', 3, { snapshotBytes: 1_024, trailingEntries: 4 });
    bench.run(500);
    const away = bench.follower;
    bench.crash(away);
    bench.run(3_000);
    bench.world.restart(away);
    bench.run(500);
    const back = bench.process(away);
    expect(back.journal.entries.size).toBeGreaterThan(400);
    // Most of it came at once: nobody told it of the single commands.
    expect(back.committed.length).toBeLessThan(250);
    bench.expectAgreement();
    for (const id of bench.nodes) {
      const kinds = bench.world
        .node(id)
        .disk.files()
        .map((file) => parseFile(file.name)?.kind);
      expect(kinds.sort()).toEqual(['log', 'snapshot']);
    }
  });

  it('changes its members one by one', () => {
    const bench = new Bench('members', 3);
    bench.run(1_000);
    bench.add('m-4');
    bench.run(200);
    const { log } = bench.process(bench.leader);
    expect(log.changeMembership({ op: 'add', node: 'm-4' })).toBe(true);
    expect(log.changeMembership({ op: 'remove', node: 'm-1' })).toBe(false);
    bench.run(300);
    const old = bench.leader;
    expect(bench.process('m-4').log.voters).toEqual(['m-1', 'm-2', 'm-3', 'm-4']);
    expect(bench.process(old).log.changeMembership({ op: 'remove', node: old })).toBe(true);
    bench.run(500);
    expect(bench.leader).not.toBe(old);
    expect(bench.process(bench.leader).log.voters).not.toContain(old);
    expect(bench.acknowledged.length).toBeGreaterThan(250);
  });

  it('of a single member needs nobody else', () => {
    const bench = new Bench('alone', 1);
    bench.run(50);
    expect(bench.leader).toBe('m-1');
    bench.run(500);
    expect(bench.acknowledged.length).toBeGreaterThan(50);
    bench.crash('m-1');
    bench.expectAgreement();
  });

  it('answers requests on the leader only, and names it elsewhere', () => {
    const bench = new Bench('door', 3);
    bench.run(1_000);
    const answers: Message[] = [];
    const caller: CallHandler = { onReply: (_tag, reply) => answers.push(reply), onCallFailed: () => {} };
    bench.world.addNode(smallNode('client-1'), (host) => {
      for (const to of [bench.follower, bench.leader]) host.network.call(to, { kind: 'map.get' }, 100, caller, 0);
    });
    bench.world.start('client-1');
    bench.run(50);
    expect(answers).toHaveLength(2);
    expect(answers).toContainEqual({ kind: 'metadata.not-leader', hint: bench.leader });
    expect(answers).toContainEqual({ kind: 'served' });
  });

  it('stops with the reason when a record in its middle is damaged', () => {
    const bench = new Bench('damage', 1);
    bench.run(200);
    bench.crash('m-1');
    bench.vandalized = true;
    bench.world.restart('m-1');
    bench.run(100);
    bench.crash('m-1');
    bench.vandalized = false;
    bench.world.restart('m-1');
    bench.run(100);
    expect(bench.events.filter((event) => 'cause' in event && event.cause === 'abort')).toMatchObject([
      { reason: expect.stringMatching(/^raft log: metadata-log\.0+: (entry|header) at byte \d+ fails its checksum$/) },
    ]);
  });
});
