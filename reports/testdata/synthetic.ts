import seedrandom from 'seedrandom';
import {
  type Comparison,
  type Figure,
  type LedgerEntry,
  NODE_STATES,
  type NodeRecord,
  type OperationRecord,
  RECORD_VERSION,
  type RunRecord,
} from '../../sim/record/schema.ts';

/** What a made-up comparison looks like. Everything follows from these values and the seeds. */
export interface SyntheticOptions {
  readonly variants?: readonly string[];
  readonly seeds?: number;
  readonly dataNodes?: number;
  readonly buckets?: number;
  readonly durationMs?: number;
  /** Leaves out faults, moves and hotspots: a quiet run. */
  readonly calm?: boolean;
  /** Violates an invariant in the last variant. */
  readonly broken?: boolean;
}

/** How unevenly each made-up variant spreads load, and how slow its tail is. */
const SKEW: Record<string, number> = { random: 0.34, 'round-robin': 0.2, 'ring-hash': 0.62, 'least-outstanding': 0.11, p2c: 0.1, 'smooth-weighted': 0.18 };

/** Records with the shape and texture of real ones: a crash with repair, a slow disk, a drain, a hot key, noise over seeds. */
export function syntheticComparison(options: SyntheticOptions = {}): { comparison: Comparison; records: RunRecord[] } {
  const variants = options.variants ?? ['ring-hash', 'random', 'p2c'];
  const seeds = Array.from({ length: options.seeds ?? 5 }, (_, i) => i + 1);
  const records = variants.flatMap((variant) => seeds.map((seed) => syntheticRecord(variant, seed, options)));
  return {
    records,
    comparison: {
      version: RECORD_VERSION,
      scenario: 'web-day',
      digest: '9c1f7ab2',
      command: `npm run evenkeel -- compare web-day --seeds ${seeds.length}`,
      variants: [...variants],
      baseline: variants[0] ?? '',
      seeds,
      trials: records.map((r) => ({ variant: r.variant.name, seed: r.seed, file: `${r.variant.name}-${r.seed}.json`, fingerprint: r.fingerprint })),
      environment: { evenkeel: '0.1.0', node: 'v20.20.2', revision: '4f2a9c1', startedAt: '2026-01-01T08:00:00.000Z', wallSeconds: 41.2 },
    },
  };
}

/** One made-up record. */
export function syntheticRecord(variant: string, seed: number, options: SyntheticOptions = {}): RunRecord {
  const dataNodes = options.dataNodes ?? 12;
  const count = options.buckets ?? 300;
  const durationMs = options.durationMs ?? 300_000;
  const widthMs = durationMs / count;
  const skew = SKEW[variant] ?? 0.15 + (variant.length % 7) * 0.06;
  // Common random numbers: the traffic of a seed is the same under each variant.
  const traffic = seedrandom.alea(`traffic ${seed}`);
  const own = seedrandom.alea(`own ${variant} ${seed}`);
  const jitter = (amount: number): number => 1 + amount * (own() - 0.5);
  const round = (value: number, digits = 3): number => Number(value.toPrecision(digits));
  const at = (share: number): number => Math.round(share * durationMs);
  const share = (i: number): number => (i + 0.5) / count;
  const within = (i: number, from: number, to: number): boolean => !options.calm && share(i) >= from && share(i) < to;

  const level = 0.93 + 0.14 * traffic();
  const rate = Array.from({ length: count }, (_, i) => level * (900 + 420 * Math.sin(share(i) * 5.2 - 1) + (within(i, 0.72, 0.8) ? 900 : 0)) * (0.94 + 0.12 * traffic()));
  const arrivals = rate.map((perS) => Math.round((perS * widthMs) / 1000));

  const crashed = `data-${Math.min(3, dataNodes)}`;
  const slow = `data-${Math.min(7, dataNodes)}`;
  const drained = `data-${Math.min(10, dataNodes)}`;
  const zoneOf = (i: number): string => `zone-${'abc'[i % 3]}`;
  const weights = Array.from({ length: dataNodes }, (_, i) => (i % 6 === 5 ? 2 : 1));
  const tilt = weights.map((_, i) => (i === 4 % dataNodes ? 1 + skew * 1.8 : 1 + skew * (traffic() - 0.5) * 1.4));
  const stateOf = (id: string, i: number): (typeof NODE_STATES)[number] => {
    if (id === crashed && within(i, 0.2, 0.33)) return 'down';
    if (id === drained && within(i, 0.84, 0.93)) return 'draining';
    if (id === drained && within(i, 0.93, 1.1) && dataNodes > 6) return 'left';
    if (id === slow && within(i, 0.62, 0.64)) return 'paused';
    if (dataNodes > 6 && id === `data-${dataNodes}` && within(i, 0, 0.4)) return 'absent';
    return 'up';
  };
  const nodes: NodeRecord[] = weights.map((weight, n) => {
    const id = `data-${n + 1}`;
    const states = Array.from({ length: count }, (_, i) => stateOf(id, i));
    const requests = arrivals.map((all, i) => {
      if (states[i] !== 'up' && states[i] !== 'draining') return 0;
      const hot = n === 4 % dataNodes && within(i, 0.72, 0.8) ? 1 + skew * 3 : 1;
      return Math.max(0, Math.round(((all * 1.6 * weight) / (dataNodes * 1.15)) * (tilt[n] ?? 1) * hot * jitter(0.25) * (states[i] === 'draining' ? 0.4 : 1)));
    });
    const speed = (i: number): number => (id === slow && within(i, 0.45, 0.62) ? 3.4 : 1);
    const utilisation = requests.map((r, i) => Math.min(1, ((r * 1000) / widthMs / (weight * (3200 / dataNodes))) * speed(i) * 0.62));
    return {
      id,
      role: 'data',
      zone: zoneOf(n),
      rack: `${zoneOf(n)}-r${1 + (n % 2)}`,
      weight,
      series: {
        requests,
        errors: requests.map((r, i) => (within(i, 0.2, 0.21) ? Math.round(r * 0.03) : 0)),
        bytes: requests.map((r) => Math.round(r * 46_000 * jitter(0.3))),
        utilisation: utilisation.map((u) => round(u)),
        queueMean: utilisation.map((u) => round(u >= 0.985 ? 42 * jitter(0.5) : u / (1 - u))),
        queueMax: utilisation.map((u) => Math.ceil(u >= 0.985 ? 96 * jitter(0.4) : (3 * u) / (1 - u))),
        storedBytes: requests.map((_, i) => Math.round(weight * 4e9 * (1 + 0.1 * share(i)) * (tilt[n] ?? 1))),
        state: states.map((s) => NODE_STATES.indexOf(s)),
      },
    };
  });
  for (const [role, amount] of [['gateway', 2], ['metadata', 1]] as const) {
    for (let n = 0; n < amount; n++) {
      nodes.push({
        id: `${role}-${n + 1}`, role, zone: zoneOf(n), rack: `${zoneOf(n)}-r1`, weight: 1,
        series: {
          requests: arrivals.map((a) => Math.round((a / amount) * jitter(0.1))), errors: arrivals.map(() => 0), bytes: arrivals.map((a) => Math.round((a * 46_000) / amount)),
          utilisation: arrivals.map((a) => round(Math.min(1, (a * 1000) / widthMs / 4200 / amount))), queueMean: arrivals.map(() => round(0.4 * jitter(0.6))),
          queueMax: arrivals.map(() => Math.ceil(3 * jitter(0.6))), storedBytes: arrivals.map(() => 0), state: arrivals.map(() => 1),
        },
      });
    }
  }

  const dataNodesOf = nodes.filter((node) => node.role === 'data');
  const perBucket = (read: (loads: number[], all: number, i: number) => number | null): (number | null)[] =>
    arrivals.map((all, i) => {
      const loads = dataNodesOf.filter((node) => NODE_STATES[node.series.state[i] ?? 0] !== 'absent' && NODE_STATES[node.series.state[i] ?? 0] !== 'left').map((node) => (node.series.requests[i] ?? 0) / node.weight);
      return all === 0 ? null : read(loads, all, i);
    });
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length);
  const square = (value: number): number => value * value;
  const deviation = (values: readonly number[]): number => {
    const middle = mean(values);
    return Math.sqrt(mean(values.map((value) => square(value - middle))));
  };
  const peakToMean = perBucket((loads) => round(Math.max(...loads) / mean(loads)));

  const tail = (i: number): number => {
    const worst = Math.max(...dataNodesOf.map((node) => node.series.utilisation[i] ?? 0));
    return (6 + 26 * skew + (9 * worst) / (1.06 - worst) + (within(i, 0.2, 0.215) ? 260 : 0)) * jitter(0.35);
  };
  const ops = [['all', 1], ['get', 0.78], ['put', 0.15], ['head', 0.05], ['delete', 0.02]] as const;
  const operations = ops.map(([op, part]): OperationRecord => {
    const factor = op === 'put' ? 2.6 : op === 'head' ? 0.4 : 1;
    const requests = arrivals.map((a) => Math.round(a * part));
    const failed = requests.map((r, i) => (within(i, 0.2, 0.212) ? Math.round(r * 0.04 * (1 + skew)) : within(i, 0.72, 0.8) && skew > 0.3 ? Math.round(r * 0.006) : 0));
    const unknown = requests.map((r, i) => (op === 'put' && within(i, 0.2, 0.21) ? Math.round(r * 0.01) : 0));
    const p99 = requests.map((r, i) => (r === 0 ? null : round(tail(i) * factor)));
    const total = requests.reduce((sum, v) => sum + v, 0);
    const lost = failed.reduce((sum, v) => sum + v, 0) + unknown.reduce((sum, v) => sum + v, 0);
    const typical = mean(p99.filter((v) => v !== null));
    const quantiles = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999];
    return {
      op, requests: total, ok: total - lost, failed: failed.reduce((sum, v) => sum + v, 0), unknown: unknown.reduce((sum, v) => sum + v, 0),
      latency: {
        count: total - lost, meanMs: round(typical * 0.24), maxMs: round(typical * 14),
        percentiles: quantiles.map((q) => [q, round(typical * 0.2 * (0.4 + 0.55 * (0.7 + skew) * -Math.log(1 - Math.min(q, 0.999995))), 4)]),
        histogram: { subBucketBits: 7, unitMs: 0.01, index: [100, 200, 400], count: [Math.round(total * 0.5), Math.round(total * 0.49), Math.round(total * 0.01)] },
      },
      series: { requests, failed, unknown, p50Ms: p99.map((v) => (v === null ? null : round(v * 0.2 * jitter(0.1)))), p99Ms: p99, maxMs: p99.map((v) => (v === null ? null : round(v * (1.6 + own())))) },
    };
  });

  const entries: LedgerEntry[] = [];
  const movedRepair = arrivals.map((_, i) => (within(i, 0.23, 0.36) ? Math.round((5.2e6 * jitter(0.4) * widthMs) / 1000) : 0));
  const movedDrain = arrivals.map((_, i) => (within(i, 0.84, 0.925) ? Math.round((7.1e6 * jitter(0.3) * widthMs) / 1000) : 0));
  const movedLoad = arrivals.map((_, i) => (within(i, 0.74, 0.83) && skew > 0.15 ? Math.round((3e6 * jitter(0.6) * widthMs) / 1000) : 0));
  if (!options.calm) {
    for (let k = 0; k < 40; k++) {
      const cause = k < 20 ? 'repair' : k < 32 ? 'drain' : 'load';
      const startMs = at(k < 20 ? 0.23 + k * 0.0055 : k < 32 ? 0.84 + (k - 20) * 0.006 : 0.74 + (k - 32) * 0.01);
      entries.push({
        cause, partition: (k * 37) % 256, from: `data-${1 + (k % dataNodes)}`, to: `data-${1 + ((k * 5 + 2) % dataNodes)}`, bytes: Math.round(9e6 * jitter(0.5)), blocks: 140 + k,
        startMs, endMs: k === 39 ? null : startMs + at(0.006), outcome: k === 39 ? 'open' : k === 25 ? 'cancelled' : 'done',
        why: cause === 'repair' ? `${crashed} has been silent for 10 s; 2 verified replicas left` : cause === 'drain' ? `${drained} is leaving` : 'data-5 carries 1.9 × its fair share',
        helped: cause === 'load' ? { before: round(1.6 - (k - 32) * 0.03), after: round(1.57 - (k - 32) * 0.03) } : null,
      });
    }
  }
  const moved = (series: readonly number[]): number => series.reduce((sum, v) => sum + v, 0);

  const under = arrivals.map((_, i) => (within(i, 0.2, 0.36) ? Math.round(64 * Math.max(0, 1 - Math.max(0, share(i) - 0.23) / 0.13)) : 0));
  const unavailable = arrivals.map((_, i) => (within(i, 0.2, 0.205) ? 2 : 0));
  const all = operations[0];
  const get = operations[1];
  const quantile = (op: OperationRecord | undefined, q: number): number | null => op?.latency.percentiles.find(([p]) => p === q)?.[1] ?? null;
  const peaks = peakToMean.filter((v) => v !== null);
  const figure = (label: string, unit: Figure['unit'], better: Figure['better'], value: number | null): Figure => ({ label, unit, better, value });
  const failedShare = all ? (all.failed + all.unknown) / Math.max(1, all.requests) : null;

  return {
    version: RECORD_VERSION,
    scenario: {
      name: 'web-day',
      question: 'Which balancer keeps a web day’s reads fast when a node dies at the morning peak and a disk turns slow in the afternoon?',
      hypothesis: 'Balancers that see the queue (p2c, least-outstanding) hold get p99 under 60 ms through both faults; those that don’t see it send a fair share to the slow disk and pay for it in the tail.',
      digest: '9c1f7ab2', durationMs, warmupMs: Math.round(durationMs * 0.03), traffic: 'recorded web day, 900 to 1,800 requests/s, Zipf 0.9 over 40,000 keys',
      replication: 3, partitions: 256,
      slo: [{ figure: 'get.p99', max: 60 }, { figure: 'failed', max: 0.002 }],
      hotspot: { factor: 1.5, forMs: 5000 },
    },
    variant: { name: variant, settings: { balancer: variant } },
    seed,
    command: `npm run evenkeel -- run web-day --variants ${variant} --seeds ${seed}`,
    fingerprint: `${(seed * 2654435761) % 0xffffffff}`.padStart(10, '0') + variant.length,
    events: 4_200_000 + seed * 311,
    buckets: { widthMs, count },
    figures: {
      'get.p50': figure('get p50', 'ms', 'lower', quantile(get, 0.5)),
      'get.p99': figure('get p99', 'ms', 'lower', quantile(get, 0.99)),
      'put.p99': figure('put p99', 'ms', 'lower', quantile(operations[2], 0.99)),
      failed: figure('failed or unknown requests', 'fraction', 'lower', failedShare),
      goodput: figure('goodput', 'per-second', 'higher', all ? round((all.ok * 1000) / durationMs, 5) : null),
      peakToMean: figure('peak-to-mean load, mean over time', 'ratio', 'lower', peaks.length ? round(mean(peaks), 4) : null),
      movedBytes: figure('bytes moved', 'bytes', 'lower', moved(movedRepair) + moved(movedDrain) + moved(movedLoad)),
      redundancy: figure('time to full redundancy', 's', 'lower', options.calm ? null : round((0.16 * durationMs * jitter(0.08)) / 1000, 4)),
      events: figure('kernel events', 'count', 'neither', 4_200_000 + seed * 311),
    },
    operations,
    phases: [
      ['warm-up', 0, 0.03], ['before', 0.03, 0.2], [`during crash ${crashed}`, 0.2, 0.33], ['after crash', 0.33, 0.45], [`during slow disk ${slow}`, 0.45, 0.62], ['after slow disk', 0.62, 0.84], [`during drain ${drained}`, 0.84, 1],
    ].map(([name, from, to]) => {
      const inside = (i: number): boolean => share(i) >= Number(from) && share(i) < Number(to);
      const sum = (series: readonly number[] | undefined): number => (series ?? []).reduce((s, v, i) => s + (inside(i) ? v : 0), 0);
      const requests = sum(all?.series.requests);
      const failed = sum(all?.series.failed);
      const unknown = sum(all?.series.unknown);
      const spread = (series: readonly (number | null)[] | undefined): number[] => (series ?? []).flatMap((v, i) => (v !== null && inside(i) ? [v] : []));
      const p99 = spread(all?.series.p99Ms);
      return {
        name: String(name), startMs: at(Number(from)), endMs: at(Number(to)), requests, ok: requests - failed - unknown, failed, unknown,
        goodputPerS: round(((requests - failed - unknown) * 1000) / Math.max(1, at(Number(to)) - at(Number(from))), 4),
        p50Ms: p99.length ? round(mean(p99) * 0.2) : null, p99Ms: p99.length ? round(mean(p99)) : null, maxMs: p99.length ? round(Math.max(...p99) * 2) : null,
        peakToMean: p99.length ? round(mean(spread(peakToMean))) : null,
      };
    }),
    nodes,
    imbalance: {
      peakToMean,
      cov: perBucket((loads) => round(deviation(loads) / mean(loads))),
      jain: perBucket((loads) => round(square(mean(loads)) / mean(loads.map(square)))),
      gini: perBucket((loads) => round(0.55 * (deviation(loads) / mean(loads)))),
      random: perBucket((loads, allOf) => round(1 + Math.sqrt((2 * Math.log(loads.length + 1) * loads.length) / Math.max(1, allOf * 1.6)))),
      storedPeakToMean: perBucket(() => round(1 + skew * 0.4)),
    },
    hotspots: options.calm ? [] : [
      {
        subject: 'node', id: `data-${(4 % dataNodes) + 1}`, startMs: at(0.72), endMs: at(0.8), peakFactor: round(1.5 + skew * 3), meanFactor: round(1.3 + skew * 2),
        keys: [{ key: 'front/index.html', share: 0.38 }, { key: 'img/hero.webp', share: 0.12 }, { key: 'api/session', share: 0.05 }], ended: 'the crowd left',
      },
      { subject: 'key', id: 'front/index.html', startMs: at(0.72), endMs: at(0.81), peakFactor: 210, meanFactor: 160, keys: [], ended: 'the crowd left' },
      ...(skew > 0.3 ? [{ subject: 'node' as const, id: slow, startMs: at(0.46), endMs: null, peakFactor: 1.7, meanFactor: 1.6, keys: [{ key: 'log/2026-01-01', share: 0.21 }], ended: 'still hot at the end' }] : []),
    ],
    faults: options.calm ? [] : [
      { kind: 'crash', line: `crash ${crashed} at ${at(0.2) / 1000} s for ${at(0.13) / 1000} s`, targets: [crashed], startMs: at(0.2), endMs: at(0.33), effects: 1 },
      { kind: 'slow-disk', line: `slow disk ${slow} ×3.4 at ${at(0.45) / 1000} s for ${at(0.17) / 1000} s`, targets: [slow], startMs: at(0.45), endMs: at(0.62), effects: 5120 },
      { kind: 'drain', line: `drain ${drained} at ${at(0.84) / 1000} s`, targets: [drained], startMs: at(0.84), endMs: null, effects: 64 },
    ],
    durability: {
      underReplicated: under, unavailable, lost: arrivals.map(() => 0),
      spans: options.calm ? [] : [
        { level: 'under-replicated', startMs: at(0.2), endMs: at(0.36), peakPartitions: 64 },
        { level: 'unavailable', startMs: at(0.2), endMs: at(0.205), peakPartitions: 2 },
      ],
    },
    ledger: {
      entries, omitted: options.calm ? 0 : 12,
      movedBytes: options.calm ? {} : { repair: movedRepair, drain: movedDrain, load: movedLoad },
      leastBytes: options.calm ? null : Math.round((moved(movedRepair) + moved(movedDrain)) * 0.93),
    },
    epochs: options.calm ? [] : [{ atMs: at(0.23), epoch: 2, why: `${crashed} out of the map` }, { atMs: at(0.84), epoch: 3, why: `${drained} draining` }],
    decisions: {
      entries: options.calm ? [] : [
        { atMs: at(0.21), by: 'failure-detector', subject: crashed, chose: 'suspect', why: 'no heartbeat for 3 s (lease 10 s)', rejected: [{ option: 'declare down', why: 'lease has 7 s left' }] },
        { atMs: at(0.23), by: 'repair', subject: 'partition 37', chose: 'copy data-1 → data-9', why: 'two verified replicas left, data-9 is emptiest in zone-c', rejected: [{ option: 'data-2', why: 'same rack as data-1' }, { option: 'wait', why: 'lease is over' }] },
      ],
      omitted: options.calm ? 0 : 31,
    },
    checks: [
      { id: 'I1', statement: 'no acknowledged write is missing', verdict: options.broken && variant !== 'ring-hash' ? 'violated' : 'held', evaluated: 41_230, detail: options.broken ? 'key img/7 generation 3 is on no node' : '', kind: 'correctness' },
      { id: 'I5', statement: 'a corrupted block is never returned', verdict: 'held', evaluated: 220_100, detail: '', kind: 'correctness' },
      { id: 'L1', statement: 'full redundancy within 120 s of the last fault', verdict: options.calm ? 'not-judged' : 'held', evaluated: options.calm ? 0 : 1, detail: '', kind: 'liveness' },
    ],
    notes: ['Bodies are scale models: 46 kB declared, 512 real bytes on average.', 'CPU cost of the gateway’s TLS is not modelled.'],
  };
}
