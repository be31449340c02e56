import { describe, expect, it } from 'vitest';
import { PassiveHealth, type PeerHealth } from './passive-health.ts';

interface Peer extends PeerHealth {
  readonly id: string;
}

const peer = (id: string): Peer => ({ id, fails: 0, failedMs: 0, checkedMs: 0 });
const TEN_S = 10_000;

function health(maxFails = 1, countTimeouts = true) {
  return new PassiveHealth<Peer>({ maxFails, failTimeoutMs: TEN_S, countTimeouts });
}

const ids = (peers: readonly Peer[]) => peers.map(({ id }) => id).join('');

describe('passive health', () => {
  it('leaves a peer out after a failure, until its time is over', () => {
    const [a, b] = [peer('a'), peer('b')];
    const passive = health();
    passive.failed(a, 'refused', 5);
    expect(ids(passive.sift([a, b], 6))).toBe('b');
    expect(ids(passive.sift([a, b], 5 + TEN_S))).toBe('b');
    expect(ids(passive.sift([a, b], 6 + TEN_S))).toBe('ab');
  });

  it('lets one attempt through then, and keeps the others away until that has ended well', () => {
    const [a, b] = [peer('a'), peer('b')];
    const passive = health();
    passive.failed(a, 'reset', 0);
    passive.chosen(a, TEN_S + 1);
    expect(ids(passive.sift([a, b], TEN_S + 2))).toBe('b');
    passive.answered(a);
    expect(ids(passive.sift([a, b], TEN_S + 3))).toBe('ab');
  });

  it('begins anew when that attempt fails', () => {
    const [a, b] = [peer('a'), peer('b')];
    const passive = health();
    passive.failed(a, 'reset', 0);
    passive.chosen(a, TEN_S + 1);
    passive.failed(a, 'reset', TEN_S + 100);
    expect(ids(passive.sift([a, b], 2 * TEN_S + 50))).toBe('b');
  });

  it('does not take the answer to an attempt that was sent before the failure for a recovery', () => {
    const [a, b] = [peer('a'), peer('b')];
    const passive = health();
    passive.failed(a, 'reset', 5);
    passive.answered(a);
    expect(ids(passive.sift([a, b], 6))).toBe('b');
  });

  it('tries all where all are left out', () => {
    const [a, b] = [peer('a'), peer('b')];
    const passive = health();
    passive.failed(a, 'refused', 0);
    passive.failed(b, 'refused', 0);
    expect(ids(passive.sift([a, b], 1))).toBe('ab');
  });

  it('waits for maxFails failures; with 0 it leaves nobody out', () => {
    const [a, b] = [peer('a'), peer('b')];
    const patient = health(2);
    patient.failed(a, 'refused', 0);
    expect(ids(patient.sift([a, b], 1))).toBe('ab');
    patient.failed(a, 'refused', 2);
    expect(ids(patient.sift([a, b], 3))).toBe('b');
    expect(ids(health(0).sift([a, b], 3))).toBe('ab');
  });

  it('counts time-outs only if it is told to', () => {
    const [a, b] = [peer('a'), peer('b')];
    health(1, false).failed(a, 'timeout', 0);
    expect(ids(health().sift([a, b], 1))).toBe('ab');
    health(1, true).failed(a, 'timeout', 0);
    expect(ids(health().sift([a, b], 1))).toBe('b');
  });
});
