import { describe, expect, it } from 'vitest';
import type { Liveness } from '../../model.ts';
import { parseMetadataConfig } from '../config.ts';
import { type NodeRecord, newNodeRecord } from '../state/node-table.ts';
import { FailureDetector } from './failure-detector.ts';
import { PeerReports } from './peer-reports.ts';

const settings = parseMetadataConfig({ members: ['m'] });

function node(liveness: Liveness, change: Partial<NodeRecord> = {}): NodeRecord {
  const description = {
    id: 'n',
    diskId: 'd',
    incarnation: 1,
    zone: 'a',
    rack: 'r',
    host: 'h',
    weight: 1,
    capacityBytes: 1,
  };
  return { ...newNodeRecord(description, liveness, 0), membership: 'active', ...change };
}

/** A leader that begins at 0, whose monotonic clock shows cluster time. */
function stage() {
  const peers = new PeerReports(settings);
  const detector = new FailureDetector(settings, peers, [node('up')], 0);
  const judge = (record: NodeRecord, nowMs: number, mayFall = true) =>
    detector.judge([record], { nowMs, clusterMs: nowMs, mayFall });
  return { detector, peers, judge };
}

describe('the failure detector', () => {
  it('finds a silent node suspect after suspectAfterMs and down after downAfterMs', () => {
    const { judge } = stage();
    expect(judge(node('up'), 3_000)).toEqual([]);
    expect(judge(node('up'), 3_001)).toMatchObject([{ liveness: 'suspect', incarnation: 1 }]);
    expect(judge(node('suspect'), 5_000)).toEqual([]);
    expect(judge(node('suspect'), 5_001)).toMatchObject([{ liveness: 'down', falls: 1 }]);
  });

  it('finds nobody down whose registration is on its way, though it holds no lease yet', () => {
    const { detector, judge } = stage();
    detector.admitted('n', 4_900);
    expect(judge(node('suspect'), 9_900)).toEqual([]);
    expect(detector.leaseHolds('n', 5_001)).toBe(false);
    expect(judge(node('suspect'), 9_901)).toMatchObject([{ liveness: 'down' }]);
  });

  it('finds nobody down while silence may not be held against anybody', () => {
    const { judge } = stage();
    expect(judge(node('up'), 60_000, false)).toMatchObject([{ liveness: 'suspect' }]);
    expect(judge(node('suspect'), 60_000, false)).toEqual([]);
  });

  it('takes a suspect that beats for up again, but not one that is down', () => {
    const { detector, judge } = stage();
    detector.beat('n', 4_000);
    expect(judge(node('suspect'), 4_100)).toMatchObject([{ liveness: 'up' }]);
    expect(judge(node('down'), 4_100)).toEqual([]);
  });

  it('lets no lease outlast the silence after which a node is down', () => {
    const { detector, judge } = stage();
    for (let ms = 0; ms <= 10_000; ms += 10) {
      const down = judge(node('suspect'), ms).some((change) => change.liveness === 'down');
      if (down) expect(detector.leaseHolds('n', ms)).toBe(false);
    }
    expect(detector.leaseHolds('n', 4_000)).toBe(true);
    expect(detector.leaseHolds('stranger', 0)).toBe(false);
  });

  it('holds a flapping node suspect, twice as long each time up to a bound, and forgets', () => {
    const { detector, judge } = stage();
    let nowMs = 0;
    let record = node('up');
    const holds: number[] = [];
    const flap = (restMs: number) => {
      nowMs += restMs;
      detector.beat('n', nowMs);
      nowMs += 6_000;
      const fall = judge(record, nowMs).find((change) => change.liveness === 'down');
      record = node('down', { falls: fall?.falls ?? 0, fellMs: nowMs });
      const liveness = detector.livenessAtReturn(record, nowMs);
      record = { ...record, liveness, registeredMs: nowMs };
      detector.registered('n', nowMs);
      let ms = 0;
      while (record.liveness === 'suspect' && judge(record, nowMs + ms).length === 0) {
        ms += 500;
        detector.beat('n', nowMs + ms);
      }
      record = { ...record, liveness: 'up' };
      holds.push(ms);
      nowMs += ms;
    };
    for (let i = 0; i < 4; i++) flap(0);
    flap(400_000);
    expect(holds).toEqual([0, 5_000, 10_000, 20_000, 0]);
    for (let i = 0; i < 12; i++) flap(0);
    expect(Math.max(...holds)).toBe(64 * 5_000);
  });

  it('goes on holding a node after a change of leader, for its falls stand in its record', () => {
    const record = node('suspect', { falls: 3, fellMs: 90_000, registeredMs: 100_000 });
    const successor = new FailureDetector(settings, new PeerReports(settings), [record], 7);
    expect(successor.judge([record], { nowMs: 8, clusterMs: 109_999, mayFall: true })).toEqual([]);
    expect(successor.judge([record], { nowMs: 8, clusterMs: 110_001, mayFall: true })).toMatchObject([
      { liveness: 'up' },
    ]);
  });
});

describe('peers that cannot reach a node', () => {
  it('make it suspect although it beats, if there are two of them, but never down', () => {
    const { detector, peers, judge } = stage();
    peers.noteUnreachable('data-2', ['n'], 6, 1_000);
    expect(judge(node('up'), 1_000)).toEqual([]);
    peers.noteUnreachable('data-3', ['n'], 6, 2_000);
    expect(judge(node('up'), 2_000)).toMatchObject([
      { liveness: 'suspect', why: '2 peers cannot reach it: data-2, data-3' },
    ]);
    for (let ms = 2_000; ms < 60_000; ms += 1_000) {
      detector.beat('n', ms);
      for (const peer of ['data-2', 'data-3']) peers.noteUnreachable(peer, ['n'], 6, ms);
      expect(judge(node('suspect'), ms)).toEqual([]);
    }
  });

  it('are believed no longer than their word is fresh, and the suspicion held longer when it comes again', () => {
    const { detector, peers, judge } = stage();
    const lengths: number[] = [];
    let nowMs = 0;
    for (let i = 0; i < 3; i++) {
      for (const peer of ['data-2', 'data-3']) peers.noteUnreachable(peer, ['n'], 6, nowMs);
      const beganMs = nowMs;
      detector.beat('n', nowMs);
      expect(judge(node('up'), nowMs)).toMatchObject([{ liveness: 'suspect' }]);
      do {
        nowMs += 250;
        detector.beat('n', nowMs);
      } while (judge(node('suspect'), nowMs).length === 0);
      lengths.push(nowMs - beganMs);
    }
    expect(lengths).toEqual([5_250, 10_000, 20_000]);
  });

  it('are not believed when they can reach hardly anybody', () => {
    const { peers, judge } = stage();
    for (const peer of ['data-2', 'data-3']) peers.noteUnreachable(peer, ['n', 'a', 'b', 'c'], 6, 1_000);
    expect(judge(node('up'), 1_000)).toEqual([]);
  });

  it('may be gateways that it never answers', () => {
    const { peers, judge } = stage();
    const report = (attempts: number, failures: number) => ({
      kind: 'health.report' as const,
      windowMs: 1_000,
      getP99Ms: undefined,
      gets: 0,
      nodes: [{ node: 'n', attempts, failures, timeouts: failures, p50Ms: 0 }],
      controlBytes: 0,
    });
    peers.noteReport('gateway-1', report(9, 9), 6, 1_000);
    peers.noteReport('gateway-2', report(9, 8), 6, 1_000);
    expect(judge(node('up'), 1_000)).toEqual([]);
    const hot = report(90, 90);
    const usual = { node: 'm', attempts: 30, failures: 0, timeouts: 0, p50Ms: 5 };
    peers.noteReport('gateway-2', { ...hot, nodes: [...hot.nodes, usual] }, 6, 1_000);
    expect(judge(node('up'), 1_000), 'hot, not cut off').toEqual([]);
    peers.noteReport('gateway-2', report(9, 9), 6, 1_000);
    expect(judge(node('up'), 1_000)).toMatchObject([{ liveness: 'suspect' }]);
  });
});
