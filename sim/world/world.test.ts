import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallFailure, Exchange, Host, Message, TraceEvent } from '../host.ts';
import { Kernel } from '../kernel/kernel.ts';
import { HEADER_BYTES, type LinkOverlay, type MessageCounts } from './fabric.ts';
import type { NetworkSpec, NodeSpec } from './spec.ts';
import { instantNetwork, smallNetwork, smallNode } from './testing.ts';
import { World } from './world.ts';

describe('messages', () => {
  it('are conserved under loss, partitions, pauses and crashes: sent = delivered + dropped + in flight', () => {
    const step = fc.record({
      what: fc.constantFrom('crash', 'power', 'restart', 'pause', 'resume', 'cut', 'heal'),
      node: fc.integer({ min: 0, max: 3 }),
      waitMs: fc.double({ min: 0.05, max: 3, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.integer(), (steps, seed) => {
        const kernel = new Kernel(`conserve-${seed}`);
        const world = new World(kernel, { ...smallNetwork, lossRate: 0.05 }, () => {});
        const ids = ['n-0', 'n-1', 'n-2', 'n-3'];
        for (const id of ids) world.addNode(smallNode(id), (host) => new Gossip(host, ids));
        for (const id of ids) world.start(id);
        for (const { what, node, waitMs } of steps) {
          const id = ids[node] ?? '';
          if (what === 'crash') world.crash(id, { mode: 'process' });
          else if (what === 'power') world.crash(id, { mode: 'machine' });
          else if (what === 'restart') world.restart(id);
          else if (what === 'pause') world.pause(id);
          else if (what === 'resume') world.resume(id);
          else if (what === 'cut') world.fabric.overlays.add(cutOff(id));
          else world.fabric.overlays.active.length = 0;
          kernel.run(kernel.nowMs + waitMs);
          expectConserved(world.messages());
        }
        // At rest nothing is under way any more, so the books must close without that entry.
        for (const id of ids) {
          world.resume(id);
          world.crash(id, { mode: 'machine' });
        }
        kernel.run(kernel.nowMs + 10_000);
        expect(world.messages().inFlight).toBe(0);
        expectConserved(world.messages());
        for (const node of world.nodes()) expect(node.gauges().cpu.queue).toBe(0);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('wait for the line of their sender, by their declared size', () => {
    const { world, kernel, a, b } = pair({ network: { ...instantNetwork, bandwidthBytesPerS: 1e6 } });
    a.host.network.send('b-1', { kind: 'm', body: { sizeBytes: 10_000 - HEADER_BYTES, bytes: new Uint8Array(1) } });
    a.host.network.send('b-1', { kind: 'm', controlBytes: 5_000 - HEADER_BYTES });
    // Not over the line: within the machine.
    a.host.network.send('a-1', { kind: 'm' });
    kernel.run(100);
    expect(b.arrivals).toEqual([10, 15]);
    expect(a.arrivals).toEqual([0]);
    expect(world.node('a-1').gauges()).toMatchObject({
      bytesOut: 15_000 + HEADER_BYTES,
      messagesOut: 3,
      messagesIn: 1,
    });
    expect(world.node('b-1').gauges()).toMatchObject({ bytesIn: 15_000, messagesIn: 2 });
  });

  it('take the latency of the distance', () => {
    const fixed = (meanMs: number) => ({ kind: 'fixed' as const, meanMs });
    const latency = { local: fixed(1), rack: fixed(2), zone: fixed(3), 'cross-zone': fixed(4) };
    const kernel = new Kernel('distance');
    const world = new World(kernel, { ...instantNetwork, latency }, () => {});
    const places: readonly [string, string, string, string?][] = [
      ['here', 'a', '1', 'h'],
      ['same-host', 'a', '1', 'h'],
      ['same-rack', 'a', '1'],
      ['same-zone', 'a', '2'],
      // Racks are numbered within their zone.
      ['other-zone', 'b', '1'],
    ];
    const nodes = new Map(places.map(([id]) => [id, new Recorder()]));
    for (const [id, zone, rack, host] of places) {
      const spec: NodeSpec = { ...free(smallNode(id, { zone, rack })), ...(host === undefined ? {} : { host }) };
      world.addNode(spec, (h) => nodes.get(id)?.boot(h));
      world.start(id);
    }
    for (const [id] of places) nodes.get('here')?.host.network.send(id, { kind: 'm' });
    kernel.run(10);
    expect(places.map(([id]) => nodes.get(id)?.arrivals)).toEqual([[1], [1], [2], [3], [4]]);
  });
});

describe('a machine that loses power', () => {
  it('says nothing: open and new calls time out, and no exchange learns of it', () => {
    const { world, kernel, a, b } = pair({ answer: false });
    a.host.network.call('b-1', { kind: 'q' }, 50, a, 1);
    b.host.network.call('a-1', { kind: 'q' }, 50, b, 2);
    kernel.run(5);
    expect(world.crash('b-1', { mode: 'machine' })).toBe(true);
    a.host.network.call('b-1', { kind: 'q' }, 50, a, 3);
    kernel.run(200);
    expect(a.failures).toEqual(['1 timeout', '3 timeout']);
    expect(a.exchanges[0]?.aborted).toBe(false);
    expect(world.messages().dropped['machine-down']).toBeGreaterThan(0);
    expect(world.crash('b-1', { mode: 'machine' }), 'nothing left to crash').toBe(false);
  });

  it('makes every call time out at its deadline, to the moment', () => {
    const timeouts = [0, 0.3, 1, 1.5, 2, 37.3, 1000, 1023.9, 100_000];
    const { world, kernel, a } = pair();
    world.crash('b-1', { mode: 'machine' });
    kernel.run(7.7);
    const times: number[] = [];
    const handler = { onReply: () => {}, onCallFailed: () => times.push(a.host.clock.nowMs()) };
    for (const timeoutMs of timeouts) a.host.network.call('b-1', { kind: 'q' }, timeoutMs, handler, 0);
    kernel.run(1e6);
    expect(times).toEqual(timeouts.map((timeoutMs) => 7.7 + timeoutMs));
  });

  it('answers nothing any more, whoever still holds an exchange', () => {
    const { world, kernel, a, b } = pair({ answer: false });
    a.host.network.call('b-1', { kind: 'q' }, 50, a, 1);
    kernel.run(5);
    world.crash('b-1', { mode: 'machine' });
    b.exchanges[0]?.reply({ kind: 'from the grave' });
    kernel.run(100);
    expect(a.replies).toEqual([]);
    expect(a.failures).toEqual(['1 timeout']);
  });

  it('hears of no cancel any more, though a fresh process stands in its place', () => {
    const { world, kernel, a, b } = pair({ answer: false });
    const call = a.host.network.call('b-1', { kind: 'q' }, 500, a, 1);
    kernel.run(5);
    const exchange = b.exchanges[0];
    let told = 0;
    exchange?.onAbort({ onAborted: () => told++ });
    world.crash('b-1', { mode: 'machine' });
    world.restart('b-1');
    a.host.network.cancel(call);
    kernel.run(100);
    expect({ told, aborted: exchange?.aborted }).toEqual({ told: 0, aborted: false });
  });

  it('starts a fresh process on its old disk', () => {
    const { world, kernel, b } = pair();
    b.host.disk.append('log', Uint8Array.of(1, 2), 2, b, 1);
    b.host.disk.sync('log', b, 2);
    kernel.run(20);
    world.crash('b-1', { mode: 'machine' });
    expect(world.node('b-1').state).toBe('down');
    expect(world.restart('b-1')).toBe(true);
    expect(world.restart('b-1'), 'it runs already').toBe(false);
    expect(b.host.incarnation).toBe(2);
    expect(b.host.disk.usedBytes).toBe(2);
  });
});

describe('a stopped process', () => {
  it('misses nothing: all that reached it happens when it goes on, in order', () => {
    const { world, kernel, a, b } = pair({ answer: false });
    b.host.timers.after(10, b, 1);
    b.host.disk.append('log', Uint8Array.of(1), 1, b, 2);
    expect(world.pause('b-1')).toBe(true);
    expect(world.pause('b-1'), 'it is stopped already').toBe(false);
    kernel.run(20);
    a.host.network.send('b-1', { kind: 'm' });
    kernel.run(100);
    expect(b.log).toEqual([]);
    expect(world.node('b-1').state).toBe('paused');
    expect(world.resume('b-1')).toBe(true);
    kernel.run(101);
    expect(b.log.slice(0, 2)).toEqual(['disk 2 at 100', 'timer 1 at 100']);
    expect(b.arrivals).toHaveLength(1);
    expect(b.arrivals[0]).toBeGreaterThanOrEqual(100);
    expect(world.resume('b-1')).toBe(false);
  });

  it('goes on with the work in hand for the rest of its time', () => {
    const { world, kernel, a, b } = pair({ network: instantNetwork, cpuMs: 10 });
    a.host.network.send('b-1', { kind: 'm' });
    kernel.run(4);
    world.pause('b-1');
    kernel.run(50);
    world.resume('b-1');
    kernel.run(100);
    // 4 ms before the pause, 6 ms after it; and a second one, of which the pause takes a part only.
    expect(b.arrivals).toEqual([56]);
    a.host.network.send('b-1', { kind: 'm' });
    kernel.run(102);
    world.pause('b-1');
    kernel.run(105);
    world.resume('b-1');
    kernel.run(200);
    expect(b.arrivals).toEqual([56, 113]);
  });

  it('hears a reply that came in time, not the timeout that passed meanwhile', () => {
    const { world, kernel, a } = pair();
    a.host.network.call('b-1', { kind: 'q' }, 50, a, 1);
    world.pause('a-1');
    kernel.run(500);
    world.resume('a-1');
    kernel.run(600);
    expect(a.replies).toEqual(['1 re:q']);
    expect(a.failures).toEqual([]);
  });

  it('can cancel a timer that was due while it stood still', () => {
    const { world, kernel, b } = pair();
    const second = b.host.timers.after(6, b, 2);
    b.host.timers.after(5, { onTimer: () => b.host.timers.cancel(second) }, 1);
    world.pause('b-1');
    kernel.run(50);
    world.resume('b-1');
    kernel.run(100);
    expect(b.log).toEqual([]);
  });

  it('can be crashed: callers are refused, nothing of it happens', () => {
    const { world, kernel, a, b } = pair();
    world.pause('b-1');
    b.host.timers.after(1, b, 1);
    a.host.network.call('b-1', { kind: 'q' }, 500, a, 1);
    kernel.run(20);
    world.crash('b-1', { mode: 'process' });
    kernel.run(40);
    expect(a.failures).toEqual(['1 refused']);
    expect(b.log).toEqual([]);
    world.restart('b-1');
    expect(world.node('b-1').state).toBe('up');
  });
});

describe('the CPU of a node', () => {
  it('works first in, first out, on as many cores as it has', () => {
    const { kernel, a, b, world } = pair({ network: instantNetwork, cpuMs: 10, cores: 2 });
    for (let i = 0; i < 5; i++) a.host.network.send('b-1', { kind: `m${i}` });
    kernel.run(5);
    expect(world.node('b-1').gauges().cpu).toMatchObject({ queue: 5, queueMax: 5, busyMs: 10 });
    kernel.run(100);
    expect(b.arrivals).toEqual([10, 10, 20, 20, 30]);
    expect(b.log.map((line) => line.split(' ')[1])).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect(world.node('b-1').gauges().cpu).toMatchObject({ queue: 0, busyMs: 50, activeMs: 30, queueMs: 90 });
  });

  it('charges by kind and by size, replies only where named, and is faster at a higher speed', () => {
    const fixed = (meanMs: number, perKiBMs = 0) => ({ kind: 'fixed' as const, meanMs, perKiBMs });
    const costs = { default: fixed(2), free: fixed(0), big: fixed(1, 3), 're:q': fixed(8) };
    const { kernel, a, b } = pair({ network: instantNetwork, costs, speed: 2 });
    a.host.network.send('b-1', { kind: 'free' });
    a.host.network.send('b-1', { kind: 'big', body: { sizeBytes: 2048, bytes: new Uint8Array(0) } });
    a.host.network.send('b-1', { kind: 'other' });
    kernel.run(50);
    expect(b.arrivals.map((timeMs) => Math.round(timeMs * 1000) / 1000)).toEqual([0, 3.5, 4.5]);
    a.host.network.call('b-1', { kind: 'q' }, 100, a, 1);
    kernel.run(50 + 1 + 4 - 0.01);
    expect(a.replies).toEqual([]);
    kernel.run(50 + 1 + 4);
    expect(a.replies).toEqual(['1 re:q']);
  });
});

describe('a world', () => {
  it('takes the same course twice, and another one with another seed', () => {
    const run = (seed: string): string => {
      const kernel = new Kernel(seed);
      const world = new World(kernel, smallNetwork, () => {});
      const ids = ['n-0', 'n-1', 'n-2'];
      for (const id of ids) world.addNode(smallNode(id), (host) => new Gossip(host, ids));
      for (const id of ids) world.start(id);
      kernel.run(50);
      world.crash('n-1', { mode: 'process' });
      kernel.run(60);
      world.restart('n-1');
      kernel.run(100);
      return kernel.fingerprint();
    };
    expect(run('x')).toBe(run('x'));
    expect(run('x')).not.toBe(run('y'));
  });

  it('reports the life of its processes', () => {
    const events: TraceEvent[] = [];
    const kernel = new Kernel('life');
    const world = new World(kernel, smallNetwork, (_node, event) => events.push(event));
    let host: Host | undefined;
    world.addNode(smallNode('a-1'), (h) => {
      host = h;
    });
    world.start('a-1');
    world.crash('a-1', { mode: 'machine' });
    world.restart('a-1');
    host?.abort('sync failed');
    expect(events).toEqual([
      { kind: 'process-started', incarnation: 1 },
      { kind: 'process-ended', incarnation: 1, mode: 'machine', cause: 'crash', reason: 'crashed' },
      { kind: 'process-started', incarnation: 2 },
      { kind: 'process-ended', incarnation: 2, mode: 'process', cause: 'abort', reason: 'sync failed' },
    ]);
  });

  it('refuses what makes no sense, naming the field and what was found', () => {
    const world = new World(new Kernel('bad'), smallNetwork, () => {});
    const good = smallNode('a-1');
    world.addNode(good, () => {});
    expect(() => world.addNode(good, () => {})).toThrow(/"a-1".*exists already/);
    const bad = { ...smallNode('a-2'), cpu: { ...good.cpu, cores: 0 } };
    expect(() => world.addNode(bad, () => {})).toThrow(/node "a-2": cpu\.cores: .*found 0/);
    expect(() => world.node('a-9')).toThrow(/no node "a-9"; known: a-1/);
    const loss: NetworkSpec = { ...smallNetwork, lossRate: 2 };
    expect(() => new World(new Kernel('bad'), loss, () => {})).toThrow(/network: lossRate: .*found 2/);
  });
});

function expectConserved({ sent, delivered, inFlight, dropped }: MessageCounts): void {
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  expect(delivered + inFlight + lost).toBe(sent);
  expect(inFlight).toBeGreaterThanOrEqual(0);
}

function cutOff(id: string): LinkOverlay {
  return {
    apply(passage) {
      if ((passage.from.id === id) !== (passage.to.id === id)) passage.dropped = 'partition';
    },
  };
}

interface PairOptions {
  readonly network?: NetworkSpec;
  readonly answer?: boolean;
  readonly cpuMs?: number;
  readonly cores?: number;
  readonly speed?: number;
  readonly costs?: NodeSpec['cpu']['costs'];
}

/** Two nodes, `a-1` and `b-1`, started; the CPU costs nothing unless asked for. */
function pair(options: PairOptions = {}): { kernel: Kernel; world: World; a: Recorder; b: Recorder } {
  const kernel = new Kernel('pair');
  const world = new World(kernel, options.network ?? smallNetwork, () => {});
  const a = new Recorder(options.answer);
  const b = new Recorder(options.answer);
  const costs = options.costs ?? { default: { kind: 'fixed', meanMs: options.cpuMs ?? 0 } };
  const cpu = { cores: options.cores ?? 1, speed: options.speed ?? 1, costs };
  world.addNode({ ...smallNode('a-1'), cpu }, (host) => a.boot(host));
  world.addNode({ ...smallNode('b-1'), cpu }, (host) => b.boot(host));
  world.start('a-1');
  world.start('b-1');
  return { kernel, world, a, b };
}

function free(spec: NodeSpec): NodeSpec {
  return { ...spec, cpu: { ...spec.cpu, costs: { default: { kind: 'fixed', meanMs: 0 } } } };
}

/** A component that keeps what reaches it, and when. */
class Recorder {
  readonly log: string[] = [];
  readonly arrivals: number[] = [];
  readonly replies: string[] = [];
  readonly failures: string[] = [];
  readonly exchanges: Exchange[] = [];
  readonly #answer: boolean;
  #host: Host | undefined;

  constructor(answer = true) {
    this.#answer = answer;
  }

  get host(): Host {
    if (this.#host === undefined) throw new Error('not booted yet');
    return this.#host;
  }

  boot(host: Host): void {
    this.#host = host;
    host.network.serve(this);
  }

  onRequest(message: Message, exchange: Exchange): void {
    this.exchanges.push(exchange);
    if (this.#answer) exchange.reply({ kind: `re:${message.kind}` });
  }

  onMessage(message: Message): void {
    this.arrivals.push(this.host.clock.nowMs());
    this.log.push(`message ${message.kind} at ${this.host.clock.nowMs()}`);
  }

  onTimer(tag: number): void {
    this.log.push(`timer ${tag} at ${this.host.clock.nowMs()}`);
  }

  onDisk(tag: number): void {
    this.log.push(`disk ${tag} at ${this.host.clock.nowMs()}`);
  }

  onReply(tag: number, response: Message): void {
    this.replies.push(`${tag} ${response.kind}`);
  }

  onCallFailed(tag: number, failure: CallFailure): void {
    this.failures.push(`${tag} ${failure}`);
  }
}

/** Talks to random peers in every way there is: messages, calls answered late, cancels. */
class Gossip {
  readonly #host: Host;
  readonly #ids: readonly string[];
  readonly #open: Exchange[] = [];
  #lastCall = 0;

  constructor(host: Host, ids: readonly string[]) {
    this.#host = host;
    this.#ids = ids;
    host.network.serve(this);
    this.onTimer();
  }

  onTimer(): void {
    const random = this.#host.random.stream('gossip');
    const to = this.#ids[random.below(this.#ids.length)] ?? '';
    const choice = random.below(4);
    if (choice === 0) this.#host.network.send(to, { kind: 'm' });
    else if (choice === 1) this.#host.network.cancel(this.#lastCall);
    else this.#lastCall = this.#host.network.call(to, { kind: 'q' }, 1 + random.below(3), this, 0);
    if (random.below(2) === 0) this.#open.shift()?.reply({ kind: 'a' });
    this.#host.timers.after(random.exponential(0.1), this, 0);
  }

  onRequest(_message: Message, exchange: Exchange): void {
    this.#open.push(exchange);
  }

  onMessage(): void {}
  onReply(): void {}
  onCallFailed(): void {}
}
