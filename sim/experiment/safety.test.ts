import { describe, expect, it } from 'vitest';
import type { DiskHandler, DiskResult } from '../host.ts';
import type { RunRecord } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import type { SimulatedNode } from '../world/node.ts';
import type { Cluster } from './cluster.ts';
import type { FaultInput, ScenarioInput } from './scenario.ts';
import { Ledger } from './testdata/ledger.ts';
import { smallScenario, trialOf, variantOf } from './testdata/trials.ts';
import { runTrial } from './trial.ts';

/** Far more than it takes: a busy machine is no failure. */
const PATIENCE_MS = 120_000;

const crash = (target: unknown, at: string, mode: 'process' | 'machine'): FaultInput => ({
  kind: 'crash',
  target,
  at,
  duration: '900ms',
  mode,
});
const some = (count: number) => ({ random: count, of: 'role:data' });

/** What the store must survive without losing or inventing a byte. */
const FAULTS: readonly (readonly [name: string, faults: readonly FaultInput[]])[] = [
  ['crashed processes', [crash(some(1), '500ms', 'process'), crash(some(2), '2s', 'process')]],
  ['lost machines', [crash(some(1), '500ms', 'machine'), crash(some(2), '2s', 'machine')]],
  ['power loss of every data node at once', [crash('role:data', '2s', 'machine')]],
  ['power loss of everything but the clients', [crash(['role:data', 'role:gateway', 'metadata-1'], '2s', 'machine')]],
  ['a metadata node that comes back', [crash('metadata-1', '1s', 'process'), crash('metadata-1', '3s', 'machine')]],
  ['gateways that come back', [crash('gateway-1', '1s', 'process'), crash('gateway-2', '3s', 'machine')]],
  [
    'pauses',
    [
      { kind: 'pause', target: some(2), at: '500ms', duration: '1500ms' },
      { kind: 'pause', target: 'metadata-1', at: '2500ms', duration: '500ms' },
    ],
  ],
  [
    'partitions',
    [
      { kind: 'partition', target: 'gateway-1', other: ['data-1', 'data-2', 'data-3'], at: '500ms', duration: '1s' },
      { kind: 'isolate', target: 'zone:b', at: '2500ms', duration: '800ms' },
    ],
  ],
  ['lost packets', [{ kind: 'packet-loss', target: 'all', rate: 0.1, at: '500ms', duration: '3s' }]],
  [
    'a crash behind a partition amid lost packets',
    [
      { kind: 'packet-loss', target: 'all', rate: 0.03, at: '500ms', duration: '3s' },
      { kind: 'isolate', target: some(1), at: '1s', duration: '2s' },
      crash(some(2), '1500ms', 'machine'),
    ],
  ],
];

const SEEDS = [1, 2, 3];

/** A run under faults, with what the clients were told and what was found afterwards, kept apart from the product's checks. */
async function run(scenario: ScenarioInput, seed: number): Promise<{ record: RunRecord; ledger: Ledger }> {
  const ledger = new Ledger();
  const record = await runTrial(trialOf(variantOf(scenario, 'only'), seed), ledger);
  return { record, ledger };
}

function violations({ checks }: RunRecord): readonly string[] {
  return checks.filter(({ verdict }) => verdict === 'violated').map(({ id, detail }) => `${id}: ${detail}`);
}

describe('what was acknowledged survives', { timeout: PATIENCE_MS }, () => {
  it.each(FAULTS)('%s', async (_name, faults) => {
    for (const seed of SEEDS) {
      const { record, ledger } = await run(smallScenario({ duration: '4s', faults: [...faults] }), seed);
      expect(record.faults.every(({ effects }) => effects > 0)).toBe(true);
      expect(ledger.acknowledgedKeys, 'writes that were put to the test').toBeGreaterThan(100);
      expect(ledger.complaints(), `seed ${seed}`).toEqual([]);
      expect(violations(record), `seed ${seed}`).toEqual([]);
    }
  });

  it('is not taken for lost when a client ends before it hears what became of its writes', async () => {
    const goes: FaultInput = { kind: 'crash', target: 'client-1', at: '1500ms' };
    const stands: FaultInput = { kind: 'pause', target: 'client-1', at: '1500ms' };
    for (const faults of [[crash('client-1', '1500ms', 'process')], [goes], [stands]]) {
      for (const seed of SEEDS) {
        const { record } = await run(smallScenario({ duration: '3s', faults }), seed);
        expect(record.notes.join()).toMatch(/\d+ requests were never answered/);
        expect(violations(record), `seed ${seed}`).toEqual([]);
      }
    }
  });

  it('is not taken for lost when nobody is left to answer', async () => {
    for (const [faults, error] of [
      [[{ kind: 'crash', target: 'role:gateway', at: '2s' }], 'no gateway can be reached'],
      [[{ kind: 'isolate', target: 'role:metadata', at: '2s' }], 'no majority of metadata can be reached'],
    ] as const) {
      const { record, ledger } = await run(smallScenario({ faults: [...faults] }), 1);
      expect(violations(record)).toEqual([]);
      const durability = record.checks.find(({ id }) => id === 'I1');
      expect(durability?.verdict).toBe('not-judged');
      expect(durability?.detail).toContain(error);
      expect(ledger.complaints().length, 'keys that could not be read').toBeGreaterThan(50);
    }
  });

  it('is read back only once the faults that outlast the traffic are over', async () => {
    const { record, ledger } = await run(
      smallScenario({
        faults: [{ kind: 'isolate', target: ['role:gateway', 'metadata-1'], at: '2s', duration: '8s' }],
      }),
      1,
    );
    expect(ledger.complaints()).toEqual([]);
    expect(violations(record)).toEqual([]);
  });

  it('is lost, and seen to be lost, where data nodes acknowledge before they sync', async () => {
    const careless = smallScenario({
      duration: '4s',
      faults: [crash('role:data', '2s', 'machine')],
      cluster: { ...smallScenario().cluster, settings: { dataNode: { fsync: 'never' } } },
    });
    const { record, ledger } = await run(careless, 1);
    expect(ledger.complaints().length).toBeGreaterThan(0);
    expect(record.checks.find(({ id }) => id === 'I1')?.verdict).toBe('violated');
  });
});

describe('a rotten disk', { timeout: PATIENCE_MS }, () => {
  /** Three nodes hold everything, reads only. From the twelfth second on only the one whose disk rotted is there. */
  const scenario = smallScenario({
    duration: '15s',
    cluster: {
      data: { count: 3 },
      gateways: { count: 1 },
      clients: { count: 1 },
      partitions: 16,
      balancer: 'round-robin',
      settings: { gateway: { retryBudget: { ratio: 1, burst: 1_000 } } },
    },
    traffic: {
      rate: 200,
      keys: { count: 40, popularity: { kind: 'uniform' } },
      sizes: { kind: 'fixed', bytes: '8kb' },
      mix: { get: 1 },
    },
    faults: [{ kind: 'crash', target: ['data-2', 'data-3'], at: '12s', duration: '2500ms' }],
  });

  it('never shows in an answer, and is made good from the other replicas', async () => {
    const found = new Set<string>();
    const served = { early: 0, late: 0 };
    const answers: { status: string; missing: boolean; checksum: number }[] = [];
    const ledger = new Ledger();
    let originMs = Number.POSITIVE_INFINITY;
    let flipped = 0;
    const record = await runTrial(trialOf(variantOf(scenario, 'only'), 1), {
      onStation: (station, stage) => {
        ledger.onStation(station, stage);
        if (station !== 'filled') return;
        originMs = stage.kernel.nowMs;
        flipped = rot(stage.cluster);
      },
      onEvent: (node, event, nowMs) => {
        ledger.onEvent(node, event);
        const told = event as StoreEvent;
        if (told.kind === 'corruption' && node === 'data-1') found.add(told.id);
        if (nowMs < originMs) return;
        if (told.kind === 'operation') answers.push(told);
        if (told.kind === 'served' && node === 'data-1' && told.ok)
          served[nowMs < originMs + 12_000 ? 'early' : 'late'] += 1;
      },
    });
    expect(flipped, 'bits turned over').toBeGreaterThan(40);
    expect(found.size, 'blocks found rotten').toBe(40);
    expect(answers.filter(({ status, missing }) => status !== 'ok' || missing)).toEqual([]);
    expect(ledger.complaints()).toEqual([]);
    expect(violations(record)).toEqual([]);
    expect(record.figures['bytesMoved']?.value, 'copied for the repair').toBe(40 * 8 * 1024);
    expect(served.late, 'reads answered by the repaired copies').toBeGreaterThan(500);
  });
});

/** Shorter than any record, so that each is hit; no divisor of their length, so that some are hit in the header and some only in the body. */
const STRIDE_BYTES = 61;

/** Turns one bit over in every so many bytes that data-1 has on its disk, and gives their number. */
function rot(cluster: Cluster): number {
  const node = cluster.world.node('data-1');
  let flips = 0;
  for (const { name, lengthBytes } of node.disk.files()) {
    if (!name.includes('segment')) continue;
    for (let at = 0; at < lengthBytes; at += STRIDE_BYTES, flips++) new BitFlip(node, name, at);
  }
  return flips;
}

/** Reads one byte and changes it in place: what a disk hands out is a view of what it holds. */
class BitFlip implements DiskHandler {
  constructor(node: SimulatedNode, name: string, at: number) {
    node.disk.read(name, at, 1, 0, this, 0);
  }

  onDisk(_tag: number, result: DiskResult): void {
    const byte = result.ok ? result.bytes?.[0] : undefined;
    if (!result.ok || result.bytes === undefined || byte === undefined) throw new Error('nothing to turn over');
    result.bytes[0] = byte ^ 4;
  }
}
