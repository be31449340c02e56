import { describe, expect, it } from 'vitest';
import type { Liveness } from '../../model.ts';
import { parseMetadataConfig } from '../config.ts';
import type { NodeRecord } from '../state/node-table.ts';
import { FailureDetector } from './failure-detector.ts';

const settings = parseMetadataConfig({ members: ['m'] });

function node(liveness: Liveness): NodeRecord {
  const description = {
    id: 'n',
    diskId: 'd',
    incarnation: 1,
    zone: 'a',
    rack: 'r',
    host: 'h',
    weight: 1,
    capacityBytes: 1,
  };
  return { description, weight: 1, liveness, membership: 'active', downSinceMs: 0, replaced: false };
}

describe('the failure detector', () => {
  it('finds a silent node suspect after suspectAfterMs and down after downAfterMs', () => {
    const detector = new FailureDetector(settings, [node('up')], 0);
    expect(detector.judge([node('up')], 3_000)).toEqual([]);
    expect(detector.judge([node('up')], 3_001)).toMatchObject([{ liveness: 'suspect', incarnation: 1 }]);
    expect(detector.judge([node('suspect')], 5_000)).toEqual([]);
    expect(detector.judge([node('suspect')], 5_001)).toMatchObject([{ liveness: 'down' }]);
  });

  it('takes a suspect that beats for up again, but not one that is down', () => {
    const detector = new FailureDetector(settings, [node('up')], 0);
    detector.beat('n', 4_000);
    expect(detector.judge([node('suspect')], 4_100)).toMatchObject([{ liveness: 'up' }]);
    expect(detector.judge([node('down')], 4_100)).toEqual([]);
  });

  it('lets no lease outlast the silence after which a node is down', () => {
    const detector = new FailureDetector(settings, [node('up')], 0);
    for (let ms = 0; ms <= 10_000; ms += 10) {
      const down = detector.judge([node('suspect')], ms).some((change) => change.liveness === 'down');
      if (down) expect(detector.leaseHolds('n', ms)).toBe(false);
    }
    expect(detector.leaseHolds('n', 4_000)).toBe(true);
    expect(detector.leaseHolds('stranger', 0)).toBe(false);
  });

  it('holds a flapping node suspect, twice as long each time, and forgets', () => {
    const detector = new FailureDetector(settings, [node('up')], 0);
    let nowMs = 0;
    const holds: number[] = [];
    const flap = () => {
      nowMs += 6_000;
      detector.judge([node('up')], nowMs);
      const held = detector.livenessAtReturn('n', nowMs) === 'suspect';
      detector.registered('n', nowMs);
      let ms = 0;
      while (held && !detector.judge([node('suspect')], nowMs + ms).some((change) => change.liveness === 'up')) {
        ms += 500;
        detector.beat('n', nowMs + ms);
      }
      holds.push(ms);
      nowMs += ms;
    };
    for (let i = 0; i < 4; i++) flap();
    nowMs += 400_000;
    detector.beat('n', nowMs);
    flap();
    expect(holds).toEqual([0, 5_000, 10_000, 20_000, 0]);
  });
});
