import { describe, expect, it } from 'vitest';
import type { Message } from '../../host.ts';
import type { FaultSpec } from './fault.ts';
import { stage } from './testdata/stage.ts';

describe('faults of clocks', () => {
  it('clock-jump: the wall clock is off, the monotonic one is not', () => {
    const { kernel, host } = stage({ kind: 'clock-jump', target: 'data-1', atMs: 100, durationMs: 100, byMs: -5_000 });
    const offset = () => host().clock.wallMs() - host('peer-1').clock.wallMs();
    kernel.run(150);
    expect(offset()).toBe(-5_000);
    expect(host().clock.nowMs()).toBe(150);
    kernel.run(250);
    expect(offset()).toBe(0);
  });

  it('clock-drift: time, timers and timeouts run at the rate, and what was gained stays', () => {
    const { kernel, host, world } = stage({
      kind: 'clock-drift',
      target: 'data-1',
      atMs: 100,
      durationMs: 100,
      rate: 2,
    });
    kernel.run(150);
    expect(host().clock.nowMs()).toBe(200);
    let firedAtMs = 0;
    host().timers.after(20, { onTimer: () => (firedAtMs = kernel.nowMs) }, 0);
    let failedAtMs = 0;
    world.crash('peer-1', { mode: 'machine' });
    const onCallFailed = () => (failedAtMs = kernel.nowMs);
    host().network.call('peer-1', { kind: 'hello' }, 30, { onReply: () => {}, onCallFailed }, 0);
    kernel.run(300);
    expect(firedAtMs).toBe(160);
    expect(failedAtMs).toBe(165);
    expect(host().clock.nowMs(), '100 + 100 × 2 + 100').toBe(400);
  });

  it('clock-drift: a timer never fires before the clock shows its time', () => {
    for (const rate of [0.96, 1.04]) {
      const { kernel, host } = stage({ kind: 'clock-drift', target: 'data-1', atMs: 100, rate });
      kernel.run(200);
      const { clock, timers } = host();
      let early = 0;
      for (let i = 0; i < 1_000; i++) {
        const untilMs = clock.nowMs() + i * 0.123_456_789 + 1e-12;
        timers.after(untilMs - clock.nowMs(), { onTimer: () => (early += Number(clock.nowMs() < untilMs)) }, 0);
      }
      kernel.run(1_000);
      expect(early).toBe(0);
    }
  });

  it('clock-drift: a deadline is told on the clock of the server', () => {
    const { kernel, host, requests } = stage({ kind: 'clock-drift', target: 'data-1', atMs: 100, rate: 0.5 });
    kernel.run(200);
    host('peer-1').network.call('data-1', { kind: 'hello' }, 40, { onReply: () => {}, onCallFailed: () => {} }, 0);
    kernel.run(220);
    expect(requests()).toEqual([{ deadlineMs: 170 }]);
  });
});

describe('faults of messages', () => {
  /** Arrivals at data-1 of one message each ms, sent from 100 ms on. */
  const arrivals = (fault: FaultSpec, target = 'data-1'): { readonly number: number; readonly atMs: number }[] => {
    const { kernel, host, heard } = stage({ ...fault, target, atMs: 50 });
    for (let number = 0; number < 200; number++) {
      kernel.run(100 + number);
      host('peer-1').network.send('data-1', { kind: 'hello', number } as Message);
    }
    kernel.run(2_000);
    return heard();
  };

  it('delay: all arrive, so much later', () => {
    const late = arrivals({ kind: 'delay', atMs: 0, byMs: 30 }).map(({ number, atMs }) => atMs - 100 - number);
    expect(late).toHaveLength(200);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(30);
    expect(Math.max(...late)).toBeLessThan(35);
  });

  it('reorder: all arrive, some overtaken', () => {
    const numbers = arrivals({ kind: 'reorder', atMs: 0, rate: 0.2, withinMs: 20 }).map(({ number }) => number);
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(numbers.filter((number, i) => i > 0 && number < (numbers[i - 1] ?? 0)).length).toBeGreaterThan(10);
  });

  it('duplicate: all arrive, the stated share twice, and the books still balance', () => {
    const heard = arrivals({ kind: 'duplicate', atMs: 0, rate: 0.5, withinMs: 20 });
    expect(new Set(heard.map(({ number }) => number)).size).toBe(200);
    expect(heard.length).toBeGreaterThan(270);
    expect(heard.length).toBeLessThan(330);
    const { kernel, host, world } = stage({ kind: 'duplicate', target: 'all', atMs: 0, rate: 1 });
    kernel.run(10);
    host('peer-1').network.send('data-1', { kind: 'hello' });
    kernel.run(100);
    expect(world.messages()).toMatchObject({ sent: 2, delivered: 2, inFlight: 0 });
    expect(world.node('peer-1').gauges().messagesOut).toBe(2);
  });

  it('one-way-partition: what is sent there vanishes, what comes from there arrives', () => {
    const { kernel, host, heard, effects } = stage({
      kind: 'one-way-partition',
      target: 'peer-1',
      other: ['data-1'],
      atMs: 50,
      durationMs: 100,
    });
    kernel.run(100);
    host('peer-1').network.send('data-1', { kind: 'hello' });
    host().network.send('peer-1', { kind: 'hello' });
    kernel.run(140);
    expect(heard()).toEqual([]);
    expect(heard('peer-1')).toHaveLength(1);
    expect(effects()).toBe(1);
    kernel.run(200);
    host('peer-1').network.send('data-1', { kind: 'hello' });
    kernel.run(250);
    expect(heard()).toHaveLength(1);
  });
});

describe('restart-storm', () => {
  it('crashes over and over, and leaves the node running', () => {
    const { kernel, world, effects } = stage({
      kind: 'restart-storm',
      target: 'data-1',
      atMs: 100,
      durationMs: 1_000,
      upMs: 20,
      downMs: 5,
    });
    kernel.run(3_000);
    expect(world.node('data-1').state).toBe('up');
    expect(effects()).toBeGreaterThan(20);
    expect(effects()).toBeLessThan(70);
    expect(world.node('data-1').incarnation).toBe(effects() + 1);
  });
});
