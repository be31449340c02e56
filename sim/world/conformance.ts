import { afterEach, describe, expect, it } from 'vitest';
import type {
  AbortHandler,
  Boot,
  CallFailure,
  CallHandler,
  DiskHandler,
  DiskResult,
  Exchange,
  Host,
  Message,
  NodeId,
  Service,
  TimerHandler,
  TraceEvent,
} from '../host.ts';

/** What the suite needs of a world in which it can start nodes. */
export interface HostHarness {
  /** Boots a new node. Resolves once it can be reached, if `serves`. */
  start(id: NodeId, boot: Boot, serves: boolean): Promise<void>;
  /** Ends the process from outside. */
  crash(id: NodeId): Promise<void>;
  /** Boots the node again with the boot that it was started with. */
  restart(id: NodeId): Promise<void>;
  /** Lets time pass until `done` holds; false if it does not within `limitMs`. */
  until(done: () => boolean, limitMs: number): Promise<boolean>;
  /** What has been traced on that node. */
  traced(id: NodeId): readonly TraceEvent[];
  close(): Promise<void>;
}

/** Capacity of every disk of a harness, in bytes. */
export const CONFORMANCE_CAPACITY_BYTES = 1_000_000;

/**
 * What every implementation of the ports promises, each promise of host.ts one case. The simulated host and the live
 * one pass the same suite: that is what keeps the simulator honest.
 */
export function hostConformance(name: string, makeHarness: () => Promise<HostHarness>): void {
  describe(`${name}: ports`, () => {
    let harness: HostHarness | undefined;

    afterEach(async () => {
      await harness?.close();
      harness = undefined;
    });

    async function world(): Promise<HostHarness> {
      harness = await makeHarness();
      return harness;
    }

    async function probe(on: HostHarness, id: NodeId, options: Partial<ProbeOptions> = {}): Promise<Probe> {
      const made = new Probe({ serves: true, answer: true, ...options });
      await on.start(id, (host) => made.boot(host), made.options.serves);
      return made;
    }

    async function soon(on: HostHarness, done: () => boolean): Promise<void> {
      expect(await on.until(done, 5000), 'it did not happen').toBe(true);
    }

    async function pass(on: HostHarness, probed: Probe, ms: number): Promise<void> {
      const untilMs = probed.host.clock.nowMs() + ms;
      await soon(on, () => probed.host.clock.nowMs() >= untilMs);
    }

    describe('clock', () => {
      it('runs forward, in milliseconds', async () => {
        const w = await world();
        const { host } = await probe(w, 'a');
        const [monotonic, wall] = [host.clock.nowMs(), host.clock.wallMs()];
        await w.until(() => host.clock.nowMs() >= monotonic + 20, 1000);
        expect(host.clock.nowMs()).toBeGreaterThanOrEqual(monotonic + 20);
        expect(host.clock.wallMs()).toBeGreaterThan(wall);
        // The wall clock counts from 1970: this century.
        expect(wall).toBeGreaterThan(978_307_200_000);
        expect(wall).toBeLessThan(4_133_980_800_000);
      });
    });

    describe('timers', () => {
      it('fire once, with their tag, not before their delay', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const startMs = a.host.clock.nowMs();
        a.host.timers.after(20, a, 7);
        a.host.timers.after(0, a, 8);
        expect(a.timers, 'never within the call').toEqual([]);
        await soon(w, () => a.timers.length === 2);
        expect(a.timers.map(({ tag }) => tag)).toEqual([8, 7]);
        expect(a.timers[1]?.atMs).toBeGreaterThanOrEqual(startMs + 20);
        await pass(w, a, 30);
        expect(a.timers).toHaveLength(2);
      });

      it('do not fire once cancelled, and cancelling anything else does nothing', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const fired = a.host.timers.after(1, a, 1);
        const cancelled = a.host.timers.after(10, a, 2);
        expect(fired).not.toBe(0);
        expect(cancelled).not.toBe(fired);
        a.host.timers.cancel(cancelled);
        a.host.timers.cancel(cancelled);
        a.host.timers.cancel(0);
        await soon(w, () => a.timers.length === 1);
        a.host.timers.after(10, a, 3);
        a.host.timers.cancel(fired);
        await soon(w, () => a.timers.length === 2);
        expect(a.timers.map(({ tag }) => tag)).toEqual([1, 3]);
      });

      it('die with their process', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b');
        a.host.timers.after(10, a, 1);
        await w.crash('a');
        await pass(w, b, 30);
        expect(a.timers).toEqual([]);
      });

      it('refuse a delay that is no time', async () => {
        const { host, probed } = await probe(await world(), 'a').then((p) => ({ host: p.host, probed: p }));
        expect(() => host.timers.after(-1, probed, 0)).toThrow(RangeError);
        expect(() => host.timers.after(Number.NaN, probed, 0)).toThrow(RangeError);
      });
    });

    describe('random', () => {
      it('gives each purpose a stream of its own', async () => {
        const { host } = await probe(await world(), 'a');
        const x = host.random.stream('x');
        expect(host.random.stream('x'), 'the same purpose, the same stream').toBe(x);
        const draws = (purpose: string) => Array.from({ length: 8 }, () => host.random.stream(purpose).below(1000));
        expect(draws('y')).not.toEqual(draws('z'));
      });

      it('draws from the stated distributions', async () => {
        const { host } = await probe(await world(), 'a');
        const stream = host.random.stream('x');
        const draws = 4000;
        let [uniform, exponential, normal, square] = [0, 0, 0, 0];
        for (let i = 0; i < draws; i++) {
          const u = stream.next();
          expect(u >= 0 && u < 1).toBe(true);
          expect([0, 1, 2]).toContain(stream.below(3));
          uniform += u / draws;
          exponential += stream.exponential(5) / draws;
          const z = stream.normal();
          normal += z / draws;
          square += (z * z) / draws;
        }
        // Six standard errors or more.
        expect(Math.abs(uniform - 0.5)).toBeLessThan(0.03);
        expect(Math.abs(exponential - 5)).toBeLessThan(0.5);
        expect(Math.abs(normal)).toBeLessThan(0.1);
        expect(Math.abs(square - 1)).toBeLessThan(0.15);
      });
    });

    describe('network', () => {
      it('carries a request and its reply, bodies and all', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b', { answer: false });
        const request = { kind: 'put', key: 'k', parts: [1, { deep: null }], body: body(3, 4096), controlBytes: 10 };
        const sentMs = a.host.clock.nowMs();
        expect(a.host.network.call('b', request, 1000, a, 42)).not.toBe(0);
        await soon(w, () => b.requests.length === 1);
        const [received] = b.requests;
        expect(received?.message).toEqual(request);
        expect(received?.exchange.from).toBe('a');
        expect(received?.exchange.aborted).toBe(false);
        const leftMs = (received?.exchange.deadlineMs ?? 0) - b.host.clock.nowMs();
        expect(leftMs).toBeGreaterThan(500);
        expect(leftMs).toBeLessThanOrEqual(1000);
        await pass(w, b, 10);
        received?.exchange.reply({ kind: 'stored', body: body(0, 7) });
        await soon(w, () => a.replies.length === 1);
        expect(a.replies).toEqual([{ tag: 42, message: { kind: 'stored', body: body(0, 7) } }]);
        expect(a.host.clock.nowMs()).toBeGreaterThan(sentMs);
        expect(a.failures).toEqual([]);
      });

      it('tells the replies of many calls apart', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        await probe(w, 'b');
        for (let tag = 0; tag < 100; tag++) a.host.network.call('b', { kind: `q${tag}` }, 2000, a, tag);
        await soon(w, () => a.replies.length === 100);
        for (const { tag, message } of a.replies) expect(message.kind).toBe(`re:q${tag}`);
        expect(new Set(a.replies.map(({ tag }) => tag)).size).toBe(100);
      });

      it('carries large bodies', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b');
        const large = body(3_000_000, 3_000_000);
        a.host.network.call('b', { kind: 'put', body: large }, 4000, a, 1);
        await soon(w, () => a.replies.length === 1);
        const received = b.requests[0]?.message.body?.bytes ?? new Uint8Array(0);
        expect(Buffer.compare(received, large.bytes)).toBe(0);
      });

      it('reaches the node itself', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        a.host.network.call('a', { kind: 'q' }, 1000, a, 1);
        await soon(w, () => a.replies.length === 1);
        expect(a.requests[0]?.exchange.from).toBe('a');
      });

      it('times a call out, not before its time, and forgets a reply that comes later', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b', { answer: false });
        const startMs = a.host.clock.nowMs();
        a.host.network.call('b', { kind: 'q' }, 40, a, 5);
        await soon(w, () => a.failures.length === 1);
        expect(a.failures).toEqual([{ tag: 5, failure: 'timeout' }]);
        // An event loop's timers count whole milliseconds.
        expect(a.host.clock.nowMs() - startMs).toBeGreaterThan(38);
        b.requests[0]?.exchange.reply({ kind: 'late' });
        await pass(w, a, 30);
        expect(a.replies).toEqual([]);
        expect(a.failures).toHaveLength(1);
      });

      it('refuses calls to a node that does not serve, has crashed, or does not exist', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        await probe(w, 'mute', { serves: false });
        await probe(w, 'dead');
        await w.crash('dead');
        for (const [tag, to] of ['mute', 'dead', 'nobody'].entries()) {
          a.host.network.call(to, { kind: 'q' }, 2000, a, tag);
          expect(a.failures, 'never within the call').toEqual([]);
        }
        await soon(w, () => a.failures.length === 3);
        expect(a.failures.map(({ failure }) => failure)).toEqual(['refused', 'refused', 'refused']);
      });

      it('serves again after a restart', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b');
        a.host.network.call('b', { kind: 'q' }, 2000, a, 1);
        await soon(w, () => a.replies.length === 1);
        await w.crash('b');
        await w.restart('b');
        await pass(w, a, 20);
        a.host.network.call('b', { kind: 'q' }, 2000, a, 2);
        await soon(w, () => a.replies.length === 2);
        expect(b.incarnations).toEqual([1, 2]);
      });

      it('resets the calls that are open to a process when it ends', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b', { answer: false });
        a.host.network.call('b', { kind: 'q' }, 4000, a, 1);
        await soon(w, () => b.requests.length === 1);
        await w.crash('b');
        await soon(w, () => a.failures.length === 1);
        expect(a.failures).toEqual([{ tag: 1, failure: 'reset' }]);
        // The dead server's exchange is of no more use, nor does it harm.
        b.requests[0]?.exchange.reply({ kind: 'from the grave' });
        await pass(w, a, 30);
        expect(a.replies).toEqual([]);
        expect(a.failures).toHaveLength(1);
      });

      it('cancels a call: nobody is called here, and the far side is told once', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b', { answer: false });
        const call = a.host.network.call('b', { kind: 'q' }, 200, a, 1);
        await soon(w, () => b.requests.length === 1);
        a.host.network.cancel(call);
        a.host.network.cancel(call);
        await soon(w, () => b.aborts === 1);
        expect(b.requests[0]?.exchange.aborted).toBe(true);
        // It may still answer; nobody listens.
        b.requests[0]?.exchange.reply({ kind: 'in vain' });
        await pass(w, a, 250);
        expect(a.replies).toEqual([]);
        expect(a.failures).toEqual([]);
        expect(b.aborts).toBe(1);
      });

      it('does not abort what has been answered', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b');
        const call = a.host.network.call('b', { kind: 'q' }, 1000, a, 1);
        await soon(w, () => a.replies.length === 1);
        a.host.network.cancel(call);
        a.host.network.cancel(0);
        await pass(w, b, 20);
        expect(b.aborts).toBe(0);
        expect(b.requests[0]?.exchange.aborted).toBe(false);
      });

      it("aborts the exchanges of a caller whose process ended, and calls none of that caller's handlers", async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b', { answer: false });
        a.host.network.call('b', { kind: 'q' }, 100, a, 1);
        await soon(w, () => b.requests.length === 1);
        await w.crash('a');
        await soon(w, () => b.aborts === 1);
        expect(b.requests[0]?.exchange.aborted).toBe(true);
        await pass(w, b, 120);
        expect(a.failures).toEqual([]);
      });

      it('takes one answer to a call, not two', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b', { answer: false });
        a.host.network.call('b', { kind: 'q' }, 1000, a, 1);
        await soon(w, () => b.requests.length === 1);
        const exchange = b.requests[0]?.exchange;
        exchange?.reply({ kind: 'first' });
        expect(() => exchange?.reply({ kind: 'second' })).toThrow(/second/);
        await soon(w, () => a.replies.length === 1);
        expect(a.replies[0]?.message.kind).toBe('first');
      });

      it('carries one-way messages, and says nothing when they reach nobody', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b');
        await probe(w, 'dead');
        await w.crash('dead');
        a.host.network.send('nobody', { kind: 'beat' });
        a.host.network.send('dead', { kind: 'beat' });
        a.host.network.send('b', { kind: 'beat', body: body(2, 2) });
        await soon(w, () => b.messages.length === 1);
        expect(b.messages).toEqual([{ from: 'a', message: { kind: 'beat', body: body(2, 2) } }]);
      });

      it('refuses a timeout that is no time', async () => {
        const a = await probe(await world(), 'a');
        expect(() => a.host.network.call('a', { kind: 'q' }, -1, a, 0)).toThrow(RangeError);
      });
    });

    describe('disk', () => {
      it('appends at the offset that it returns, and reads that back', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const { disk } = a.host;
        expect(disk.append('log', text('hello'), 5, a, 1)).toBe(0);
        expect(disk.append('log', text(' world'), 6, a, 2)).toBe(5);
        expect(a.disk.size, 'never within the call').toBe(0);
        // Not waited for: operations on a file take effect in the order in which they were issued.
        disk.read('log', 3, 5, 5, a, 3);
        await soon(w, () => a.disk.size === 3);
        expect(a.disk.get(1)).toEqual({ ok: true });
        expect(readBack(a, 3)).toBe('lo wo');
        expect(disk.usedBytes).toBe(11);
        expect(disk.capacityBytes).toBe(CONFORMANCE_CAPACITY_BYTES);
      });

      it('keeps many appends in order', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        let expected = '';
        for (let i = 0; i < 200; i++) {
          const piece = `${i},`;
          expect(a.host.disk.append('log', text(piece), piece.length, a, i)).toBe(expected.length);
          expected += piece;
        }
        a.host.disk.read('log', 0, expected.length, 0, a, 1000);
        await soon(w, () => a.disk.has(1000));
        expect(readBack(a, 1000)).toBe(expected);
      });

      it('says what is not there', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const { disk } = a.host;
        disk.append('log', text('abc'), 3, a, 1);
        disk.read('log', 1, 3, 3, a, 2);
        disk.read('log', 3, 0, 0, a, 3);
        disk.read('none', 0, 1, 1, a, 4);
        disk.sync('none', a, 5);
        disk.truncate('none', 0, a, 6);
        disk.truncate('log', 4, a, 7);
        disk.remove('none', a, 8);
        await soon(w, () => a.disk.size === 8);
        expect(a.disk.get(2)).toEqual({ ok: false, error: 'out-of-range' });
        expect(readBack(a, 3), 'nothing, at the very end').toBe('');
        expect(a.disk.get(4)).toEqual({ ok: false, error: 'not-found' });
        expect(a.disk.get(5)).toEqual({ ok: false, error: 'not-found' });
        expect(a.disk.get(6)).toEqual({ ok: false, error: 'not-found' });
        expect(a.disk.get(7)).toEqual({ ok: false, error: 'out-of-range' });
        expect(a.disk.get(8)).toEqual({ ok: true });
      });

      it('lists all files by name, whatever the names', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const names = ['segment-2', 'segment-10', 'a/b', '.', '..', 'Ü %', 'B'];
        for (const [i, name] of names.entries()) a.host.disk.append(name, text('x'.repeat(i)), i, a, i);
        await soon(w, () => a.disk.size === names.length);
        a.host.disk.list(a, 100);
        await soon(w, () => a.disk.has(100));
        const sorted = names.map((name, i) => ({ name, lengthBytes: i })).sort((x, y) => (x.name < y.name ? -1 : 1));
        expect(a.disk.get(100)).toEqual({ ok: true, files: sorted });
      });

      it('cuts a file, goes on at the cut, and gives the space back', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const { disk } = a.host;
        disk.append('log', text('0123456789'), 10, a, 1);
        disk.truncate('log', 4, a, 2);
        expect(disk.append('log', text('ab'), 2, a, 3)).toBe(4);
        disk.read('log', 0, 6, 6, a, 4);
        disk.read('log', 0, 7, 7, a, 5);
        await soon(w, () => a.disk.size === 5);
        expect(a.disk.get(2)).toEqual({ ok: true });
        expect(readBack(a, 4)).toBe('0123ab');
        expect(a.disk.get(5)).toEqual({ ok: false, error: 'out-of-range' });
        expect(disk.usedBytes).toBe(6);
      });

      it('removes a file, after which the name is free', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const { disk } = a.host;
        disk.append('log', text('old'), 1000, a, 1);
        disk.remove('log', a, 2);
        disk.read('log', 0, 1, 1, a, 3);
        expect(disk.append('log', text('new'), 3, a, 4)).toBe(0);
        disk.read('log', 0, 3, 3, a, 5);
        await soon(w, () => a.disk.size === 5);
        expect(a.disk.get(2)).toEqual({ ok: true });
        expect(a.disk.get(3)).toEqual({ ok: false, error: 'not-found' });
        expect(readBack(a, 5)).toBe('new');
        expect(disk.usedBytes).toBe(3);
      });

      it('charges the declared size, and leaves the file as it was when there is no space', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const { disk } = a.host;
        disk.append('log', text('abc'), CONFORMANCE_CAPACITY_BYTES - 10, a, 1);
        expect(disk.append('log', text('x'), 11, a, 2)).toBe(3);
        expect(disk.append('log', text('def'), 10, a, 3)).toBe(3);
        disk.append('other', text('x'), 1, a, 4);
        disk.read('log', 0, 6, 6, a, 5);
        await soon(w, () => a.disk.size === 5);
        expect(a.disk.get(2)).toEqual({ ok: false, error: 'no-space' });
        expect(a.disk.get(3)).toEqual({ ok: true });
        expect(a.disk.get(4)).toEqual({ ok: false, error: 'no-space' });
        expect(readBack(a, 5)).toBe('abcdef');
        expect(disk.usedBytes).toBe(CONFORMANCE_CAPACITY_BYTES);
        disk.list(a, 6);
        disk.remove('log', a, 7);
        disk.append('other', text('x'), 1, a, 8);
        await soon(w, () => a.disk.size === 8);
        expect(a.disk.get(6)).toEqual({ ok: true, files: [{ name: 'log', lengthBytes: 6 }] });
        expect(a.disk.get(8)).toEqual({ ok: true });
      });

      it('keeps a synced prefix through a crash, and of the rest at most a prefix', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        a.host.disk.append('log', text('synced.'), 7, a, 1);
        a.host.disk.sync('log', a, 2);
        a.host.disk.append('log', text('not synced'), 10, a, 3);
        await soon(w, () => a.disk.has(2));
        await w.crash('a');
        await w.restart('a');
        a.disk.clear();
        a.host.disk.list(a, 4);
        await soon(w, () => a.disk.has(4));
        const listed = a.disk.get(4);
        const length = listed?.ok === true ? (listed.files?.[0]?.lengthBytes ?? 0) : 0;
        expect(length).toBeGreaterThanOrEqual(7);
        a.host.disk.read('log', 0, length, length, a, 5);
        await soon(w, () => a.disk.has(5));
        expect('synced.not synced'.startsWith(readBack(a, 5))).toBe(true);
        expect(a.host.disk.append('log', text('more'), 4, a, 6)).toBe(length);
        expect(a.host.disk.usedBytes).toBe(length + 4);
      });

      it('keeps a cut and a removal through a crash, once told', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const { disk } = a.host;
        for (const file of ['cut', 'gone']) {
          disk.append(file, text('0123456789'), 10, a, 1);
          disk.sync(file, a, 2);
        }
        disk.truncate('cut', 3, a, 3);
        disk.remove('gone', a, 4);
        await soon(w, () => a.disk.has(3) && a.disk.has(4));
        await w.crash('a');
        await w.restart('a');
        a.disk.clear();
        a.host.disk.list(a, 5);
        await soon(w, () => a.disk.has(5));
        expect(a.disk.get(5)).toEqual({ ok: true, files: [{ name: 'cut', lengthBytes: 3 }] });
      });

      it('says nothing to a process that has ended', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b');
        a.host.disk.append('log', text('x'), 1, a, 1);
        await w.crash('a');
        await pass(w, b, 50);
        expect(a.disk.size).toBe(0);
      });

      it('refuses sizes that are none', async () => {
        const a = await probe(await world(), 'a');
        expect(() => a.host.disk.append('log', text('x'), -1, a, 0)).toThrow(RangeError);
        expect(() => a.host.disk.read('log', Number.NaN, 1, 1, a, 0)).toThrow(RangeError);
      });
    });

    describe('process', () => {
      it('counts its incarnations', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        expect(a.host.id).toBe('a');
        expect(a.host.incarnation).toBe(1);
        await w.crash('a');
        await w.restart('a');
        expect(a.host.incarnation).toBe(2);
      });

      it('ends by its own will: nothing of it runs after, and peers are told', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        const b = await probe(w, 'b', { answer: false });
        a.host.network.call('b', { kind: 'q' }, 4000, a, 1);
        await soon(w, () => b.requests.length === 1);
        b.host.timers.after(5, b, 1);
        b.host.disk.append('log', text('x'), 1, b, 1);
        b.host.abort('enough');
        // Whatever code of it is still on the stack finds its ports inert.
        expect(b.host.timers.after(0, b, 2)).toBe(0);
        expect(b.host.network.call('a', { kind: 'q' }, 100, b, 2)).toBe(0);
        b.host.network.send('a', { kind: 'beat' });
        b.host.disk.append('log', text('x'), 1, b, 2);
        b.host.disk.list(b, 3);
        b.host.trace.emit({ kind: 'late' });
        b.host.abort('again');
        b.requests[0]?.exchange.reply({ kind: 'late' });
        await soon(w, () => a.failures.length === 1);
        expect(a.failures).toEqual([{ tag: 1, failure: 'reset' }]);
        await pass(w, a, 50);
        expect([b.timers, b.replies, b.failures, a.messages, a.requests]).toEqual([[], [], [], [], []]);
        expect(b.disk.size).toBe(0);
        expect(w.traced('b').some((event) => event.kind === 'late')).toBe(false);
      });

      it('traces', async () => {
        const w = await world();
        const a = await probe(w, 'a');
        a.host.trace.emit({ kind: 'something' });
        expect(w.traced('a')).toContainEqual({ kind: 'something' });
      });
    });
  });
}

interface ProbeOptions {
  readonly serves: boolean;
  /** Answers every request at once with `re:` and its kind. */
  readonly answer: boolean;
}

/** A component that does nothing but keep what reaches it. */
class Probe implements Service, CallHandler, TimerHandler, DiskHandler, AbortHandler {
  readonly options: ProbeOptions;
  readonly incarnations: number[] = [];
  readonly timers: { readonly tag: number; readonly atMs: number }[] = [];
  readonly requests: { readonly message: Message; readonly exchange: Exchange }[] = [];
  readonly messages: { readonly from: NodeId; readonly message: Message }[] = [];
  readonly replies: { readonly tag: number; readonly message: Message }[] = [];
  readonly failures: { readonly tag: number; readonly failure: CallFailure }[] = [];
  readonly disk = new Map<number, DiskResult>();
  aborts = 0;
  #host: Host | undefined;

  constructor(options: ProbeOptions) {
    this.options = options;
  }

  get host(): Host {
    if (this.#host === undefined) throw new Error('not booted yet');
    return this.#host;
  }

  boot(host: Host): void {
    this.#host = host;
    this.incarnations.push(host.incarnation);
    if (this.options.serves) host.network.serve(this);
  }

  onTimer(tag: number): void {
    this.timers.push({ tag, atMs: this.host.clock.nowMs() });
  }

  onRequest(message: Message, exchange: Exchange): void {
    this.requests.push({ message, exchange });
    exchange.onAbort(this);
    if (this.options.answer) exchange.reply({ kind: `re:${message.kind}` });
  }

  onMessage(message: Message, from: NodeId): void {
    this.messages.push({ from, message });
  }

  onReply(tag: number, message: Message): void {
    this.replies.push({ tag, message });
  }

  onCallFailed(tag: number, failure: CallFailure): void {
    this.failures.push({ tag, failure });
  }

  onDisk(tag: number, result: DiskResult): void {
    this.disk.set(tag, result);
  }

  onAborted(): void {
    this.aborts++;
  }
}

function body(realBytes: number, sizeBytes: number): { sizeBytes: number; bytes: Uint8Array } {
  return { sizeBytes, bytes: Uint8Array.from({ length: realBytes }, (_, i) => (i * 7 + 1) & 255) };
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function readBack(probed: Probe, tag: number): string {
  const result = probed.disk.get(tag);
  if (result?.ok !== true || result.bytes === undefined) throw new Error(`read failed: ${JSON.stringify(result)}`);
  return new TextDecoder().decode(result.bytes);
}
