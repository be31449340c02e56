import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import type { FaultInput, ScenarioInput } from './scenario.ts';
import { scenarioSchema } from './scenario.ts';
import { smallScenario, trialOf, variantOf } from './testdata/trials.ts';
import { runTrial } from './trial.ts';
import type { TrialStage } from './watcher.ts';

/** Far more than it takes: a busy machine is no failure. */
const PATIENCE_MS = 60_000;

const cluster = { data: { count: 6 }, gateways: { count: 2 }, clients: { count: 2 }, partitions: 32 };

/** Reads only: what was moved away can be dropped as soon as its grace is over. */
const traffic: ScenarioInput['traffic'] = {
  rate: 100,
  keys: { count: 150, popularity: { kind: 'uniform' } },
  sizes: { kind: 'fixed', bytes: '8kb' },
  mix: { get: 1 },
};

interface Played {
  readonly record: RunRecord;
  /** What the store reported from time 0 on. */
  readonly events: readonly { readonly node: string; readonly said: StoreEvent }[];
}

/** Plays a small scenario with some operations; `look` is shown the cluster when it has settled. */
async function play(faults: FaultInput[], changes: Partial<ScenarioInput> = {}, look?: (stage: TrialStage) => void) {
  const events: { node: string; said: StoreEvent }[] = [];
  let counts = false;
  const scenario = smallScenario({ faults, ...changes });
  const record = await runTrial(trialOf(variantOf(scenario, 'only'), 1), {
    onStation: (station, stage) => {
      if (station === 'filled') counts = true;
      if (station === 'settled') look?.(stage);
    },
    onEvent: (node, event) => {
      if (counts) events.push({ node, said: event as StoreEvent });
    },
  });
  expect(record.checks.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
  return { record, events } satisfies Played;
}

const effects = ({ record }: Played) => record.faults.map((fault) => fault.effects);

describe('operations', { timeout: PATIENCE_MS }, () => {
  it('leave: the node moves all it has elsewhere, serves on meanwhile, and is told that it may stop', async () => {
    let shown: unknown;
    const played = await play(
      [{ kind: 'leave', target: 'data-2', at: '1s' }],
      { duration: '12s', traffic, cluster: { ...cluster, settings: { metadata: { dropGraceMs: 1_000 } } } },
      ({ cluster: { dataNodes } }) => {
        shown = ['data-1', 'data-2'].map((id) => [
          dataNodes.get(id)?.stay,
          [...(dataNodes.get(id)?.inventory() ?? [])].length > 0,
        ]);
      },
    );
    expect(effects(played)).toEqual([1]);
    expect(shown).toEqual([
      ['staying', true],
      ['released', false],
    ]);
    const states = played.events.flatMap(({ said }) =>
      said.kind === 'node-state' && said.node === 'data-2' ? [`${said.membership}: ${said.why}`] : [],
    );
    expect(states[0]).toBe('draining: it asked to leave');
    expect(states.at(-1)).toMatch(/^left/);
  });

  it('add-metadata-member and remove-metadata-member: those that stood by take the place of a founder', async () => {
    const views: unknown[] = [];
    const played = await play(
      [
        { kind: 'add-metadata-member', target: ['metadata-4', 'metadata-5'], at: '500ms' },
        { kind: 'remove-metadata-member', target: 'metadata-1', at: '3s' },
        { kind: 'transfer-leader', target: 'metadata-4', at: '5s' },
        { kind: 'crash', target: 'metadata-2', at: '6s', mode: 'machine' },
      ],
      { duration: '8s', cluster: { ...cluster, metadata: { count: 3, standby: 2 } } },
      ({ cluster: { metadataViews } }) => {
        for (const id of ['metadata-3', 'metadata-4']) views.push([id, metadataViews.get(id)?.leads]);
      },
    );
    expect(effects(played)).toEqual([2, 1, 1, 1]);
    const leaders = played.events.flatMap(({ node, said }) => (said.kind === 'election' ? [node] : []));
    expect(leaders.at(-1)).toBe('metadata-4');
    expect(views).toEqual([
      ['metadata-3', false],
      ['metadata-4', true],
    ]);
  });

  it('scrub: the nodes look through all that they hold at once', async () => {
    const played = await play([{ kind: 'scrub', target: ['data-1', 'data-3'], at: '500ms' }], {
      cluster: { ...cluster, settings: { dataNode: { scrub: 'off' } } },
    });
    expect(effects(played)).toEqual([2]);
    const passes = played.events.flatMap(({ node, said }) => (said.kind === 'scrub-pass' ? [node] : []));
    expect(passes.sort()).toEqual(['data-1', 'data-3']);
  });
});

describe('what stands by', () => {
  it('cannot join a log that is not replicated', () => {
    const scenario = smallScenario({ cluster: { ...cluster, metadata: { count: 1, standby: 1 } } });
    const { error } = scenarioSchema.safeParse(scenario);
    expect(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
      'cluster.metadata.standby: accepted: 0 where there is one member, whose log is not replicated',
    ]);
  });
});

describe('what can be seen of a running cluster', { timeout: PATIENCE_MS }, () => {
  it('agrees: what metadata expects of each node is what that holds, and gateways have answered every request once', async () => {
    let judged = 0;
    await play([], {}, ({ cluster: { dataNodes, metadataViews, gatewayViews } }) => {
      const view = metadataViews.get('metadata-1');
      for (const [id, node] of dataNodes) {
        const held = new Map([...node.inventory()].map((block) => [block.id, block]));
        for (const { id: block, copy, partition, checksum } of view?.copiesOn(id) ?? []) {
          if (copy !== 'expected') continue;
          judged += 1;
          expect(held.get(block)).toMatchObject({ partition, checksum, durable: true, quarantined: false });
        }
      }
      expect(view?.backlog()).toMatchObject({ repairs: 0, moves: 0, transfers: [] });
      expect([...gatewayViews.keys()]).toEqual(['gateway-1', 'gateway-2']);
      for (const { metrics } of [...gatewayViews.values()].flat()) {
        const errors = Object.values(metrics.errors).reduce((sum, count) => sum + count, 0);
        expect(metrics.requests).toBe(metrics.data + metrics.stored + errors);
        expect(metrics.requests).toBeGreaterThan(100);
      }
    });
    expect(judged).toBeGreaterThan(300);
  });
});
