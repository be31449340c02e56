import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../host.ts';
import type { LinkOverlay, Passage } from '../../../world/fabric.ts';
import { isSnapshotPart, type SnapshotPart } from './messages.ts';
import { SnapshotAssembly } from './snapshot-assembly.ts';
import { Bench } from './testdata/bench.ts';

const partBytes = 400;

/** Sees all parts of snapshots, and loses those that it is told to. */
class Listener implements LinkOverlay {
  readonly parts: { readonly part: SnapshotPart; readonly sizeBytes: number }[] = [];
  loses: (count: number) => boolean = () => false;

  apply(passage: Passage): void {
    const { message, sizeBytes } = passage;
    if (message === undefined || !isSnapshotPart(message)) return;
    this.parts.push({ part: message, sizeBytes });
    if (this.loses(this.parts.length)) passage.dropped = 'loss';
  }
}

/** A member that was away for so long that it needs a snapshot of many parts. */
function laggard(seed: string): { readonly bench: Bench; readonly listener: Listener; readonly away: NodeId } {
  const bench = new Bench(seed, 3, { snapshotBytes: 1_024, trailingEntries: 4, partBytes });
  bench.paceMs = 8;
  bench.run(500);
  const away = bench.follower;
  bench.crash(away);
  bench.run(1_500);
  const listener = new Listener();
  bench.world.fabric.overlays.add(listener);
  return { bench, listener, away };
}

describe('a snapshot on its way', () => {
  it('comes in parts of bounded size, one after the other', () => {
    const { bench, listener, away } = laggard('parts');
    bench.world.restart(away);
    bench.run(500);
    expect(listener.parts.length).toBeGreaterThan(10);
    for (const { part, sizeBytes } of listener.parts) {
      expect(part.to).toBe(away);
      expect(part.records.join('').length).toBeLessThanOrEqual(partBytes);
      expect(sizeBytes).toBeLessThan(2 * partBytes);
    }
    const positions = listener.parts.map(({ part }) => part.position);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    bench.expectAgreement();
  });

  it('is resumed where a part was lost', () => {
    const { bench, listener, away } = laggard('lost');
    listener.loses = (count) => count % 3 === 0;
    bench.world.restart(away);
    bench.run(3_000);
    const index = listener.parts[0]?.part.index;
    const first = listener.parts.filter(({ part }) => part.index === index);
    const sent = first.map(({ part }) => part.position);
    expect(first.at(-1)?.part.last).toBe(true);
    // Each lost part was sent again, and no other.
    expect(sent.length - new Set(sent).size).toBe(Math.floor(sent.length / 3));
    listener.loses = () => false;
    bench.expectAgreement();
  });

  it('begins anew at a receiver that has crashed meanwhile', () => {
    const { bench, listener, away } = laggard('crash');
    bench.world.restart(away);
    for (let i = 0; i < 1_000 && listener.parts.length < 5; i++) bench.run(1);
    bench.crash(away);
    const before = listener.parts.length;
    bench.run(200);
    bench.world.restart(away);
    bench.run(2_000);
    expect(listener.parts.slice(before).some(({ part }) => part.position === 0)).toBe(true);
    expect(bench.process(away).log.revision).toBeGreaterThan(150);
    bench.expectAgreement();
  });

  it('of a deposed leader is not mixed with that of its successor', () => {
    const assembly = new SnapshotAssembly();
    const part = (from: NodeId, term: number, position: number, last: boolean): SnapshotPart => ({
      kind: 'raft.part',
      from,
      to: 'm-3',
      term,
      index: 10,
      pointTerm: 1,
      voters: ['m-1', 'm-2', 'm-3'],
      learners: [],
      position,
      records: [`${from}-${position}`],
      last,
    });
    expect(assembly.take(part('m-1', 1, 0, false)).answer.next).toBe(1);
    expect(assembly.take(part('m-2', 2, 0, false)).answer.next).toBe(1);
    expect(assembly.take(part('m-1', 1, 1, true))).toMatchObject({ answer: { next: undefined }, whole: undefined });
    const { whole } = assembly.take(part('m-2', 2, 1, true));
    expect(whole?.snapshot.records).toEqual(['m-2-0', 'm-2-1']);
  });
});
