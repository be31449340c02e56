import { describe, expect, it } from 'vitest';
import type { GatewayReply, GatewayRequest } from '../messages/gateway.ts';
import { bytesOf, Heard, HOP_MS, Rig } from '../testdata/rig.ts';

const bytes = bytesOf('body', 30);

/** Two scripted gateways; `slow` says which get, counted from 0 at each gateway, is answered how late. */
class Hedger {
  readonly rig: Rig;
  readonly asked: string[] = [];

  constructor(
    client: Readonly<Record<string, unknown>>,
    delayMs: (gateway: number, count: number) => number | 'silent',
  ) {
    this.rig = new Rig({ fakeGateways: true, gateways: 2, client });
    const stored: GatewayReply = { kind: 'gateway.stored', acked: ['data-1', 'data-2'], epoch: 1, attempts: 3 };
    let checksum = 0;
    this.rig.fakeGateways.forEach((fake, position) => {
      let count = 0;
      fake.script = (request: GatewayRequest) => {
        fake.delayMs = 0;
        if (request.kind === 'gateway.put') {
          checksum = request.block.checksum;
          return stored;
        }
        this.asked.push(`${position}`);
        const delay = delayMs(position, count++);
        if (delay === 'silent') return 'silent';
        fake.delayMs = delay;
        return {
          kind: 'gateway.data',
          body: { sizeBytes: 30, bytes },
          checksum,
          served: 'data-1',
          attempts: 1,
          epoch: 1,
        };
      };
    });
    this.rig.perform((store, handler) => store.put('k', { sizeBytes: 30, bytes }, handler, 0));
  }

  get(): { readonly tookMs: number; readonly outcome: object } {
    const startedMs = this.rig.nowMs;
    const outcome = this.rig.perform((store, handler) => store.get('k', undefined, handler, 0));
    return { tookMs: this.rig.nowMs - startedMs, outcome };
  }
}

/** To metadata and back, and to a gateway and back. */
const PLAIN_MS = 4 * HOP_MS;

describe('a hedged get', () => {
  it('goes to another gateway once it has taken longer than nearly all did, and the loser is cancelled', () => {
    let late = false;
    const hedger = new Hedger({ hedge: {} }, (gateway) => (late && gateway === 0 ? 1_000 : 0));
    for (let i = 0; i < 64; i++) hedger.get();
    late = true;
    hedger.asked.length = 0;
    const times = [hedger.get(), hedger.get()];
    expect(times.map(({ outcome }) => outcome)).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
    // One of the two went to the slow one first: a little after a plain get's 2 ms at a gateway the other one was asked.
    const [plain = 0, hedged = 0] = times.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    expect(plain).toBe(PLAIN_MS);
    expect(hedged - plain).toBeGreaterThanOrEqual(2 * HOP_MS);
    expect(hedged - plain).toBeLessThan(2.1 * HOP_MS);
    expect([...hedger.asked].sort()).toEqual(['0', '1', '1']);
    hedger.rig.run(10);
    expect(hedger.rig.fakeGateways.map(({ aborts }) => aborts)).toEqual([1, 0]);
    expect(hedger.rig.client.open).toBe(0);
  });

  it('goes to the other gateway also when that has taken its turn meanwhile', () => {
    let late = false;
    const hedger = new Hedger({ hedge: {} }, (gateway) => (late && gateway === 0 ? 'silent' : 0));
    for (let i = 0; i < 64; i++) hedger.get();
    late = true;
    const heard = new Heard();
    hedger.asked.length = 0;
    // Four at once, so that each gateway has two, and then the turn is the silent one's again or the other's.
    for (let i = 0; i < 4; i++) hedger.rig.client.get('k', undefined, heard, 0);
    hedger.rig.run(20);
    expect(heard.outcomes).toMatchObject(Array.from({ length: 4 }, () => ({ status: 'ok' })));
    expect(hedger.asked.filter((gateway) => gateway === '0')).toHaveLength(2);
  });

  it('counts both attempts', () => {
    let late = false;
    const hedger = new Hedger({ hedge: {} }, (gateway) => (late && gateway === 0 ? 'silent' : 0));
    for (let i = 0; i < 64; i++) hedger.get();
    late = true;
    const attempts = [hedger.get(), hedger.get()].map(({ outcome }) => outcome);
    expect(attempts).toEqual(expect.arrayContaining([expect.objectContaining({ attempts: 2 })]));
  });

  it('adds no more than its share, though all gets are late', () => {
    let nth = 0;
    // Ever slower: each get is later than nearly all before it.
    const hedger = new Hedger({ hedge: { maxExtra: 0.05, burst: 2 } }, () => 1 + nth++);
    for (let i = 0; i < 400; i++) hedger.get();
    const extra = hedger.asked.length - 400;
    expect(extra).toBeGreaterThan(10);
    expect(extra).toBeLessThanOrEqual(2 + 0.05 * 400);
  });

  it('is never sent before enough is known, nor unless asked for', () => {
    const few = new Hedger({ hedge: {} }, (_gateway, count) => (count === 8 ? 500 : 0));
    for (let i = 0; i < 20; i++) few.get();
    expect(few.asked).toHaveLength(20);
    const off = new Hedger({}, (_gateway, count) => (count > 40 ? 500 : 0));
    for (let i = 0; i < 90; i++) off.get();
    expect(off.asked).toHaveLength(90);
  });

  it('fails only when both have', () => {
    let late = false;
    const hedger = new Hedger({ hedge: {}, deadlineMs: 300, gatewayTimeoutMs: 100, maxAttempts: 1 }, (gateway) =>
      late ? (gateway === 0 ? 'silent' : 120) : 0,
    );
    for (let i = 0; i < 64; i++) hedger.get();
    late = true;
    const heard = new Heard();
    for (let i = 0; i < 2; i++) hedger.rig.client.get('k', undefined, heard, 0);
    hedger.rig.run(1_000);
    expect(heard.outcomes).toMatchObject([
      { status: 'failed', error: 'timeout' },
      { status: 'failed', error: 'timeout' },
    ]);
    expect(hedger.rig.eventsOf('operation')).toHaveLength(64 + 1 + 2);
    expect(hedger.rig.client.open).toBe(0);
  });

  it('also reads objects of several blocks', () => {
    const rig = new Rig({ gateways: 2, client: { hedge: {}, blockBytes: 7 } });
    const body = { sizeBytes: 100, bytes: bytesOf('large', 100) };
    rig.perform((client, handler) => client.put('k', body, handler, 0));
    for (let i = 0; i < 20; i++)
      expect(rig.perform((client, handler) => client.get('k', undefined, handler, 0))).toMatchObject({
        result: { body },
      });
  });
});
