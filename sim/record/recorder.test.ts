import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { StoreEvent } from '../store/events.ts';
import type { ClusterMap } from '../store/model.ts';
import type { GaugeSource, NodeGauges } from './gauges.ts';
import { checkRecord } from './read.ts';
import { Recorder, type RecorderEnd, type RecorderInput } from './recorder.ts';
import type { RunRecord } from './schema.ts';

const NODES = ['data-0', 'data-1', 'data-2', 'data-3'];

const idle: NodeGauges = {
  state: 'up',
  cores: 2,
  cpuBusyMs: 0,
  diskParallelism: 1,
  diskBusyMs: 0,
  diskChannelMs: 0,
  cpuQueueMs: 0,
  cpuQueueMax: 0,
  diskQueueMs: 0,
  diskQueueMax: 0,
  bytesIn: 0,
  bytesOut: 0,
  usedBytes: 0,
  workDone: 0,
};

class FakeGauges implements GaugeSource {
  readonly now = new Map<string, Partial<NodeGauges>>();
  read(node: string): NodeGauges {
    return { ...idle, ...this.now.get(node) };
  }
  storedBytes(node: string): number {
    return this.now.get(node)?.usedBytes ?? 0;
  }
}

function input(change: Partial<RunRecord['scenario']> = {}, more: Partial<RecorderInput> = {}): RecorderInput {
  return {
    scenario: {
      name: 'test',
      question: 'does it count?',
      hypothesis: 'it counts',
      digest: 'd',
      durationMs: 10_000,
      warmupMs: 1_000,
      traffic: 'none',
      replication: 2,
      partitions: 4,
      slo: [],
      hotspot: { factor: 2, forMs: 1_000 },
      ...change,
    },
    variant: { name: 'plain', settings: {} },
    seed: 1,
    command: 'evenkeel run test',
    nodes: [
      { id: 'client-0', role: 'client', zone: 'a', rack: 'r', weight: 1 },
      { id: 'gateway-0', role: 'gateway', zone: 'a', rack: 'r', weight: 1 },
      ...NODES.map((id) => ({ id, role: 'data' as const, zone: 'a', rack: 'r', weight: 1 })),
    ],
    faultsPlanned: [],
    bucketWidthMs: 1_000,
    ...more,
  };
}

const end = (change: Partial<RecorderEnd> = {}): RecorderEnd => ({
  faults: [],
  checks: [],
  fingerprint: 'f',
  events: 0,
  notes: [],
  unanswered: { clientEnded: 0, stillOpen: 0, byOp: {} },
  leastBytes: null,
  ...change,
});

const served = (key = 'k', partition = 0): StoreEvent => ({
  kind: 'served',
  op: 'read',
  key,
  partition,
  sizeBytes: 10,
  ok: true,
});

const operation = (change: Partial<Extract<StoreEvent, { kind: 'operation' }>> = {}): StoreEvent => ({
  kind: 'operation',
  op: 'get',
  key: 'k',
  status: 'ok',
  missing: false,
  startedMs: 0,
  latencyMs: 5,
  sizeBytes: 10,
  generation: 1,
  checksum: 1,
  attempts: 1,
  metadataAttempts: 1,
  error: '',
  ...change,
});

const map = (epoch: number, replicas: readonly (readonly string[])[]): StoreEvent => {
  const clusterMap: ClusterMap = {
    epoch,
    replication: 2,
    nodes: [],
    partitions: replicas.map((nodes) => ({ replicas: nodes, joining: [] })),
  };
  return { kind: 'epoch', map: clusterMap, why: 'test' };
};

/** A recorder, its gauges, and a way to play events at times with a tick a second. */
function stage(recorderInput = input()) {
  const gauges = new FakeGauges();
  const recorder = new Recorder(recorderInput, gauges);
  const tickTo = (atMs: number) => {
    while (recorder.nextTickMs <= atMs) recorder.onTick(recorder.nextTickMs);
  };
  const at = (atMs: number, nodeId: string, event: StoreEvent) => {
    tickTo(atMs);
    recorder.onEvent(nodeId, event, atMs);
  };
  const finish = (change: Partial<RecorderEnd> = {}) => {
    tickTo(10_000);
    const record = recorder.finish(end(change));
    checkRecord(record, 'record');
    return record;
  };
  return { gauges, recorder, at, tickTo, finish };
}

describe('Recorder', () => {
  it('makes a valid record of a run in which nothing happens', () => {
    const record = stage().finish();
    expect(record.buckets).toEqual({ widthMs: 1_000, count: 10 });
    expect(record.figures['getP99Ms']).toEqual({ label: 'Get, p99', unit: 'ms', better: 'lower', value: null });
    expect(record.figures['availability']?.value).toBeNull();
    expect(record.operations.map(({ op }) => op)).toEqual(['all']);
  });

  it('counts operations by kind, outcome, bucket of their end and phase of their call, and cuts warm-up', () => {
    const { at, finish } = stage(
      input({}, { faultsPlanned: [{ name: 'crash data-1', startMs: 4_000, endMs: 6_000 }] }),
    );
    at(500, 'client-0', operation({ latencyMs: 100 }));
    at(1_500, 'client-0', operation({ latencyMs: 20 }));
    at(1_600, 'client-0', operation({ op: 'put', latencyMs: 40, attempts: 3 }));
    at(6_500, 'client-0', operation({ status: 'failed', latencyMs: 1_000, error: 'timeout' }));
    at(6_600, 'client-0', operation({ op: 'put', status: 'unknown', latencyMs: 10 }));
    const record = finish();
    const [all, get, put] = record.operations;
    expect(all).toMatchObject({ op: 'all', requests: 4, ok: 2, failed: 1, unknown: 1 });
    expect(get).toMatchObject({ op: 'get', requests: 2, ok: 1, failed: 1, unknown: 0 });
    expect(put).toMatchObject({ op: 'put', requests: 2, ok: 1, failed: 0, unknown: 1 });
    expect(all?.series.requests).toEqual([1, 2, 0, 0, 0, 0, 2, 0, 0, 0]);
    expect(all?.series.failed[6]).toBe(1);
    expect(all?.series.maxMs.slice(0, 3)).toEqual([100, 40, null]);
    expect(all?.latency).toMatchObject({ count: 2, maxMs: 40 });
    expect(record.phases.map(({ name, requests, failed }) => `${name}: ${requests}, ${failed} failed`)).toEqual([
      'warm-up: 1, 0 failed',
      'before: 2, 0 failed',
      'during crash data-1: 1, 1 failed',
      'after crash data-1: 1, 0 failed',
    ]);
    expect(record.figures['availability']?.value).toBe(0.5);
    expect(record.figures['attemptsPerRequest']?.value).toBe(6 / 4);
    expect(record.figures['goodputPerS']?.value).toBeCloseTo(2 / 9, 5);
  });

  it('leaves out what was called after the run, and says what ended after it', () => {
    const { at, finish } = stage();
    at(10_005, 'client-0', operation({ latencyMs: 10 }));
    at(10_500, 'client-0', operation({ latencyMs: 10 }));
    const record = finish();
    expect(record.operations[0]?.requests).toBe(1);
    expect(record.operations[0]?.series.requests.at(-1)).toBe(0);
    expect(record.notes).toEqual([
      'operations that ended after the last time bucket, in the totals but not in the series: 1',
    ]);
  });

  it('turns gauges into rates, and shows the worst state of each bucket', () => {
    const { gauges, recorder, tickTo, finish } = stage();
    gauges.now.set('data-0', {
      cpuBusyMs: 500,
      diskBusyMs: 800,
      cpuQueueMs: 3_000,
      cpuQueueMax: 7,
      diskQueueMs: 2_000,
      diskQueueMax: 5,
      bytesIn: 60,
      bytesOut: 40,
      usedBytes: 9,
    });
    tickTo(1_000);
    gauges.now.set('data-0', {
      cpuBusyMs: 2_300,
      diskBusyMs: 900,
      cpuQueueMs: 3_100,
      cpuQueueMax: 1,
      diskQueueMs: 2_500,
      diskQueueMax: 2,
      bytesIn: 70,
      bytesOut: 40,
      usedBytes: 9,
    });
    recorder.nodeState('data-0', 'down', 1_300);
    recorder.nodeState('data-0', 'up', 1_600);
    const series = finish().nodes.find(({ id }) => id === 'data-0')?.series;
    expect(series?.utilisation.slice(0, 3)).toEqual([0.8, 0.9, 0]);
    expect(series?.queueMean.slice(0, 3)).toEqual([3, 0.5, 0]);
    expect(series?.queueMax.slice(0, 2)).toEqual([7, 2]);
    expect(series?.bytes.slice(0, 3)).toEqual([100, 10, 0]);
    expect(series?.state.slice(0, 3)).toEqual([1, 4, 1]);
  });

  it('shows a disk whose channel is full as busy, however few of its slots are taken', () => {
    const { gauges, tickTo, finish } = stage();
    gauges.now.set('data-0', { diskParallelism: 32, diskBusyMs: 2_000, diskChannelMs: 950 });
    tickTo(1_000);
    expect(finish().nodes.find(({ id }) => id === 'data-0')?.series.utilisation[0]).toBe(0.95);
  });

  it('leaves out what gauges counted before time 0, and takes each node as it stands then', () => {
    const gauges = new FakeGauges();
    gauges.now.set('data-0', { cpuBusyMs: 9_000, bytesIn: 1e6, cpuQueueMs: 500 });
    gauges.now.set('data-1', { state: 'down' });
    const recorder = new Recorder(input(), gauges);
    gauges.now.set('data-0', { cpuBusyMs: 9_400, bytesIn: 1e6 + 5, cpuQueueMs: 700 });
    recorder.onTick(1_000);
    const { nodes } = recorder.finish(end());
    const [up, down] = ['data-0', 'data-1'].map((name) => nodes.find(({ id }) => id === name)?.series);
    expect([up?.utilisation[0], up?.bytes[0], up?.queueMean[0]]).toEqual([0.2, 5, 0.2]);
    expect([up?.state[0], down?.state[0]]).toEqual([1, 4]);
  });

  it('measures imbalance over live nodes, beside what chance would do', () => {
    const { recorder, at, finish } = stage();
    for (let i = 0; i < 400; i++) at(100 + i, NODES[i % 4] ?? '', served());
    recorder.nodeState('data-3', 'down', 1_000);
    for (let i = 0; i < 300; i++) at(1_100 + i, NODES[i % 3] ?? '', served());
    for (let i = 0; i < 300; i++) at(2_100 + i, 'data-0', served());
    const { imbalance, nodes } = finish();
    expect(imbalance.peakToMean.slice(0, 4)).toEqual([1, 1, 3, null]);
    expect(imbalance.jain.slice(0, 3)).toEqual([1, 1, expect.closeTo(1 / 3, 5)]);
    expect(imbalance.random[0]).toBeGreaterThan(1.05);
    expect(nodes.find(({ id }) => id === 'data-0')?.series.requests.slice(0, 4)).toEqual([100, 100, 300, 0]);
  });

  it('names what ended a hotspot', () => {
    const { recorder, at, finish } = stage();
    for (let i = 0; i < 3_000; i++) at(2_000 + i, 'data-2', served(`k${i}`, i % 4));
    recorder.nodeState('data-2', 'down', 5_000);
    for (let i = 0; i < 2_000; i++) at(5_000 + i, NODES[i % 2] ?? '', served(`k${i}`, i % 4));
    const node = finish().hotspots.filter(({ subject }) => subject === 'node');
    expect(node).toEqual([
      {
        subject: 'node',
        id: 'data-2',
        startMs: 2_000,
        endMs: 5_000,
        peakFactor: 4,
        meanFactor: 4,
        keys: [],
        ended: 'data-2 went down',
      },
    ]);
  });

  it('follows redundancy: crash, loss, repair', () => {
    const { recorder, at, finish } = stage();
    at(
      0,
      'metadata-0',
      map(1, [
        ['data-0', 'data-1'],
        ['data-1', 'data-2'],
        ['data-2', 'data-3'],
        ['data-3', 'data-0'],
      ]),
    );
    recorder.nodeState('data-1', 'down', 2_200);
    recorder.nodeState('data-2', 'paused', 3_100);
    recorder.nodeState('data-2', 'up', 3_900);
    at(
      6_500,
      'metadata-0',
      map(2, [
        ['data-0', 'data-3'],
        ['data-0', 'data-2'],
        ['data-2', 'data-3'],
        ['data-3', 'data-0'],
      ]),
    );
    at(7_200, 'metadata-0', { kind: 'replica', partition: 3, node: 'data-0', complete: false });
    at(7_400, 'metadata-0', { kind: 'replica', partition: 3, node: 'data-0', complete: true });
    const { durability, figures, epochs } = finish();
    expect(durability.underReplicated).toEqual([0, 0, 2, 3, 2, 2, 2, 1, 0, 0]);
    expect(durability.unavailable).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect(durability.spans).toEqual([
      { level: 'under-replicated', startMs: 2_200, endMs: 6_500, peakPartitions: 3 },
      { level: 'unavailable', startMs: 3_100, endMs: 3_900, peakPartitions: 1 },
      { level: 'under-replicated', startMs: 7_200, endMs: 7_400, peakPartitions: 1 },
    ]);
    expect(figures['timeToFullRedundancyMs']?.value).toBe(4_300);
    expect(figures['underReplicatedSeconds']?.value).toBe(4.5);
    expect(figures['unavailableSeconds']?.value).toBe(0.8);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  it('counts a partition as lost when its last disk goes, or the cluster says so', () => {
    const { recorder, at, finish } = stage();
    at(
      0,
      'metadata-0',
      map(1, [
        ['data-0', 'data-1'],
        ['data-2', 'data-3'],
      ]),
    );
    recorder.diskDestroyed('data-0', 1_000);
    recorder.diskDestroyed('data-1', 2_000);
    at(3_500, 'metadata-0', { kind: 'lost', id: 'b', partition: 1 });
    const { durability, figures } = finish();
    expect(durability.lost).toEqual([0, 0, 1, 2, 2, 2, 2, 2, 2, 2]);
    expect(durability.underReplicated.slice(0, 4)).toEqual([0, 1, 1, 2]);
    expect(figures['lostPartitions']?.value).toBe(2);
  });

  it('tells of partitions lost after the time axis', () => {
    const { recorder, at, tickTo, finish } = stage();
    at(0, 'metadata-0', map(1, [['data-0']]));
    tickTo(10_000);
    recorder.diskDestroyed('data-0', 10_500);
    const { durability, figures } = finish();
    expect(Math.max(...durability.lost)).toBe(0);
    expect(figures['lostPartitions']?.value).toBe(1);
  });

  it('keeps the ledger of moves, bytes by cause, and whether they helped', () => {
    const { gauges, at, finish } = stage();
    gauges.now.set('data-0', { usedBytes: 400 });
    for (const id of NODES.slice(1)) gauges.now.set(id, { usedBytes: 200 });
    const move = { transferId: 1, cause: 'load', partition: 2, from: 'data-0', to: 'data-1' } as const;
    at(1_500, 'metadata-0', { kind: 'move-started', ...move, blocks: 3, why: 'data-0 is full' });
    at(2_100, 'data-1', { kind: 'copied', ...move, sizeBytes: 100 });
    at(3_100, 'data-1', { kind: 'copied', ...move, sizeBytes: 50 });
    gauges.now.set('data-0', { usedBytes: 250 });
    gauges.now.set('data-1', { usedBytes: 350 });
    at(3_200, 'metadata-0', { kind: 'move-ended', transferId: 1, outcome: 'done', bytes: 150, blocks: 3, why: '' });
    at(4_000, 'metadata-0', {
      kind: 'move-started',
      ...move,
      transferId: 2,
      cause: 'join',
      blocks: 1,
      why: 'new node',
    });
    at(4_500, 'data-1', { kind: 'copied', ...move, transferId: 2, cause: 'join', sizeBytes: 60 });
    const { ledger, figures } = finish({ leastBytes: 50 });
    expect(ledger.entries).toMatchObject([
      { cause: 'load', bytes: 150, startMs: 1_500, endMs: 3_200, outcome: 'done', helped: { before: 1.6, after: 1.4 } },
      { cause: 'join', bytes: 60, endMs: null, outcome: 'open', helped: null },
    ]);
    expect(ledger.movedBytes['load']?.slice(0, 5)).toEqual([0, 0, 100, 50, 0]);
    expect(Object.keys(ledger.movedBytes)).toEqual(['join', 'load']);
    expect(figures['bytesMoved']?.value).toBe(210);
    expect(figures['bytesMovedOverLeast']?.value).toBe(1.2);
  });

  it('times the recovery of p99 after the last fault', () => {
    const fault = {
      kind: 'crash',
      line: 'crash data-1',
      targets: ['data-1'],
      startMs: 3_000,
      endMs: 4_500,
      effects: 1,
    };
    const { at, finish } = stage(
      input({}, { faultsPlanned: [{ name: 'crash data-1', startMs: 3_000, endMs: 4_500 }] }),
    );
    for (let atMs = 1_050; atMs < 10_000; atMs += 50) {
      at(atMs, 'client-0', operation({ latencyMs: atMs > 3_050 && atMs < 7_000 ? 40 : 10 }));
    }
    expect(finish({ faults: [fault] }).figures['timeToRecoverMs']?.value).toBe(2_500);
  });

  describe('recovery', () => {
    const fault = { kind: 'crash', line: 'crash all', targets: [], startMs: 3_000, endMs: 4_000, effects: 1 };
    const planned = { faultsPlanned: [{ name: 'crash all', startMs: 3_000, endMs: 4_000 }] };
    /** A request every 5 ms, answered as `status` tells. */
    const recovered = (latencyMs: (atMs: number) => number, failed: (atMs: number) => boolean) => {
      const { at, finish } = stage(input({}, planned));
      for (let atMs = 1_005; atMs < 10_000; atMs += 5) {
        at(atMs, 'client-0', operation({ latencyMs: latencyMs(atMs), status: failed(atMs) ? 'failed' : 'ok' }));
      }
      return finish({ faults: [fault] }).figures['timeToRecoverMs']?.value;
    };
    const even = () => 10;

    it('is not reached while everything fails', () => {
      expect(recovered(even, (atMs) => atMs >= 3_000 && atMs < 6_000)).toBe(2_000);
      expect(recovered(even, (atMs) => atMs >= 3_000)).toBe(6_000);
    });

    it('is not reached while more fails than before', () => {
      expect(recovered(even, (atMs) => atMs >= 3_000 && atMs < 7_000 && atMs % 50 === 0)).toBe(3_000);
      expect(recovered(even, (atMs) => atMs % 50 === 0)).toBe(0);
    });

    it('needs three whole buckets', () => {
      expect(
        recovered(
          (atMs) => (atMs > 3_050 && atMs < 7_000 ? 40 : 10),
          () => false,
        ),
      ).toBe(3_000);
      expect(
        recovered(
          (atMs) => (atMs > 3_050 && atMs < 8_000 ? 40 : 10),
          () => false,
        ),
      ).toBe(6_000);
    });

    it('does not come of silence', () => {
      const { at, finish } = stage(input({}, planned));
      for (let atMs = 1_050; atMs < 3_000; atMs += 50) at(atMs, 'client-0', operation());
      expect(finish({ faults: [fault] }).figures['timeToRecoverMs']?.value).toBe(6_000);
    });

    it('does not take the slowest of a few answers for their p99', () => {
      const slow = (atMs: number) => (atMs % 1_000 === 500 ? 40 : 10);
      const { at, finish } = stage(input({}, { ...planned, bucketWidthMs: 100 }));
      for (let atMs = 1_005; atMs < 10_000; atMs += 5) at(atMs, 'client-0', operation({ latencyMs: slow(atMs) }));
      const { figures } = finish({ faults: [fault] });
      expect(figures['timeToRecoverMs']?.value).toBeLessThanOrEqual(100);
    });
  });

  it('takes buckets with few answers together for the worst p99', () => {
    const { at, finish } = stage();
    for (let atMs = 1_025; atMs < 10_000; atMs += 25) {
      at(atMs, 'client-0', operation({ latencyMs: atMs === 3_500 ? 500 : 10 }));
    }
    const record = finish();
    expect(record.operations[0]?.series.p99Ms[3]).toBeCloseTo(500, -1);
    expect(record.figures['worstP99Ms']?.value).toBeCloseTo(10, 0);
  });

  it('counts requests without an answer as unknown, by cause', () => {
    const { at, finish } = stage();
    for (let i = 0; i < 6; i++) at(2_000 + i, 'client-0', operation());
    const record = finish({ unanswered: { clientEnded: 3, stillOpen: 1, byOp: { put: 2 } } });
    expect(record.operations.map(({ op, requests, ok, unknown }) => [op, requests, ok, unknown])).toEqual([
      ['all', 10, 6, 4],
      ['get', 6, 6, 0],
      ['put', 2, 0, 2],
    ]);
    expect(record.figures['availability']?.value).toBe(0.6);
    expect(record.figures['unknown']?.value).toBe(4);
    expect(record.notes.map((note) => note.replace(/requests.*: /, ''))).toEqual([
      "3 their client's process ended",
      '1 they were still open when the run was over',
    ]);
  });

  it('counts reduced redundancy beyond what its lists hold', () => {
    const { recorder, at, finish } = stage(input({ warmupMs: 2_000, hotspot: { factor: 2, forMs: 80 } }));
    at(0, 'metadata-0', map(1, [['data-0', 'data-1']]));
    for (let atMs = 1_000; atMs < 9_000; atMs += 10) {
      recorder.nodeState('data-1', 'down', atMs);
      recorder.nodeState('data-1', 'up', atMs + 5);
    }
    const { durability, figures } = finish();
    expect(durability.spans).toHaveLength(500);
    expect(figures['underReplicatedSeconds']?.value).toBeCloseTo(3.5, 6);
    expect(figures['timeToFullRedundancyMs']?.value).toBe(5);
  });

  it('keeps retries of warm-up out of the attempts per operation', () => {
    const { at, finish } = stage();
    const retry = {
      kind: 'attempt',
      backend: 'data-0',
      partition: 0,
      outcome: 'ok',
      latencyMs: 10,
      retry: true,
    } as const;
    at(950, 'gateway-0', retry);
    at(1_100, 'gateway-0', retry);
    // Called in warm-up, ended after it: its retry counts, and so must it.
    at(1_110, 'client-0', operation({ latencyMs: 300 }));
    at(1_500, 'client-0', operation());
    expect(finish().figures['attemptsPerRequest']?.value).toBe(3 / 2);
  });

  it('shows nodes that join and leave as absent and left', () => {
    const node = {
      id: 'data-9',
      role: 'data',
      zone: 'b',
      rack: 'r',
      weight: 2,
      fromMs: Number.POSITIVE_INFINITY,
    } as const;
    const { gauges, recorder, at, finish, tickTo } = stage(input({}, { nodes: [node] }));
    tickTo(2_500);
    recorder.nodeState('data-9', 'up', 2_500);
    gauges.now.set('data-9', { cpuBusyMs: 500 });
    at(4_500, 'metadata-0', {
      kind: 'node-state',
      node: 'data-9',
      liveness: 'up',
      membership: 'draining',
      why: 'asked',
    });
    at(6_500, 'metadata-0', { kind: 'node-state', node: 'data-9', liveness: 'up', membership: 'left', why: 'empty' });
    recorder.nodeJoined({ ...node, id: 'data-10', fromMs: 8_000 }, 8_000);
    const [first, second] = finish().nodes.map(({ series }) => series);
    expect(first?.state).toEqual([0, 0, 1, 1, 2, 2, 5, 5, 5, 5]);
    expect(first?.utilisation.slice(0, 4)).toEqual([0, 0, 0.5, 0]);
    expect(second?.state).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
  });

  it('refuses events of nodes it was never told of', () => {
    expect(() => stage().at(10, 'data-77', served())).toThrow(
      'node data-77 is unknown; known are client-0, gateway-0, data-0',
    );
  });

  it('needs no more memory for ten times the requests', () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const { recorder, at, finish } = stage(input({ durationMs: 10_000, partitions: 64 }));
    const feed = (fromMs: number, toMs: number, requests: number) => {
      const get = operation();
      for (let i = 0; i < requests; i++) {
        const nowMs = fromMs + ((toMs - fromMs) * i) / requests;
        const node = NODES[i % 5 === 0 ? 0 : i % 4] ?? '';
        if (i % 2 === 0) at(nowMs, node, served(`key-${i % 50_000}`, i % 64));
        else at(nowMs, 'client-0', get);
      }
    };
    feed(0, 5_000, 200_000);
    collect();
    const before = process.memoryUsage().heapUsed;
    feed(5_000, 9_000, 1_800_000);
    collect();
    const grownBytes = process.memoryUsage().heapUsed - before;
    expect(recorder.nextTickMs).toBe(9_000);
    expect(grownBytes).toBeLessThan(4e6);
    expect(JSON.stringify(finish()).length).toBeLessThan(60_000);
  });
});
