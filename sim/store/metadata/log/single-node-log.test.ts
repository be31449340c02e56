import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DiskHandler, DiskResult, Host, TimerHandler, TraceEvent } from '../../../host.ts';
import { Kernel } from '../../../kernel/kernel.ts';
import { instantNetwork, smallNode } from '../../../world/testing.ts';
import { World } from '../../../world/world.ts';
import { singleFiles } from './log-files.ts';
import type { LogObserver, ProposalHandler, StateMachine } from './replicated-log.ts';
import { SingleNodeLog } from './single-node-log.ts';

/** Keeps what it was given: the simplest state that shows a lost, doubled or reordered command. */
class Journal implements StateMachine<string, number> {
  readonly entries: string[] = [];

  apply(revision: number, command: string): number {
    this.entries.push(command);
    expect(revision).toBe(this.entries.length);
    return this.entries.length;
  }

  *snapshot(): Generator<string, void> {
    for (const entry of this.entries) yield JSON.stringify(entry);
  }

  restore(records: Iterable<string>): void {
    for (const record of records) this.entries.push(JSON.parse(record));
  }
}

/** A process that proposes a few commands every millisecond and notes which were acknowledged. */
class Proposer implements LogObserver<string, number>, ProposalHandler<number>, TimerHandler {
  readonly journal = new Journal();
  readonly log: SingleNodeLog<string, number>;
  readonly committed: string[] = [];
  readonly #host: Host;
  readonly #bench: Bench;
  leads = false;

  constructor(host: Host, bench: Bench) {
    this.#host = host;
    this.#bench = bench;
    this.log = new SingleNodeLog(host, this.journal, this, bench.snapshotBytes);
    this.log.start();
  }

  onLeadership(leads: boolean): void {
    this.leads = leads;
    this.onTimer();
  }

  onCommitted(_revision: number, command: string): void {
    this.committed.push(command);
  }

  onTimer(): void {
    if (this.#bench.proposing) {
      for (let i = 0; i < 3; i++) {
        const tag = this.#bench.proposed.length;
        this.#bench.proposed.push(`command ${tag}`);
        this.log.propose(`command ${tag}`, this, tag);
      }
    }
    this.#host.timers.after(1, this, 0);
  }

  onApplied(tag: number): void {
    this.#bench.acknowledged.add(tag);
  }

  onProposalFailed(): void {
    throw new Error('a proposal failed');
  }
}

/** Writes the log anew with one bit flipped. */
class Vandal implements DiskHandler {
  readonly #host: Host;
  readonly #offset: number;
  #file = '';

  constructor(host: Host, offset: number) {
    this.#host = host;
    this.#offset = offset;
    host.disk.list(this, 0);
  }

  onDisk(_tag: number, result: DiskResult): void {
    if (!result.ok) throw new Error(result.error);
    const [log] = result.files ?? [];
    if (log !== undefined) {
      this.#file = log.name;
      this.#host.disk.read(log.name, 0, log.lengthBytes, 0, this, 0);
    } else if (result.bytes !== undefined) {
      const bytes = result.bytes.slice();
      bytes[this.#offset] = (bytes[this.#offset] ?? 0) ^ 1;
      this.#host.disk.truncate(this.#file, 0, this, 0);
      this.#host.disk.append(this.#file, bytes, bytes.length, this, 0);
      this.#host.disk.sync(this.#file, this, 0);
    }
  }
}

class Bench {
  readonly kernel: Kernel;
  readonly world: World;
  readonly events: TraceEvent[] = [];
  readonly snapshotBytes: number;
  readonly proposed: string[] = [];
  readonly acknowledged = new Set<number>();
  proposing = true;
  #damageAt: number | undefined;
  process: Proposer | undefined;

  constructor(seed: string, snapshotBytes: number) {
    this.kernel = new Kernel(seed);
    this.snapshotBytes = snapshotBytes;
    this.world = new World(this.kernel, instantNetwork, (_node, event) => {
      this.events.push(event);
    });
    this.world.addNode(smallNode('m-1'), (host) => {
      if (this.#damageAt === undefined) this.process = new Proposer(host, this);
      else new Vandal(host, this.#damageAt);
    });
    this.world.start('m-1');
  }

  /** The next process flips a bit of the log at this offset; undefined for the real one. */
  damage(offset: number | undefined): void {
    this.#damageAt = offset;
  }

  run(ms: number): void {
    this.kernel.run(this.kernel.nowMs + ms);
  }

  files(): readonly string[] {
    return this.world
      .node('m-1')
      .disk.files()
      .map((file) => file.name);
  }

  entries(): readonly string[] {
    return this.process?.journal.entries ?? [];
  }
}

describe('the log of one member', () => {
  it('loses no acknowledged command, doubles and reorders none, whenever the machine crashes', () => {
    const life = fc.double({ min: 0.1, max: 60, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(life, { minLength: 1, maxLength: 6 }),
        fc.nat(1_000),
        fc.constantFrom(1_024, 1e6),
        (lives, seed, snapshotBytes) => {
          const bench = new Bench(`crash-${seed}`, snapshotBytes);
          for (const ms of lives) {
            bench.run(ms);
            bench.world.crash('m-1', { mode: 'machine' });
            bench.world.restart('m-1');
          }
          bench.proposing = false;
          bench.run(500);
          expect(bench.events.filter((event) => 'cause' in event && event.cause === 'abort')).toEqual([]);
          const entries = bench.entries();
          const numbers = entries.map((entry) => bench.proposed.indexOf(entry));
          expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
          for (const tag of bench.acknowledged) expect(entries).toContain(bench.proposed[tag]);
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });

  it('acknowledges many proposals with one sync', () => {
    const bench = new Bench('group', 1e6);
    bench.run(100);
    // A sync takes 1 ms and 3 commands come each ms: one sync each would carry a third of them.
    expect(bench.acknowledged.size).toBeGreaterThan(0.9 * bench.proposed.length);
  });

  it('stays bounded by snapshots, which hold all that was cut', () => {
    const bench = new Bench('bounded', 1_024);
    bench.run(2_000);
    const kinds = bench.files().map((file) => singleFiles.parse(file)?.kind);
    expect(kinds.filter((kind) => kind === 'snapshot')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'log').length).toBeLessThanOrEqual(2);
    const before = [...bench.entries()];
    bench.proposing = false;
    bench.run(50);
    bench.world.crash('m-1', { mode: 'machine' });
    bench.world.restart('m-1');
    bench.run(500);
    expect(bench.entries().slice(0, before.length)).toEqual(before);
  });

  it('stops with the reason when an entry in its middle is damaged, and says nothing of the tail of a crash', () => {
    const bench = new Bench('damage', 1e6);
    bench.run(50);
    bench.world.crash('m-1', { mode: 'machine' });
    bench.damage(100);
    bench.world.restart('m-1');
    bench.run(100);
    bench.world.crash('m-1', { mode: 'machine' });
    bench.damage(undefined);
    bench.world.restart('m-1');
    bench.run(100);
    const ends = bench.events.filter((event) => 'cause' in event && event.cause === 'abort');
    expect(ends).toMatchObject([
      {
        reason: expect.stringMatching(
          /^metadata log: metadata-log\.0+ (entry|header) at byte \d+ fails its checksum, after revision \d+$/,
        ),
      },
    ]);
  });

  it('tells the observer nothing of what it replays', () => {
    const bench = new Bench('replay', 1e6);
    bench.run(50);
    bench.proposing = false;
    bench.world.crash('m-1', { mode: 'machine' });
    bench.world.restart('m-1');
    bench.run(50);
    expect(bench.process?.leads).toBe(true);
    expect(bench.entries().length).toBeGreaterThan(0);
    expect(bench.process?.committed).toEqual([]);
  });
});
