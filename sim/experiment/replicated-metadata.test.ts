import { describe, expect, it } from 'vitest';
import type { NodeId, TraceEvent } from '../host.ts';
import type { FaultInput, ScenarioInput } from './scenario.ts';
import { Ledger } from './testdata/ledger.ts';
import { smallScenario, trialOf, variantOf } from './testdata/trials.ts';
import { runTrial } from './trial.ts';

/** Far more than it takes: a busy machine is no failure. */
const PATIENCE_MS = 120_000;

const each = (fault: (target: string, at: string) => FaultInput): FaultInput[] =>
  ['metadata-1', 'metadata-2', 'metadata-3'].map((target, i) => fault(target, `${1 + 4 * i}s`));

/** Every member is struck in turn, so that the leader is at least once. */
const FAULTS: readonly (readonly [name: string, faults: FaultInput[]])[] = [
  ['crash', each((target, at) => ({ kind: 'crash', target, at, duration: '3s', mode: 'machine' }))],
  ['are cut off from everybody', each((target, at) => ({ kind: 'isolate', target, at, duration: '3s' }))],
  [
    'are cut off from each other',
    each((target, at) => ({
      kind: 'partition',
      target,
      other: ['metadata-1', 'metadata-2', 'metadata-3'].filter((node) => node !== target),
      at,
      duration: '3s',
    })),
  ],
];

class Elections extends Ledger {
  readonly leaders: string[] = [];

  override onEvent(node: NodeId, event: TraceEvent): void {
    super.onEvent(node, event);
    if (event.kind === 'election') this.leaders.push(node);
  }
}

const cluster = { data: { count: 6 }, gateways: { count: 2 }, clients: { count: 2 }, partitions: 32 };

async function expectSafe(changes: Partial<ScenarioInput>, seed: number): Promise<readonly string[]> {
  const watcher = new Elections();
  const record = await runTrial(trialOf(variantOf(smallScenario(changes), 'only'), seed), watcher);
  expect(watcher.acknowledgedKeys).toBeGreaterThan(100);
  expect(watcher.complaints()).toEqual([]);
  expect(record.checks.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
  return watcher.leaders;
}

describe('metadata on several members', { timeout: PATIENCE_MS }, () => {
  it.each(FAULTS)('loses nothing while they %s one after the other, and goes on', async (_name, faults) => {
    const leaders = await expectSafe({ duration: '14s', cluster: { ...cluster, metadata: { count: 3 } }, faults }, 1);
    expect(new Set(leaders).size, 'members that led').toBeGreaterThan(1);
  });

  it('loses nothing while one after the other loses its disk, and leadership is handed round', async () => {
    const faults: FaultInput[] = [
      { kind: 'wipe-disk', target: 'metadata-1', at: '1s', duration: '500ms' },
      { kind: 'transfer-leader', target: 'metadata-2', at: '4s' },
      { kind: 'wipe-disk', target: 'metadata-2', at: '5s', duration: '500ms' },
      { kind: 'bit-rot', target: 'metadata-3', flips: 20, files: 'raft-log', at: '9s' },
      { kind: 'crash', target: 'metadata-3', at: '9s', duration: '500ms', mode: 'machine' },
      { kind: 'transfer-leader', target: 'metadata-1', at: '12s' },
    ];
    const settings = { metadata: { snapshotBytes: 16_384 } };
    const leaders = await expectSafe(
      { duration: '14s', cluster: { ...cluster, metadata: { count: 3 }, settings }, faults },
      3,
    );
    expect(leaders).toContain('metadata-2');
    expect(leaders.at(-1)).toBe('metadata-1');
  });

  // Seed 5: a leader that was paused wakes up deposed, and must not plan on what it remembers.
  it.each([
    [3, 5],
    [5, 6],
  ] as const)('loses nothing amid crashes, pauses, cuts and lost packets: %i members', async (count, seed) => {
    const kinds = ['crash', 'isolate', 'pause'];
    const faults: FaultInput[] = Array.from({ length: count }, (_, i) => ({
      kind: kinds[(i + seed) % 3] ?? '',
      target: `metadata-${i + 1}`,
      at: `${0.5 + 1.7 * i}s`,
      duration: `${1 + ((seed * 7 + i) % 4) * 0.6}s`,
    }));
    faults.push({ kind: 'packet-loss', target: 'all', rate: 0.05, at: '1s', duration: '5s' });
    faults.push({ kind: 'crash', target: { random: 1, of: 'role:data' }, at: '2s', duration: '1s', mode: 'machine' });
    // Reads go to all members in turn, so that followers are put to the test as well.
    const settings = { metadata: { snapshotBytes: 4_096 }, client: { metadataReads: 'any' } };
    await expectSafe({ duration: '12s', cluster: { ...cluster, metadata: { count }, settings }, faults }, seed);
  });
});
