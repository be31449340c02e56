import { describe, expect, it } from 'vitest';
import { PeerRotation } from './peer-rotation.ts';

describe('a rotation of peers', () => {
  const choice = () => new PeerRotation(['a', 'b', 'c'], { maxFails: 1, failTimeoutMs: 100, countTimeouts: true }, 2);

  it('goes round', () => {
    const rotation = choice();
    expect(Array.from({ length: 4 }, () => rotation.next(0, undefined).id)).toEqual(['a', 'b', 'c', 'a']);
  });

  it('passes over the one that was just tried, unless it is the only one left', () => {
    const rotation = choice();
    const a = rotation.next(0, undefined);
    rotation.next(0, undefined);
    rotation.next(0, undefined);
    const b = rotation.next(0, a);
    expect(b.id).toBe('b');
    const alone = new PeerRotation(['a'], { maxFails: 1, failTimeoutMs: 100, countTimeouts: true }, 0);
    expect(alone.next(0, alone.next(0, undefined)).id).toBe('a');
  });

  it('leaves out one that has failed until its time is over', () => {
    const rotation = choice();
    rotation.health.failed(rotation.next(0, undefined), 'refused', 0);
    expect(Array.from({ length: 4 }, () => rotation.next(50, undefined).id)).toEqual(['b', 'c', 'b', 'c']);
    expect(rotation.next(101, undefined).id).toBe('a');
  });
});
