import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { vectors } from '../../hash/testdata/vectors.ts';
import { DxDraws, DxSlots } from './dx.ts';

const recorded = vectors(
  'dxhash.json',
  z.object({
    cases: z.array(
      z.object({
        initial_working: z.number(),
        steps: z.array(
          z.object({
            op: z.enum(['init', 'add', 'remove']),
            node: z.number(),
            size: z.number(),
            nodes: z.array(z.tuple([z.number(), z.number()])),
          }),
        ),
      }),
    ),
  }),
);

/** Draws that count themselves. */
class CountedDraws extends DxDraws {
  count = 0;

  override again(slot: number, bound: number): number {
    this.count++;
    return super.again(slot, bound);
  }
}

/** The key by which the authors' code seeks a slot for a newcomer. */
const newcomer = 1228;

describe.skipIf(recorded.reason !== '')(`recorded from the authors’ DxHash${recorded.reason}`, () => {
  it('200 keys with their probes after each of 10 joins and leaves', () => {
    for (const { initial_working: working, steps } of recorded.read().cases) {
      const dx = new DxSlots(steps[0]?.size ?? 0, working);
      for (const { op, node, nodes } of steps) {
        if (op === 'remove') dx.remove(node);
        if (op === 'add') {
          expect(dx.vacantSlotOf(new DxDraws().key(newcomer))).toBe(node);
          dx.add(node);
        }
        const found = nodes.map((_, i) => {
          const draws = new CountedDraws();
          const slot = dx.slotOf(draws.key((i * 2654435761 + 12345) % 0x100000000));
          return [slot, draws.count];
        });
        expect(found, `${op} ${node}`).toEqual(nodes);
      }
    }
  });
});

describe('dx', () => {
  it('takes slots / working probes in the mean', () => {
    const dx = new DxSlots(1024, 256);
    const draws = new CountedDraws();
    const keys = 4000;
    for (let key = 0; key < keys; key++) dx.slotOf(draws.key(Math.imul(key, 2654435761)));
    // Geometric with p = 1/4: a standard deviation of √12 a key.
    expect(Math.abs(draws.count / keys - 4)).toBeLessThan(4 * Math.sqrt(12 / keys));
  });

  it('finds a slot where the sequence runs in a circle that misses it', () => {
    const dx = new DxSlots(8, 1);
    expect(dx.slotOf({ first: () => 5, again: () => 5 })).toBe(0);
  });
});
