import { describe, expect, it } from 'vitest';
import type { StoreEvent } from '../store/events.ts';
import type { FaultInput } from './scenario.ts';
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

  override onStoreEvent(node: Parameters<Ledger['onStoreEvent']>[0], event: StoreEvent): void {
    super.onStoreEvent(node, event);
    if (event.kind === 'election') this.leaders.push(event.leader);
  }
}

describe('metadata on three members', { timeout: PATIENCE_MS }, () => {
  it.each(FAULTS)('loses nothing while they %s one after the other, and goes on', async (_name, faults) => {
    const watcher = new Elections();
    const cluster = { data: { count: 6 }, gateways: { count: 2 }, clients: { count: 2 }, metadata: { count: 3 } } as const;
    const scenario = smallScenario({ duration: '14s', cluster: { ...cluster, partitions: 32 }, faults });
    const record = await runTrial(trialOf(variantOf(scenario, 'only'), 1), watcher);
    console.log(watcher.leaders, watcher.acknowledgedKeys, JSON.stringify(record.checks).slice(0, 800), JSON.stringify(record.notes));
    expect(new Set(watcher.leaders).size).toBeGreaterThan(1);
    expect(watcher.acknowledgedKeys).toBeGreaterThan(100);
    expect(watcher.complaints()).toEqual([]);
    expect(record.checks.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
  });
});
