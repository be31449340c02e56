import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventHandler, type EventId, Kernel } from './kernel.ts';

const nobody: EventHandler = { onEvent: () => undefined };

describe('census', () => {
  it('finds every event that pends, near and far, timer or not, and none that was cancelled', () => {
    const step = fc.record({
      delayMs: fc.oneof(fc.constantFrom(0, 1, 5), fc.double({ min: 0, max: 1e6, noNaN: true })),
      isTimeout: fc.boolean(),
      cancels: fc.nat({ max: 40 }),
      runsMs: fc.constantFrom(0, 0, 0.5, 10, 1_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const kernel = new Kernel('census');
        const ids: EventId[] = [];
        const expected = { scheduled: 0, cancelled: 0 };
        for (const { delayMs, isTimeout, cancels, runsMs } of steps) {
          ids.push(
            isTimeout ? kernel.timeout(delayMs, nobody, 0, undefined) : kernel.schedule(delayMs, nobody, 0, undefined),
          );
          expected.scheduled++;
          if (kernel.cancel(ids[cancels] ?? 0)) expected.cancelled++;
          if (runsMs > 0) kernel.run(kernel.nowMs + runsMs);
        }
        const { scheduled, fired, cancelled, pending } = kernel.census();
        expect({ scheduled, cancelled }).toEqual(expected);
        expect(fired).toBe(kernel.eventCount);
        expect(pending).toBe(scheduled - fired - cancelled);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('counts what many cancelled events have left of the queue', () => {
    const kernel = new Kernel('census');
    const ids = Array.from({ length: 1_000 }, (_, i) => kernel.schedule(i, nobody, 0, undefined));
    for (const id of ids.slice(0, 900)) kernel.cancel(id);
    expect(kernel.census().pending).toBe(100);
    kernel.run(950);
    expect(kernel.census()).toEqual({ scheduled: 1_000, fired: 51, cancelled: 900, pending: 49 });
  });
});
