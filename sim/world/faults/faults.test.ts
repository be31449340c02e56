import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CallFailure, Exchange, Host, Message } from '../../host.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { smallNetwork, smallNode } from '../testing.ts';
import { World } from '../world.ts';
import { defineFault, type FaultSpec } from './fault.ts';
import { FaultInjector, type FaultInjectorOptions } from './injector.ts';
import { FaultRegistry, faultSchema, WORLD_FAULTS } from './registry.ts';

const registry = new FaultRegistry(WORLD_FAULTS);

describe('faults take effect, say so, and end', () => {
  it('crash: the process is gone, then back in its next incarnation', () => {
    const { world, kernel, injector, beats } = cluster([
      { kind: 'crash', target: 'data-1', atMs: 100, durationMs: 50 },
    ]);
    kernel.run(120);
    expect(world.node('data-1').state).toBe('down');
    kernel.run(200);
    expect(world.node('data-1').state).toBe('up');
    expect(world.node('data-1').incarnation).toBe(2);
    expect(injector.windows()).toEqual([
      {
        kind: 'crash',
        line: 'crash data-1 at 100 ms for 50 ms',
        targets: ['data-1'],
        startMs: 100,
        endMs: 150,
        effects: 1,
      },
    ]);
    expect(beats('data-1').failures).toContain('refused');
    expect(beats('data-1').failures).not.toContain('timeout');
  });

  it('crash of the machine: silence instead of refusals', () => {
    const { kernel, injector, beats } = cluster([{ kind: 'crash', target: 'data-1', atMs: 100, mode: 'machine' }]);
    kernel.run(200);
    expect(injector.windows()[0]).toMatchObject({ line: 'power loss of data-1 at 100 ms', endMs: null, effects: 1 });
    expect(beats('data-1').failures).toContain('timeout');
    expect(beats('data-1').failures).not.toContain('refused');
  });

  it('a crash of what is down already has no effect, and its end restarts nothing of others', () => {
    const { world, kernel, injector } = cluster([
      { kind: 'crash', target: 'data-1', atMs: 100, durationMs: 100 },
      { kind: 'crash', target: 'data-1', atMs: 120, durationMs: 10 },
    ]);
    kernel.run(150);
    expect(world.node('data-1').state).toBe('down');
    kernel.run(300);
    expect(injector.windows().map(({ effects }) => effects)).toEqual([1, 0]);
    expect(world.node('data-1').incarnation).toBe(2);
  });

  it('the end of a crash does not restart what has been restarted and crashed again since', () => {
    const { world, kernel } = cluster([
      { kind: 'crash', target: 'data-1', atMs: 100, durationMs: 100 },
      { kind: 'crash', target: 'data-1', atMs: 130, durationMs: 200 },
    ]);
    kernel.run(120);
    world.restart('data-1');
    kernel.run(250);
    expect(world.node('data-1').state).toBe('down');
    kernel.run(400);
    expect(world.node('data-1').incarnation).toBe(3);
  });

  it('pause: stands still, then goes on in the same incarnation', () => {
    const { world, kernel, injector } = cluster([{ kind: 'pause', target: 'data-1', atMs: 100, durationMs: 20 }]);
    kernel.run(110);
    expect(world.node('data-1').state).toBe('paused');
    kernel.run(130);
    expect(world.node('data-1').state).toBe('up');
    expect(world.node('data-1').incarnation).toBe(1);
    expect(injector.windows()[0]).toMatchObject({ line: 'pause data-1 at 100 ms for 20 ms', effects: 1 });
  });

  it('slow disk: every operation takes so many times longer, and is counted', () => {
    const { world, kernel, injector, beats } = cluster([
      { kind: 'slow-disk', target: 'data-1', factor: 10, atMs: 500, durationMs: 500 },
    ]);
    const readsMs = (untilMs: number): number => {
      const before = world.node('data-1').gauges().disk;
      kernel.run(untilMs);
      const after = world.node('data-1').gauges().disk;
      return (after.busyMs - before.busyMs) / (after.completed - before.completed);
    };
    const healthyMs = readsMs(500);
    expect(readsMs(1000) / healthyMs).toBeCloseTo(10, 0);
    expect(readsMs(1500) / healthyMs).toBeCloseTo(1, 0);
    const [window] = injector.windows();
    expect(window?.line).toBe('slow disk × 10 on data-1 at 500 ms for 500 ms');
    // One read for each beat of this node in half a second, and none of any other node.
    expect(window?.effects).toBeGreaterThan(80);
    expect(window?.effects).toBeLessThan(120);
    expect(beats('data-1').replies).toBeGreaterThan(250);
  });

  it('slow CPU: all work takes so many times longer, and is counted', () => {
    const { world, kernel, injector } = cluster([
      { kind: 'slow-cpu', target: 'data-1', factor: 5, atMs: 1000, durationMs: 1000 },
    ]);
    kernel.run(1000);
    const before = world.node('data-1').gauges().cpu.busyMs;
    kernel.run(2000);
    const during = world.node('data-1').gauges().cpu.busyMs - before;
    kernel.run(3000);
    const after = world.node('data-1').gauges().cpu.busyMs - before - during;
    expect(during / before).toBeGreaterThan(4);
    expect(after / before).toBeLessThan(1.4);
    expect(injector.windows()[0]?.effects).toBeGreaterThan(150);
  });

  it('partition: two groups hear nothing of each other, and everything of the rest', () => {
    const { kernel, injector, beats, world } = cluster([
      { kind: 'partition', target: 'data-1', other: ['beat-1'], atMs: 100, durationMs: 100 },
    ]);
    kernel.run(100);
    const [before, others] = [beats('data-1').replies, beats('data-2').replies];
    kernel.run(200);
    expect(beats('data-1').replies - before).toBeLessThan(3);
    expect(beats('data-2').replies - others).toBeGreaterThan(10);
    expect(injector.windows()[0]?.line).toBe('partition between data-1 and beat-1 at 100 ms for 100 ms');
    expect(injector.windows()[0]?.effects).toBe(world.messages().dropped.partition);
    kernel.run(300);
    expect(beats('data-1').replies - before).toBeGreaterThan(10);
  });

  it('isolate: a group is alone, but not within itself', () => {
    const { kernel, injector, beats, world } = cluster([
      { kind: 'isolate', target: ['data-1', 'beat-1'], atMs: 100, durationMs: 100 },
    ]);
    kernel.run(100);
    const [inside, outside] = [beats('data-1').replies, beats('data-2').replies];
    kernel.run(200);
    expect(beats('data-1').replies - inside).toBeGreaterThan(10);
    expect(beats('data-2').replies - outside).toBeLessThan(3);
    expect(injector.windows()[0]?.effects).toBe(world.messages().dropped.partition);
  });

  it('packet loss: the stated share of what the targets send and receive', () => {
    const { kernel, injector, beats, world } = cluster([{ kind: 'packet-loss', target: 'data-1', rate: 0.2, atMs: 0 }]);
    kernel.run(5000);
    const { replies, failures } = beats('data-1');
    // A beat is answered if neither it nor its answer is lost.
    expect(replies / (replies + failures.length)).toBeCloseTo(0.64, 1);
    expect(beats('data-2').failures).toEqual([]);
    expect(injector.windows()[0]?.effects).toBe(world.messages().dropped.loss);
    expect(injector.windows()[0]?.line).toBe('loss of 20 % of messages on data-1 at 0 s');
  });

  it('a fault that touches nothing says 0', () => {
    const { kernel, injector } = cluster([
      { kind: 'slow-disk', target: 'idle-1', factor: 2, atMs: 10, durationMs: 10 },
    ]);
    kernel.run(100);
    expect(injector.windows()[0]?.effects).toBe(0);
  });

  it('a fault beyond the end of the run has not struck', () => {
    const { kernel, injector } = cluster([{ kind: 'pause', target: 'role:data', atMs: 300_000 }]);
    kernel.run(100);
    expect(injector.windows()).toEqual([]);
    expect(injector.unstruck()).toEqual(['pause role:data at 5 min']);
  });
});

describe('targets', () => {
  const struck = (target: FaultSpec['target'], seed = 'targets', options: FaultInjectorOptions = {}) => {
    const { kernel, injector } = cluster([{ kind: 'pause', target, atMs: 10, durationMs: 10 }], seed, options);
    kernel.run(30);
    return injector.windows()[0];
  };

  it('are names, zones, racks, roles, all, and lists of them, each once', () => {
    expect(struck('data-2')?.targets).toEqual(['data-2']);
    expect(struck('zone:b')?.targets).toEqual(['data-2', 'data-4']);
    expect(struck('rack:a/1')?.targets).toEqual(['beat-1', 'data-1', 'idle-1']);
    expect(struck('role:data')?.targets).toEqual(['data-1', 'data-2', 'data-3', 'data-4']);
    expect(struck(['data-4', 'zone:b', 'data-1'])?.targets).toEqual(['data-1', 'data-2', 'data-4']);
    expect(struck('all')?.targets).toHaveLength(6);
    expect(struck('zone:b')?.line).toBe('pause data-2, data-4 (zone:b) at 10 ms for 10 ms');
  });

  it('at random are so many different ones, by the seed, whatever else happens', () => {
    const drawn = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const first = struck({ random: 2, of: 'role:data' }, `${seed}`)?.targets ?? [];
      expect(new Set(first).size).toBe(2);
      expect(struck({ random: 2, of: 'role:data' }, `${seed}`)?.targets).toEqual(first);
      drawn.add(first.join());
    }
    expect(drawn.size, 'all six pairs of four').toBe(6);
    // Another fault that draws does not move it.
    const random: FaultSpec = { kind: 'pause', target: { random: 1, of: 'role:data' }, atMs: 10 };
    const loss: FaultSpec = { kind: 'packet-loss', target: 'all', rate: 0.5, atMs: 0 };
    for (const seed of ['1', '2', '3', '4']) {
      const targets = [[random], [random, loss]].map((faults) => {
        const { kernel, injector } = cluster(faults, seed);
        kernel.run(30);
        return injector.windows()[0]?.targets;
      });
      expect(targets[0]).toEqual(targets[1]);
    }
  });

  it('of the moment are asked for when the fault strikes', () => {
    const dynamic = { names: ['leader'], resolve: (selector: string) => (selector === 'leader:x' ? ['data-3'] : []) };
    expect(struck('leader:x', 'd', { dynamic })).toMatchObject({
      targets: ['data-3'],
      line: 'pause data-3 (leader:x) at 10 ms for 10 ms',
    });
    expect(struck('leader', 'd', { dynamic }), 'nobody leads: nothing happened').toMatchObject({
      targets: [],
      effects: 0,
    });
  });

  it('that match nothing are refused before the run', () => {
    const arm = (target: FaultSpec['target'], options: FaultInjectorOptions = {}) =>
      cluster([{ kind: 'pause', target, atMs: 1 }], 's', options);
    expect(() => arm('data-9')).toThrow('faults[0] (pause): target "data-9" matches no node; did you mean "data-1"?');
    expect(() => arm('role:dta')).toThrow('did you mean "role:data"?');
    expect(() => arm('zone:q')).toThrow(/"zone:q" matches no node/);
    expect(() => arm(['data-1', 'nobody-at-all'])).toThrow(/"nobody-at-all" matches no node; known: /);
    expect(() => arm({ random: 5, of: 'role:data' })).toThrow('target wants 5 at random of role:data, which has 4');
    expect(() => arm('data-9', { futureNodes: ['data-9'] })).not.toThrow();
  });

  it('that put a node on both sides of a partition are refused before the run', () => {
    const arm = (target: FaultSpec['target'], other: FaultSpec['target']) =>
      cluster([{ kind: 'partition', target, other, atMs: 1 }]);
    for (const target of ['data-1', ['beat-1', 'data-1'], 'zone:a']) {
      expect(() => arm(target, ['data-1', 'data-2'])).toThrow(
        'faults[0] (partition): groups must not share nodes, found on both sides: data-1',
      );
    }
    expect(() => arm('data-1', ['data-2', 'beat-1'])).not.toThrow();
  });

  it('that a draw puts on both sides of a partition stay on the side of the target', () => {
    const { injector, kernel, beats } = cluster([
      { kind: 'partition', target: { random: 1, of: ['beat-1'] }, other: ['beat-1', 'data-1'], atMs: 1 },
    ]);
    kernel.run(500);
    expect(injector.windows()[0]?.effects).toBeGreaterThan(0);
    expect(beats('data-1').replies).toBeLessThan(3);
    expect(beats('data-2').replies).toBeGreaterThan(10);
  });
});

describe('the schema of faults', () => {
  const schema = faultSchema(registry);
  const refusal = (fault: unknown) =>
    schema.safeParse(fault).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);

  it('takes each kind with its own fields', () => {
    expect(schema.parse({ kind: 'crash', target: 'data-1', atMs: 5 })).toEqual({
      kind: 'crash',
      target: 'data-1',
      atMs: 5,
      mode: 'process',
    });
    expect(
      schema.parse({ kind: 'slow-disk', target: { random: 1, of: 'role:data' }, atMs: 5, factor: 3 }),
    ).toMatchObject({ factor: 3 });
  });

  it('refuses the rest, naming the field, what was found and what is meant', () => {
    expect(refusal({ kind: 'crush', target: 'a', atMs: 5 })).toEqual([
      'kind: unknown fault kind "crush"; did you mean "crash"?',
    ]);
    expect(refusal({ kind: 'earthquake', target: 'a', atMs: 5 })?.[0]).toMatch(/known: crash, pause, slow-disk/);
    expect(refusal({ kind: 'slow-disk', target: 'a', atMs: 5, facter: 3, factor: 2 })?.[0]).toMatch(
      /"facter"; did you mean "factor"\?/,
    );
    expect(refusal({ kind: 'slow-disk', target: 'a', atMs: 5, factor: 1 })?.[0]).toMatch(/^factor: .*found 1$/);
    expect(refusal({ kind: 'slow-disk', target: 'a', factor: 2 })?.[0]).toMatch(/^atMs: .*found nothing$/);
    expect(refusal({ kind: 'pause', target: 'a', atMs: -5 })?.[0]).toMatch(/^atMs: .*found -5$/);
    expect(refusal({ kind: 'packet-loss', target: 'a', atMs: 5, rate: 1.5 })?.[0]).toMatch(/^rate: .*found 1.5$/);
    expect(refusal({ atMs: 5 })).toHaveLength(1);
  });

  it('takes kinds that other rooms define', () => {
    const seen: number[] = [];
    const addNode = defineFault({
      kind: 'add-node',
      summary: 'adds nodes',
      target: 'none',
      duration: 'none',
      params: { count: z.number().int() },
      describe: ({ params }) => `add ${params.count} nodes`,
      start: ({ params }) => {
        seen.push(params.count);
        return { stop: () => {}, effects: () => params.count };
      },
    });
    const more = new FaultRegistry([...WORLD_FAULTS, addNode]);
    const fault = faultSchema(more).parse({ kind: 'add-node', count: 3, atMs: 2000 });
    expect(refusal({ kind: 'add-node', count: 3, atMs: 2000 })?.[0]).toMatch(/unknown fault kind "add-node"/);
    expect(faultSchema(more).safeParse({ ...fault, target: 'data-1' }).success).toBe(false);
    const { world, kernel } = cluster([]);
    const injector = new FaultInjector(world, more, [fault]);
    injector.arm();
    kernel.run(3000);
    expect(seen).toEqual([3]);
    expect(injector.windows()).toEqual([
      { kind: 'add-node', line: 'add 3 nodes at 2 s', targets: [], startMs: 2000, endMs: null, effects: 3 },
    ]);
    expect(() => new FaultRegistry([addNode, addNode])).toThrow(/"add-node" is defined twice/);
    expect(() => new FaultInjector(world, registry, [fault])).toThrow(
      'faults[0] (add-node): unknown fault kind "add-node"',
    );
  });
});

/** Four data nodes in two zones, one that calls each of them every 5 ms for a read of its disk, and an idle one. */
function cluster(faults: readonly FaultSpec[], seed = 'faults', options: FaultInjectorOptions = {}) {
  const kernel = new Kernel(seed);
  const world = new World(kernel, smallNetwork, () => {});
  const beats = new Map<string, Beat>();
  world.addNode(smallNode('beat-1'), (host) => {
    for (let i = 1; i <= 4; i++) beats.set(`data-${i}`, new Beat(host, `data-${i}`));
  });
  for (let i = 1; i <= 4; i++) {
    const place = { zone: i % 2 === 1 ? 'a' : 'b', rack: String(Math.ceil(i / 2)) };
    world.addNode(smallNode(`data-${i}`, place), (host) => new Reader(host));
  }
  world.addNode(smallNode('idle-1'), () => {});
  for (const node of world.nodes()) world.start(node.id);
  const injector = new FaultInjector(world, registry, faults, options);
  injector.arm();
  const beatsOf = (id: string): Beat => {
    const beat = beats.get(id);
    if (beat === undefined) throw new Error(`no beats to ${id}`);
    return beat;
  };
  return { world, kernel, injector, beats: beatsOf };
}

class Beat {
  replies = 0;
  readonly failures: CallFailure[] = [];
  readonly #host: Host;
  readonly #to: string;

  constructor(host: Host, to: string) {
    this.#host = host;
    this.#to = to;
    this.onTimer();
  }

  onTimer(): void {
    this.#host.network.call(this.#to, { kind: 'beat' }, 20, this, 0);
    this.#host.timers.after(5, this, 0);
  }

  onReply(): void {
    this.replies++;
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    this.failures.push(failure);
  }
}

/** Answers each request with a read of its disk. */
class Reader {
  readonly #host: Host;
  readonly #open: Exchange[] = [];

  constructor(host: Host) {
    this.#host = host;
    host.network.serve(this);
    host.disk.append('log', new Uint8Array(10), 10, { onDisk: () => {} }, 0);
  }

  onRequest(_request: Message, exchange: Exchange): void {
    this.#open.push(exchange);
    this.#host.disk.read('log', 0, 1, 1000, this, 0);
  }

  onDisk(): void {
    this.#open.shift()?.reply({ kind: 'beaten' });
  }

  onMessage(): void {}
}
