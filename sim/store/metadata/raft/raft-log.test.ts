import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { raftFiles } from '../log/log-files.ts';
import { Bench } from './testdata/bench.ts';

/** Far more than it takes: a busy machine is no failure. */
const PATIENCE_MS = 60_000;

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
          const settings = { snapshotBytes, trailingEntries: 4, partBytes: 512 };
          const bench = new Bench(`mishaps-${seed}`, members, settings, lossRate);
          bench.paceMs = 15;
          bench.run(400);
          for (const { kind, node, ms } of mishaps) {
            const id = bench.nodes[node % members] ?? '';
            const leader = bench.nodes.find((each) => bench.process(each).log.isLeader) ?? id;
            if (kind === 'crash') bench.crash(id);
            else if (kind === 'crash-leader') bench.crash(leader);
            else if (kind === 'cut') bench.cut(id);
            else if (kind === 'cut-leader') bench.cut(leader);
            else if (kind === 'heal') bench.heal();
            else if (bench.world.node(leader).state === 'up') bench.process(leader).log.handOver(id);
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
      { seed: 1, numRuns: 10, endOnFailure: true },
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
    expect(bench.oldReads).toBeGreaterThan(100);
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
        .map((file) => raftFiles.parse(file.name)?.kind);
      expect(kinds.sort()).toEqual(['log', 'snapshot']);
    }
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

  it('of a single member stops with the reason when a record in its middle is damaged', () => {
    const bench = new Bench('damage', 1);
    bench.run(200);
    bench.crash('m-1');
    bench.vandalize('m-1');
    bench.world.restart('m-1');
    bench.run(100);
    expect(bench.aborts).toMatchObject([
      expect.stringMatching(/^raft log: raft-log\.0+: (entry|header) at byte \d+ fails its checksum$/),
    ]);
  });
});
