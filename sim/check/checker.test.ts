import { describe, expect, it } from 'vitest';
import type { CheckResult, FaultRecord } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import { Checker } from './checker.ts';
import type { CheckerInput, RunFacts } from './checker-input.ts';
import { mapOf } from './testdata/events.ts';

type Operation = Extract<StoreEvent, { kind: 'operation' }>;

const crash: FaultRecord = {
  kind: 'crash',
  line: 'crash b at 20 s',
  targets: ['b'],
  startMs: 20_000,
  endMs: 30_000,
  effects: 3,
};

/** A checker over two partitions on nodes a, b, c with N = 3 and W = 2. Keys "0…" are in partition 0, others in 1. */
function stage(change: Partial<CheckerInput> = {}) {
  const checker = new Checker({
    writeQuorum: 2,
    convergeWithinMs: 60_000,
    partitionOf: (key) => (key.startsWith('0') ? 0 : 1),
    ...change,
  });
  const base: Operation = {
    kind: 'operation',
    op: 'get',
    key: 'k',
    status: 'ok',
    missing: false,
    startedMs: 0,
    latencyMs: 10,
    sizeBytes: 1,
    generation: 0,
    checksum: 0,
    attempts: 1,
    metadataAttempts: 1,
    error: '',
  };
  const operation = (nowMs: number, event: Partial<Operation>) =>
    checker.onEvent('client-0', { ...base, ...event }, nowMs);
  const put = (nowMs: number, generation: number, checksum: number, more: Partial<Operation> = {}) =>
    operation(nowMs, { op: 'put', generation, checksum, ...more });
  const get = (nowMs: number, generation: number, checksum: number, more: Partial<Operation> = {}) =>
    operation(nowMs, { op: 'get', generation, checksum, ...more });
  const remove = (nowMs: number, generation: number, more: Partial<Operation> = {}) =>
    operation(nowMs, { op: 'delete', generation, ...more });
  const map = (nowMs: number, epoch: number, partitions: readonly (readonly string[])[], node = 'metadata-0') =>
    checker.onEvent(
      node,
      {
        kind: 'epoch',
        why: 'test',
        map: {
          epoch,
          replication: 3,
          nodes: ['a', 'b', 'c', 'd'].map((id) => ({
            ...{ id, zone: 'z', rack: 'r', host: id, weight: 1 },
            liveness: 'up',
            membership: 'active',
            gray: false,
            fullness: 'ok',
          })),
          partitions: partitions.map((replicas) => ({ replicas, joining: [] })),
        },
      },
      nowMs,
    );
  const finish = (facts: Partial<RunFacts> = {}): Map<string, CheckResult> => {
    const all = {
      nowMs: 200_000,
      faults: [],
      faultsPlanned: 0,
      trafficEndedMs: 0,
      sent: 10,
      answered: 10,
      balances: [],
      services: { gateways: ['gateway-0'], metadata: ['metadata-0', 'metadata-1', 'metadata-2'] },
      ...facts,
    };
    return new Map(checker.finish(all).map((result) => [result.id, result]));
  };
  const verdict = (id: string, facts: Partial<RunFacts> = {}) => {
    const result = finish(facts).get(id);
    return `${result?.verdict}: ${result?.detail}`;
  };
  return { checker, operation, put, get, remove, map, finish, verdict };
}

const ABC = ['a', 'b', 'c'];

describe('Checker', () => {
  it('judges nothing of a run without events', () => {
    const results = [...stage().finish().values()];
    expect(results.map(({ id }) => id)).toEqual([
      'I1',
      'I2',
      'I2-linearizable',
      'I3',
      'I4',
      'I5',
      'I5-disruption',
      'I6',
      'I6-fencing',
      'I7',
      'I8',
      'I8-zones',
      'I8-leftovers',
      'I8-answers',
      'I9',
      'I10',
      'I11',
      'I11-found',
      'I12',
      'I13',
      'I14',
      'I15',
      'I16',
      'I18',
      'faults-fired',
    ]);
    expect(new Set(results.map(({ verdict }) => verdict))).toEqual(new Set(['not-judged']));
  });

  it('finds nothing wrong with an honest history', () => {
    const { checker, put, get, remove, map, finish } = stage();
    map(0, 1, [ABC, ABC]);
    put(100, 1, 11);
    get(200, 1, 11);
    put(300, 0, 12, { status: 'unknown' });
    get(400, 2, 12);
    get(450, 3, 13, { key: 'in flight' });
    put(500, 3, 13, { key: 'in flight', latencyMs: 200 });
    remove(600, 4);
    get(700, 0, 0, { missing: true });
    checker.onEvent(
      'gateway-0',
      { kind: 'attempt', backend: 'b', partition: 1, outcome: 'ok', latencyMs: 1, retry: false },
      700,
    );
    checker.disk('a', 5, 10, 800);
    checker.verifyReadBack('k', { generation: 0, checksum: 0 });
    checker.verifyReadBack('in flight', { generation: 3, checksum: 13 });
    const results = [
      ...finish({ faults: [crash], faultsPlanned: 1, balances: [{ what: 'messages', left: 3, right: 3 }] }).values(),
    ];
    expect(results.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
    const held = results.filter(({ verdict }) => verdict === 'held').map(({ id }) => id);
    expect(held.join(' ')).toBe('I1 I2 I2-linearizable I6 I7 I8 I8-zones I8-answers I10 I11 I15 I16 I18 faults-fired');
  });
});

describe('I1 durability', () => {
  it('catches an acknowledged version that is missing, unreadable, older, or other than what was written', () => {
    for (const [found, says] of [
      [{ generation: 0, checksum: 0 }, 'k is missing; acknowledged was generation 5'],
      [undefined, "k can't be read; acknowledged was generation 5"],
      [{ generation: 4, checksum: 14 }, 'k is back at generation 4; acknowledged was generation 5'],
      [
        { generation: 5, checksum: 99 },
        'k, generation 5, has content that nobody wrote; acknowledged was generation 5',
      ],
      [
        { generation: 6, checksum: 99 },
        'k, generation 6, has content that nobody wrote; acknowledged was generation 5',
      ],
    ] as const) {
      const { checker, put, verdict } = stage();
      put(100, 4, 14);
      put(200, 5, 15);
      checker.verifyReadBack('k', found);
      expect(verdict('I1')).toBe(`violated: ${says}`);
    }
  });

  it('accepts what a write of unknown outcome may have done, and catches a deleted key that came back', () => {
    const { checker, put, remove, verdict } = stage();
    put(100, 1, 11, { key: 'a' });
    put(200, 0, 12, { key: 'a', status: 'unknown' });
    checker.verifyReadBack('a', { generation: 2, checksum: 12 });
    put(100, 3, 13, { key: 'b' });
    remove(200, 0, { key: 'b', status: 'unknown' });
    checker.verifyReadBack('b', { generation: 0, checksum: 0 });
    expect(checker.keysToVerify()).toEqual(['a', 'b']);
    put(300, 4, 14, { key: 'c' });
    remove(400, 5, { key: 'c' });
    checker.verifyReadBack('c', { generation: 4, checksum: 14 });
    expect(verdict('I1')).toBe('violated: c is back at generation 4; acknowledged was deleted by generation 5');
  });

  it('excuses a loss only where W replicas were destroyed and the loss was reported', () => {
    for (const { destroyed, reported, expected } of [
      { destroyed: ['a'], reported: true, expected: 'violated' },
      { destroyed: ['a', 'b'], reported: false, expected: 'violated' },
      { destroyed: ['a', 'b'], reported: true, expected: 'held' },
    ]) {
      const { checker, put, map, finish } = stage();
      map(0, 1, [ABC, ABC]);
      put(100, 1, 11);
      for (const node of destroyed) checker.diskDestroyed(node, 200);
      if (reported) checker.onEvent('metadata-0', { kind: 'lost', id: 'x', partition: 1 }, 300);
      checker.verifyReadBack('k', undefined);
      expect(finish().get('I1')?.verdict).toBe(expected);
    }
  });

  it('does not take silence for loss where nobody is there to answer', () => {
    const silent = (stop: readonly string[], error: string, faults: readonly FaultRecord[] = []) => {
      const { checker, put, remove, map, finish } = stage();
      map(0, 1, [ABC, ABC]);
      put(100, 1, 11);
      put(100, 2, 12, { key: 'gone' });
      remove(200, 3, { key: 'gone' });
      for (const id of stop) checker.nodeState(id, 'down', 300);
      checker.verifyReadBack('k', undefined, error);
      checker.verifyReadBack('gone', { generation: 0, checksum: 0 });
      const results = finish({ faults, faultsPlanned: faults.length });
      const [lost, silence] = [results.get('I1'), results.get('I8-answers')];
      return [`${lost?.verdict}: ${lost?.detail}`, `${silence?.verdict}: ${silence?.detail}`];
    };
    const unjudged = (why: string) => [
      `not-judged: 1 keys read back; 1 keys can't be judged: nobody answered (${why})`,
      `held: 1 keys could not be read: ${why}`,
    ];
    const isolated = { ...crash, kind: 'isolate', targets: ['gateway-0'], endMs: null };
    expect(silent(['gateway-0'], 'refused')).toEqual(unjudged('no gateway can be reached'));
    expect(silent([], 'timeout', [isolated])).toEqual(unjudged('no gateway can be reached'));
    expect(silent(['metadata-0', 'metadata-1'], 'metadata-unavailable')).toEqual(
      unjudged('no majority of metadata can be reached'),
    );
    const full = { ...crash, kind: 'full-disk', targets: ['metadata-0', 'metadata-1'], endMs: null };
    expect(silent([], 'unavailable', [full])).toEqual(unjudged('no majority of metadata can write to its disks'));
    expect(silent(['a', 'b'], 'bad-gateway')).toEqual(unjudged("a, b can't be reached"));
    expect(silent([], 'timeout')).toEqual([
      "not-judged: 1 keys read back; 1 keys can't be judged: nobody answered (timeout)",
      'violated: a read of k got no answer (timeout)',
    ]);
  });

  it('takes an answer that lacks the key for loss, whoever is gone', () => {
    for (const [stop, error] of [
      [['a', 'b'], 'absent'],
      [['gateway-0'], 'corrupt'],
      [['metadata-0'], 'unavailable'],
      [['a'], 'bad-gateway'],
      [[], 'bad-gateway'],
    ] as const) {
      const { checker, put, map, verdict } = stage();
      map(0, 1, [ABC, ABC]);
      put(100, 1, 11);
      for (const id of stop) checker.nodeState(id, 'down', 300);
      checker.verifyReadBack('k', undefined, error);
      expect(verdict('I1')).toBe(`violated: k can't be read (${error}); acknowledged was generation 1`);
    }
  });

  it('gives orphans their time from when others were last found', () => {
    const judged = (foundMs: number) => {
      const { checker, map, verdict } = stage({ orphanWithinMs: 10_000 });
      map(0, 1, [ABC, ABC]);
      const said = { by: 'inventory', subject: 'partition 0 on a', chose: 'condemn', why: '', rejected: [] };
      checker.onEvent('metadata-0', { kind: 'decision', ...said }, foundMs);
      const orphan = { id: 'orphan', partition: 1, ageMs: 50_000 };
      const work = { leader: 'metadata-0', repairs: 0, moves: 0, transfers: 0 };
      const stocks = [{ node: 'a', blocks: 1, unknown: [orphan], hasOrders: false }];
      return verdict('I8-leftovers', { leftovers: { work, stocks } });
    };
    expect(judged(190_000)).toContain('held');
    expect(judged(189_999)).toContain('violated: 200 s: a holds block orphan of partition 1 for 50 s');
  });

  it('knows versions that were there before the first operation', () => {
    const { checker, verdict } = stage();
    checker.preload('k', 3, 13);
    checker.verifyReadBack('k', { generation: 2, checksum: 12 });
    expect(verdict('I1')).toContain('k is back at generation 2');
  });
});

describe('I2 sessions', () => {
  it('catches a read that misses a write acknowledged before it was called', () => {
    const { put, get, verdict } = stage();
    put(100, 1, 11);
    put(200, 2, 12);
    get(250, 1, 11);
    expect(verdict('I2')).toBe(
      'violated: 0.25 s: a read of k gave generation 1 after generation 2 was certain at 0.2 s',
    );
  });

  it('lets a read that overlaps the write return the older version', () => {
    const { put, get, finish } = stage();
    put(100, 1, 11);
    put(200, 2, 12);
    get(205, 1, 11, { latencyMs: 10 });
    expect(finish().get('I2')?.verdict).toBe('held');
  });

  it('catches reads that go back in time', () => {
    const { put, get, verdict } = stage();
    put(100, 1, 11);
    get(150, 2, 12);
    get(300, 1, 11);
    put(400, 2, 12, { latencyMs: 350 });
    expect(verdict('I2')).toContain('a read of k gave generation 1 after generation 2 was certain at 0.15 s');
  });

  it('catches a key that was missing though nobody deleted it, and waits for a delete that may explain it', () => {
    const missing = stage();
    missing.put(100, 1, 11);
    missing.get(200, 0, 0, { missing: true });
    expect(missing.verdict('I2')).toContain('violated: 0.2 s: k was missing, though generation 1 was there at 0.1 s');
    const explained = stage();
    explained.put(100, 1, 11);
    explained.get(200, 0, 0, { missing: true });
    explained.remove(400, 2, { latencyMs: 300 });
    expect(explained.finish().get('I2')?.verdict).toBe('held');
  });

  it('catches a deleted key that reads as alive (I16)', () => {
    const { put, get, remove, verdict } = stage();
    put(100, 1, 11);
    remove(200, 2);
    get(300, 1, 11);
    expect(verdict('I2')).toContain('after its deletion by generation 2 was certain');
  });

  it('does not judge by writes that have been forgotten', () => {
    const { put, get, finish } = stage();
    for (let i = 1; i <= 100; i++) put(100 * i, i, 10 + i);
    get(10_050, 60, 70, { latencyMs: 4_020 });
    expect(finish().get('I2')).toMatchObject({ verdict: 'not-judged', detail: 'no read was judged; 1 not judged' });
  });
});

describe('I6 and I7', () => {
  it('catches one generation for two writes', () => {
    const { put, verdict } = stage();
    put(100, 7, 11, { key: 'a' });
    put(200, 7, 12, { key: 'b' });
    expect(verdict('I6')).toContain(
      'generation 7 went to a put of b with checksum 12 and to a put of a with checksum 11',
    );
  });

  it('takes a condition that did not hold for no write', () => {
    const { put, finish } = stage();
    put(100, 7, 11);
    put(200, 7, 0);
    expect(finish().get('I6')?.verdict).toBe('held');
    expect(finish().get('I1')?.verdict).toBe('not-judged');
  });

  it('catches two maps of one epoch', () => {
    const { map, verdict } = stage();
    map(100, 1, [ABC, ABC]);
    map(200, 1, [ABC, ['a', 'b', 'd']], 'metadata-1');
    expect(verdict('I7')).toContain('metadata-1 installed another map as epoch 1');
  });

  it('catches epochs that go back, but not after a restart', () => {
    const back = stage();
    back.map(100, 2, [ABC, ABC]);
    back.map(200, 1, [ABC, ABC]);
    expect(back.verdict('I7')).toBe('violated: 0.2 s: metadata-0 went back from epoch 2 to 1');
    const restarted = stage();
    restarted.map(100, 2, [ABC, ABC]);
    restarted.checker.nodeState('metadata-0', 'down', 150);
    restarted.map(200, 1, [ABC, ABC]);
    expect(restarted.finish().get('I7')?.verdict).toBe('held');
  });
});

describe('I8 convergence', () => {
  const run = (script: (staged: ReturnType<typeof stage>) => void, facts: Partial<RunFacts> = {}) => {
    const staged = stage();
    staged.map(0, 1, [ABC, ABC]);
    staged.checker.nodeState('b', 'down', 20_000);
    script(staged);
    return staged.verdict('I8', { faults: [crash], faultsPlanned: 1, ...facts });
  };

  it('holds when redundancy is back in time', () => {
    expect(run(({ checker }) => checker.nodeState('b', 'up', 30_000))).toBe(
      'held: whole 0 s after the last fault and the end of traffic',
    );
    expect(
      run(({ map }) =>
        map(50_000, 2, [
          ['a', 'c', 'd'],
          ['a', 'c', 'd'],
        ]),
      ),
    ).toBe('held: whole 20 s after the last fault and the end of traffic');
  });

  it('catches a store that does not heal, or too late', () => {
    expect(run(({ map }) => map(50_000, 2, [['a', 'c', 'd'], ABC]))).toBe(
      'violated: 1 partitions lack replicas 170 s after the last fault and the end of traffic (1 …); 60 s are accepted',
    );
    expect(
      run(({ map }) =>
        map(95_000, 2, [
          ['a', 'c', 'd'],
          ['a', 'c', 'd'],
        ]),
      ),
    ).toBe('violated: whole only 65 s after the last fault and the end of traffic; 60 s are accepted');
    expect(
      run(({ checker }) => {
        checker.nodeState('b', 'up', 30_000);
        checker.onEvent('metadata-0', { kind: 'replica', partition: 1, node: 'b', complete: false }, 31_000);
      }),
    ).toContain('violated: 1 partitions lack replicas');
  });

  it('does not judge where time or nodes are too few', () => {
    expect(run(() => {}, { nowMs: 50_000 })).toBe(
      'not-judged: the run ended 20 s after the last fault and the end of traffic; it has 60 s',
    );
    const stopMore = ({ checker }: ReturnType<typeof stage>) => {
      for (const id of ['a', 'c']) checker.nodeState(id, 'down', 25_000);
    };
    expect(run(stopMore)).toBe('not-judged: 1 data nodes are left running and in reach, too few for 3 replicas');
  });

  it('does not judge what a fault without an end forbids', () => {
    const forGood = (kind: string, targets: string[]): Partial<RunFacts> => ({
      faults: [crash, { ...crash, kind, targets, endMs: null }],
      faultsPlanned: 2,
    });
    expect(run(() => {}, forGood('isolate', ['c']))).toBe(
      'not-judged: 2 data nodes are left running and in reach, too few for 3 replicas',
    );
    expect(run(() => {}, forGood('isolate', ['metadata-0', 'metadata-2']))).toBe(
      'not-judged: no majority of metadata can be reached to order repairs',
    );
    expect(run(() => {}, forGood('partition', ['gateway-0']))).toBe(
      'not-judged: a partition without an end may keep replicas from their sources',
    );
    expect(
      run(() => {}, forGood('isolate', ['gateway-0'])),
      'repairs need no gateway',
    ).toContain('violated');
    expect(run(() => {}, { faults: [crash, { ...crash, kind: 'isolate', targets: ['c'] }] })).toContain('violated');
  });
});

describe('I10, I15, I18, faults', () => {
  it('catches a disk that is more than full', () => {
    const { checker, verdict } = stage();
    checker.disk('a', 11, 10, 100);
    expect(verdict('I10')).toBe('violated: 0.1 s: a holds 11 bytes; its capacity is 10');
  });

  it('catches a pick that is not eligible, but allows for a map that was replaced lately', () => {
    const attempt = (backend: string): StoreEvent => ({
      kind: 'attempt',
      backend,
      partition: 0,
      outcome: 'ok',
      latencyMs: 1,
      retry: false,
    });
    const late = stage();
    late.map(0, 1, [ABC, ABC]);
    late.map(10_000, 2, [['a', 'b', 'd'], ABC]);
    late.checker.onEvent('gateway-0', attempt('c'), 40_000);
    expect(late.finish().get('I15')?.verdict).toBe('held');
    late.checker.onEvent('gateway-0', attempt('c'), 80_000);
    expect(late.verdict('I15')).toBe(
      'violated: 80 s: gateway-0 asked c for partition 0, which it neither holds nor receives',
    );
  });

  it('catches attempts and retries beyond their budget, and answers without request', () => {
    const limits = { clientAttempts: 3, retries: { ratio: 0.1, burst: 1 } };
    const greedy = stage({ limits });
    greedy.get(100, 0, 0, { attempts: 4 });
    expect(greedy.verdict('I15')).toBe('violated: 0.1 s: a get of k took 4 attempts; 3 are allowed');
    const retrying = stage({ limits });
    for (let i = 0; i < 22; i++) {
      const retry = i >= 20;
      retrying.checker.onEvent(
        'gateway-0',
        { kind: 'attempt', backend: 'a', partition: 0, outcome: 'ok', latencyMs: 1, retry },
        i,
      );
    }
    expect(retrying.finish().get('I15')?.verdict).toBe('held');
    for (let i = 0; i < 2; i++) {
      retrying.checker.onEvent(
        'gateway-0',
        { kind: 'attempt', backend: 'a', partition: 0, outcome: 'ok', latencyMs: 1, retry: true },
        99,
      );
    }
    expect(retrying.verdict('I15')).toBe(
      'violated: gateway-0 made 4 retries on 20 first attempts; its budget allows 3',
    );
    expect(stage().verdict('I15', { sent: 10, answered: 11 })).toBe('violated: 11 answers came to 10 requests');
  });

  it('grants a gateway that starts again its burst again', () => {
    const run = (restarts: boolean) => {
      const { checker, finish } = stage({ limits: { retries: { ratio: 0.1, burst: 1 } } });
      const attempt = (retry: boolean) =>
        checker.onEvent(
          'gateway-0',
          { kind: 'attempt', backend: 'a', partition: 0, outcome: 'ok', latencyMs: 1, retry },
          1,
        );
      for (let i = 0; i < 24; i++) attempt(i >= 20);
      if (restarts) checker.nodeState('gateway-0', 'up', 2, 2);
      return finish().get('I15')?.verdict;
    };
    expect(run(false)).toBe('violated');
    expect(run(true)).toBe('held');
  });

  it('blames a client for its attempts whatever happens, and not for its questions to metadata', () => {
    const run = (change: object) => {
      const { checker, operation, finish } = stage({ limits: { clientAttempts: 3 } });
      for (let term = 1; term <= 3; term++) {
        checker.onEvent('metadata-0', { kind: 'election', term, leader: 'metadata-0' }, term);
      }
      operation(100, change);
      return finish({ faults: [crash], faultsPlanned: 1 }).get('I15')?.verdict;
    };
    expect(run({ attempts: 4 })).toBe('violated');
    expect(run({ attempts: 3, metadataAttempts: 40 })).toBe('held');
  });

  it('holds what gateways have counted against what they told and may do', () => {
    const told = (counts: object) => {
      const { checker, verdict } = stage({ limits: { gatewayAttempts: (owners) => 2 * owners } });
      checker.onEvent('m', { kind: 'epoch', map: mapOf(1, [['a', 'b']]), why: '' }, 0);
      for (let i = 0; i < 5; i++) {
        const attempt = { kind: 'attempt', backend: 'a', partition: 0, outcome: 'ok', latencyMs: 1 } as const;
        checker.onEvent('g', { ...attempt, retry: i === 4 }, 1);
      }
      const counted = { node: 'g', requests: 4, answers: 4, attempts: 5, retries: 1, ...counts };
      return verdict('I15', { gateways: [counted] });
    };
    expect(told({})).toMatch('held');
    expect(told({ answers: 5 })).toBe('violated: g gave 5 answers to 4 requests');
    expect(told({ requests: 1, answers: 1 })).toBe(
      'violated: g made 5 attempts for 1 requests; 4 are allowed for each',
    );
    expect(told({ attempts: 6 })).toBe('violated: g counted 6 attempts, 1 of them retries, and told of 5 and 1');
  });

  it('knows a process that installs something else than the map of its epoch', () => {
    const { checker, finish } = stage();
    checker.onEvent('m', { kind: 'epoch', map: mapOf(4, [['a', 'b']]), why: '' }, 0);
    const seen = (node: string, map: ReturnType<typeof mapOf>) =>
      checker.onEvent(node, { kind: 'map-seen', epoch: 4, via: 'push', map }, 1);
    seen('g', mapOf(4, [['a', 'b']]));
    expect(finish().get('I14')?.verdict).toBe('held');
    seen('h', mapOf(4, [['b', 'a']]));
    expect(finish().get('I14')?.detail).toMatch('h installed another map than that of epoch 4');
  });

  it('catches counters that do not balance', () => {
    expect(stage().verdict('I18', { balances: [{ what: 'messages sent = delivered', left: 3, right: 2 }] })).toBe(
      'violated: messages sent = delivered: 3 against 2',
    );
  });

  it('catches faults that touched nothing or never started', () => {
    const idle = { ...crash, effects: 0 };
    expect(stage().verdict('faults-fired', { faults: [idle], faultsPlanned: 2 })).toBe(
      'violated: "crash b at 20 s" touched nothing; 1 of 2 faults never started',
    );
  });
});

describe('I11 honesty', () => {
  it('catches bytes that nobody wrote', () => {
    const known = stage();
    known.put(100, 1, 11);
    known.get(200, 1, 12);
    expect(known.verdict('I11')).toBe(
      'violated: 0.2 s: a read of k, generation 1, gave bytes with checksum 12; written was 11',
    );
    const other = stage();
    other.put(100, 1, 11);
    other.get(200, 2, 12);
    expect(other.verdict('I11')).toBe(
      'violated: 0.2 s: a read of k, generation 2, gave bytes with checksum 12, which nobody wrote',
    );
  });

  it('lets only a write that was under way explain a version that was not acknowledged', () => {
    const explained = stage();
    explained.get(200, 2, 12);
    explained.put(300, 2, 12, { latencyMs: 150 });
    expect(explained.finish().get('I11')?.verdict).toBe('held');
    const later = stage();
    later.get(200, 2, 12);
    later.put(300, 2, 12, { latencyMs: 50 });
    expect(later.finish().get('I11')?.verdict).toBe('violated');
  });

  it('leaves open what an operation that never ended may have written', () => {
    const { get, verdict } = stage();
    get(200, 2, 12);
    expect(verdict('I11', { sent: 10, answered: 9 })).toBe('not-judged: no body was judged; 1 not judged');
  });
});
