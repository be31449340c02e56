import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import type { HotEpisode } from './hot-subject.ts';
import { endReason } from './hotspot-end.ts';
import { Hotspots } from './hotspots.ts';
import { NodeTable } from './node-table.ts';

interface Play {
  readonly nodes?: number;
  readonly weights?: readonly number[];
  readonly seconds: number;
  readonly perSecond: number;
  readonly factor?: number;
  readonly forMs?: number;
  /** Node index for a request at a time, or undefined for a random one. */
  readonly node?: (atMs: number, random: () => number) => number | undefined;
  readonly key?: (atMs: number, random: () => number) => string | undefined;
  readonly at?: (atMs: number, table: NodeTable) => void;
}

/** Poisson traffic on a bare cluster; partitions are drawn from the key. */
function play({
  nodes = 8,
  weights = [],
  seconds,
  perSecond,
  factor = 2,
  forMs = 2_000,
  ...script
}: Play): HotEpisode[] {
  const table = new NodeTable(
    Array.from({ length: nodes }, (_, i) => ({
      id: `data-${i}`,
      role: 'data',
      zone: 'a',
      rack: 'r',
      weight: weights[i] ?? 1,
    })),
  );
  const hotspots = new Hotspots({ factor, forMs }, seconds * 1000, 64, table.data);
  const random = seedrandom.alea('hotspots');
  let nowMs = 0;
  let step = 0;
  while (nowMs < seconds * 1000) {
    nowMs += (-Math.log(1 - random()) * 1000) / perSecond;
    while (hotspots.nextEndMs <= nowMs) hotspots.closeWindow(hotspots.nextEndMs);
    for (; step * 100 <= nowMs; step++) script.at?.(step * 100, table);
    const key = script.key?.(nowMs, random) ?? `key-${Math.floor(random() * 5_000)}`;
    const live = table.data.filter((node) => node.live);
    const node = table.data[script.node?.(nowMs, random) ?? live[Math.floor(random() * live.length)]?.index ?? 0];
    if (node === undefined) continue;
    node.requests++;
    let partition = 0;
    for (let i = 0; i < key.length; i++) partition = (partition * 31 + key.charCodeAt(i)) % 64;
    hotspots.served(node, key, partition);
  }
  return hotspots.finish();
}

const between = (fromMs: number, toMs: number) => (atMs: number) => atMs >= fromMs && atMs < toMs;

describe('Hotspots', () => {
  it('adds up the time of hot nodes, whether it keeps the episodes or not', () => {
    const cycles = 1_010;
    const ids = ['data-0', 'data-1', 'data-2', 'data-3'];
    const table = new NodeTable(ids.map((id) => ({ id, role: 'data', zone: 'a', rack: 'r', weight: 1 })));
    const hotspots = new Hotspots({ factor: 2, forMs: 80 }, cycles * 300, 64, table.data, 3_000);
    let request = 0;
    for (let window = 0; window < cycles * 30; window++) {
      for (let i = 0; i < 12; i++) {
        const node = table.data[window % 30 < 10 ? 0 : i % 4];
        if (node === undefined) continue;
        node.requests++;
        hotspots.served(node, `k${request % 64}`, request++ % 64);
      }
      hotspots.closeWindow(hotspots.nextEndMs);
    }
    expect(hotspots.finish()).toHaveLength(1_000);
    expect(hotspots.omitted).toBe(10);
    expect(hotspots.hotNodeMs).toBe((cycles - 10) * 100);
  });

  it('finds a node that gets more than its share, when it does', () => {
    const busy = between(10_000, 18_000);
    const found = play({
      seconds: 30,
      perSecond: 2_000,
      node: (at, random) => (busy(at) && random() < 0.3 ? 3 : undefined),
    });
    expect(found).toHaveLength(1);
    const [only] = found;
    expect(only).toMatchObject({ subject: 'node', id: 'data-3', cooledKey: null, totalFell: false });
    expect(Math.abs((only?.startMs ?? 0) - 10_000)).toBeLessThanOrEqual(500);
    expect(Math.abs((only?.endMs ?? 0) - 18_000)).toBeLessThanOrEqual(500);
    // 30 % plus an eighth of the rest, over an eighth.
    expect(only?.meanFactor).toBeCloseTo((0.3 + 0.7 / 8) * 8, 0);
  });

  it('is not misled by bursts shorter than the stated time', () => {
    const bursts = [between(10_000, 10_500), between(10_000, 11_750), between(11_000, 12_500)];
    const early = between(10_000, 10_250);
    for (const burst of bursts) {
      const busy = (at: number) => burst(at) || early(at);
      expect(play({ seconds: 20, perSecond: 2_000, node: (at) => (busy(at) ? 3 : undefined) })).toEqual([]);
    }
  });

  it('finds nothing in even traffic, be it idle or busy', () => {
    for (const perSecond of [1, 10, 100, 3_000]) {
      expect(play({ seconds: Math.min(2_000, 60_000 / perSecond), perSecond, factor: 1.5 })).toEqual([]);
    }
  });

  it('sees a hot node even where each window holds only a few requests', () => {
    const found = play({
      seconds: 200,
      perSecond: 40,
      forMs: 10_000,
      node: (at, random) => (at > 50_000 && random() < 0.5 ? 2 : undefined),
    });
    expect(found.map(({ subject, id, endMs }) => `${subject} ${id} ${endMs}`)).toEqual(['node data-2 null']);
  });

  it('measures a node by its weight', () => {
    const weights = [7, 1, 1, 1, 1, 1, 1, 1];
    const half = (_: number, random: () => number) => (random() < 0.5 ? 0 : undefined);
    expect(play({ weights, seconds: 20, perSecond: 1_000, node: half })).toEqual([]);
    expect(play({ seconds: 20, perSecond: 1_000, node: half })).not.toEqual([]);
  });

  it('does not break one episode into many when the load wavers about the factor', () => {
    const found = play({
      seconds: 60,
      perSecond: 2_000,
      node: (at, random) => (random() < (Math.floor(at / 400) % 2 === 0 ? 0.13 : 0.24) ? 5 : undefined),
    });
    expect(found.length).toBe(1);
  });

  it('names hot key, its partition and the node, the share of the key, and that it cooled', () => {
    const busy = between(5_000, 15_000);
    const crowd = (at: number, random: () => number) => busy(at) && random() < 0.6;
    let drawn = false;
    const found = play({
      seconds: 25,
      perSecond: 2_000,
      key: (at, random) => {
        drawn = crowd(at, random);
        return drawn ? 'celebrity' : undefined;
      },
      node: () => (drawn ? 1 : undefined),
    });
    expect(found.map(({ subject, id }) => `${subject} ${id}`).sort()).toEqual([
      'key celebrity',
      'node data-1',
      expect.stringMatching(/^partition \d+$/),
    ]);
    for (const episode of found) {
      expect(episode.keys[0]?.key).toBe('celebrity');
      expect(endReason(episode, { faults: [], changes: [], withinMs: 2_000 })).toBe('key celebrity cooled');
      expect(Math.abs(episode.startMs - 5_000)).toBeLessThanOrEqual(750);
      expect(Math.abs((episode.endMs ?? 0) - 15_000)).toBeLessThanOrEqual(500);
    }
    const node = found.find(({ subject }) => subject === 'node');
    expect(node?.keys[0]?.share).toBeCloseTo(0.6 / 0.65, 1);
    expect(node?.keys).toHaveLength(1);
  });

  it('expects nothing of a dead node, and more of the others', () => {
    const found = play({
      nodes: 3,
      seconds: 30,
      perSecond: 2_000,
      factor: 1.4,
      at: (atMs, table) => {
        if (atMs === 10_000) table.get('data-0').setProcess('down', atMs);
      },
    });
    expect(found).toEqual([]);
  });

  it('ends an episode when its node dies, and says so', () => {
    const found = play({
      seconds: 20,
      perSecond: 2_000,
      node: (at, random) => (at < 8_000 && random() < 0.5 ? 0 : undefined),
      at: (atMs, table) => {
        if (atMs === 8_000) table.get('data-0').setProcess('down', atMs);
      },
    });
    expect(found.map(({ id, endMs }) => `${id} ${endMs}`)).toEqual(['data-0 8000']);
    const [episode] = found;
    const changes = [{ node: 'data-0', atMs: 8_000, text: 'data-0 went down' }];
    expect(episode && endReason(episode, { faults: [], changes, withinMs: 2_000 })).toBe('data-0 went down');
  });

  it('says that a fault ended, or the total load fell, where that is what happened', () => {
    const base: HotEpisode = {
      subject: 'node',
      id: 'data-0',
      startMs: 0,
      endMs: null,
      peakFactor: 3,
      meanFactor: 2,
      keys: [],
      cooledKey: null,
      totalFell: false,
    };
    const fault = {
      kind: 'slow-disk',
      line: 'slow disk on data-1',
      targets: ['data-1'],
      startMs: 0,
      endMs: 9_500,
      effects: 1,
    };
    const around = { faults: [fault], changes: [], withinMs: 2_000 };
    expect(endReason({ ...base, endMs: 10_000, totalFell: true }, around)).toBe('fault ended: slow disk on data-1');
    expect(endReason({ ...base, endMs: 30_000, totalFell: true }, around)).toBe('the total load fell');
    expect(endReason({ ...base, endMs: 30_000, totalFell: false }, around)).toBe('the load evened out');
    expect(endReason({ ...base, endMs: null, totalFell: false }, around)).toBe('still hot at the end');
  });
});
