import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf } from './identity.ts';
import type { RaftMessage } from './messages.ts';
import { Bench } from './testdata/bench.ts';

/** Far more than it takes: a busy machine is no failure. */
const PATIENCE_MS = 60_000;

const others = (bench: Bench, id: string) => bench.nodes.filter((node) => node !== id);
const voters = (bench: Bench) => bench.process(bench.leader).log.membership.voters;
const rejoinings = (bench: Bench) =>
  bench.events.flatMap((event) => ('by' in event && event.by === 'raft' && 'chose' in event ? [event.chose] : []));

describe('a member that has lost its memory', () => {
  it.each([
    ['a follower, wiped', 'follower', 'wipe'],
    ['the leader, wiped', 'leader', 'wipe'],
    ['a follower, its log damaged', 'follower', 'damage'],
    ['the leader, its log damaged', 'leader', 'damage'],
  ] as const)('comes back under a new name by itself: %s', (_name, which, how) => {
    const bench = new Bench('rejoin', 3, { snapshotBytes: 2_048, trailingEntries: 4 });
    bench.paceMs = 10;
    bench.run(1_000);
    const id = bench[which];
    bench.crash(id);
    if (how === 'wipe') bench.world.wipeDisk(id);
    else bench.vandalize(id);
    bench.run(300);
    bench.world.restart(id);
    const returned = `${id}~${bench.world.node(id).incarnation}`;
    bench.run(1_000);
    expect(voters(bench)).toEqual([...others(bench, id), returned].sort());
    expect(rejoinings(bench)).toEqual([`asks to join as ${returned}`]);
    expect(bench.aborts).toEqual([]);
    bench.expectAgreement();
  });

  it('keeps its new name over restarts, and its word', () => {
    const bench = new Bench('keeps', 3);
    bench.paceMs = 10;
    bench.run(1_000);
    const id = bench.follower;
    bench.crash(id);
    bench.world.wipeDisk(id);
    bench.world.restart(id);
    bench.run(1_000);
    const name = voters(bench).find((voter) => addressOf(voter) === id);
    for (const node of others(bench, id)) {
      bench.crash(id);
      bench.world.restart(id);
      bench.run(200);
      // Now the two others alone are no majority: its votes and acknowledgements count.
      bench.crash(node);
      const before = bench.acknowledged.length;
      bench.run(1_000);
      expect(bench.acknowledged.length).toBeGreaterThan(before + 50);
      bench.world.restart(node);
      bench.run(500);
    }
    expect(voters(bench)).toContain(name);
    expect(rejoinings(bench)).toHaveLength(1);
    bench.expectAgreement();
  });

  it('hears nothing of what is still said to its old self', () => {
    const bench = new Bench('deaf', 3);
    bench.run(1_000);
    const id = bench.follower;
    bench.crash(id);
    bench.world.wipeDisk(id);
    bench.world.restart(id);
    bench.run(1_000);
    const { log } = bench.process(id);
    const { term } = log;
    const late = (to: string): RaftMessage => {
      const vote = { kind: 'raft.vote', pre: false, transfer: true, lastIndex: 1e9, lastTerm: 1e9 } as const;
      return { ...vote, from: 'm-9', to, term: term + 10 };
    };
    log.receive(late(id));
    expect(log.term).toBe(term);
    log.receive(late(`${id}~2`));
    expect(log.term).toBe(term + 10);
  });

  it('may have lost it again and again, each time anew', () => {
    const bench = new Bench('again', 3);
    bench.paceMs = 20;
    bench.run(1_000);
    for (const id of [...bench.nodes, ...bench.nodes]) {
      bench.crash(id);
      bench.world.wipeDisk(id);
      bench.world.restart(id);
      bench.run(1_000);
    }
    expect(voters(bench)).toHaveLength(3);
    expect(new Set(rejoinings(bench)).size).toBe(6);
    bench.expectAgreement();
  });

  it('together with a majority that has lost theirs stops the group, which is better than forgetting', () => {
    const bench = new Bench('catastrophe', 3);
    bench.paceMs = 10;
    bench.run(1_000);
    const [first = '', second = '', survivor = ''] = bench.nodes;
    for (const id of [first, second]) {
      bench.crash(id);
      bench.world.wipeDisk(id);
    }
    for (const id of [first, second]) bench.world.restart(id);
    const before = bench.acknowledged.length;
    const { revision } = bench.process(survivor).log;
    bench.run(2_000);
    expect(bench.acknowledged).toHaveLength(before);
    expect(bench.process(survivor).log.revision).toBeLessThanOrEqual(revision + 10);
    expect([first, second].map((id) => bench.process(id).log.revision)).toEqual([0, 0]);
  });

  it('does no harm amid crashes, cuts and lost packets', { timeout: PATIENCE_MS }, () => {
    const mishap = fc.record({
      kind: fc.constantFrom('wipe', 'damage', 'crash', 'crash-leader', 'cut', 'heal', 'transfer'),
      node: fc.nat(4),
      ms: fc.integer({ min: 1, max: 400 }),
    });
    fc.assert(
      fc.property(
        fc.noBias(fc.array(mishap, { minLength: 5, maxLength: 8 })),
        fc.nat(1_000),
        fc.constantFrom(3, 5),
        fc.constantFrom(1_024, 1e6),
        fc.constantFrom(0, 0.05),
        (mishaps, seed, members, snapshotBytes, lossRate) => {
          const bench = new Bench(`forget-${seed}`, members, { snapshotBytes, trailingEntries: 4 }, lossRate);
          bench.paceMs = 25;
          bench.run(400);
          for (const { kind, node, ms } of mishaps) {
            const id = bench.nodes[node % members] ?? '';
            const leader = bench.nodes.find((each) => bench.process(each).log.isLeader) ?? id;
            if (kind === 'crash') bench.crash(id);
            else if (kind === 'crash-leader') bench.crash(leader);
            else if (kind === 'cut') bench.cut(id);
            else if (kind === 'heal') bench.heal();
            else if (kind === 'transfer') bench.process(leader).log.handOver(id);
            else {
              // One disk at a time: the group must be whole again before the next is lost.
              bench.heal();
              bench.run(1_000);
              bench.crash(id);
              if (kind === 'wipe') bench.world.wipeDisk(id);
              else bench.vandalize(id);
              bench.world.restart(id);
            }
            bench.run(ms);
          }
          bench.heal();
          bench.run(1_000);
          const before = bench.acknowledged.length;
          bench.run(200);
          expect(bench.acknowledged.length).toBeGreaterThan(before);
          expect(voters(bench)).toHaveLength(members);
          bench.expectAgreement();
        },
      ),
      { seed: 2, numRuns: 8, endOnFailure: true },
    );
  });
});
