import { describe, expect, it } from 'vitest';
import { getRequest, putRequest, Rig, testBlock } from '../../testdata/rig.ts';

describe('the layer adaptive-concurrency', () => {
  it('sheds writes before reads', () => {
    const adaptiveConcurrency = { initialLimit: 10, minLimit: 10, writeShare: 0.5 };
    const rig = new Rig({ gateway: { middleware: ['adaptive-concurrency'], adaptiveConcurrency, retryAfterMs: 30 } });
    const block = testBlock();
    for (const node of rig.data) {
      node.blocks.set('b1', block);
      node.delayMs = 50;
    }
    const writes = Array.from({ length: 7 }, (_, i) => rig.send(putRequest(testBlock(`w${i}`))));
    const reads = Array.from({ length: 7 }, () => rig.send(getRequest(block)));
    rig.run(10);
    const shed = [...writes, ...reads].map(({ reply }) => reply !== undefined);
    const expected = [...Array(5).fill(false), true, true, ...Array(5).fill(false), true, true];
    expect(shed).toEqual(expected);
    expect(reads.at(-1)?.reply).toMatchObject({ error: 'overloaded', retryAfterMs: 30, attempts: 0 });
    rig.run(500);
    expect(rig.ask(putRequest(testBlock('w9'))).kind).toBe('gateway.stored');
  });

  it('lets less in when the data nodes become slow', () => {
    const adaptiveConcurrency = { initialLimit: 40, minLimit: 5, maxLimit: 40, windowRequests: 10 };
    const rig = new Rig({ gateway: { middleware: ['adaptive-concurrency'], adaptiveConcurrency } });
    const block = testBlock();
    for (const node of rig.data) node.blocks.set('b1', block);
    const admitted = (delayMs: number, rounds: number) => {
      let most = 0;
      for (let round = 0; round < rounds; round++) {
        for (const node of rig.data) node.delayMs = delayMs;
        const answers = Array.from({ length: 40 }, () => rig.send(getRequest(block), 5_000));
        rig.run(2 * delayMs + 20);
        most = answers.filter(({ reply }) => reply?.kind === 'gateway.data').length;
      }
      return most;
    };
    expect(admitted(5, 20)).toBe(40);
    expect(admitted(100, 5)).toBeLessThan(30);
    expect(admitted(5, 60)).toBe(40);
  });
});
