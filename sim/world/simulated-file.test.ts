import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedFile } from './simulated-file.ts';

describe('a simulated file', () => {
  it('reads like one array of bytes, however it was written, cut and restored', () => {
    const append = fc.record({ what: fc.constant('append' as const), bytes: fc.uint8Array({ maxLength: 3000 }) });
    const cut = fc.record({ what: fc.constant('cut' as const), to: fc.double({ min: 0, max: 1, noNaN: true }) });
    const undo = fc.record({ what: fc.constant('undo' as const), to: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: append }, cut, undo), { maxLength: 40 }), (steps) => {
        const file = new SimulatedFile();
        let model: number[] = [];
        for (const step of steps) {
          if (step.what === 'append') {
            file.append(step.bytes, step.bytes.length);
            model.push(...step.bytes);
          } else {
            const undone = file.truncate(Math.floor(step.to * model.length));
            if (step.what === 'undo') file.restore(undone);
            else model = model.slice(0, Math.floor(step.to * model.length));
          }
          expect(file.lengthBytes).toBe(model.length);
          expect(file.chargedBytes).toBe(model.length);
        }
        const from = model.length >> 2;
        const length = model.length >> 1;
        expect([...file.read(from, length)]).toEqual(model.slice(from, from + length));
        expect([...file.read(0, model.length)]).toEqual(model);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('leaves what was read alone when the file is cut and written again', () => {
    const file = new SimulatedFile();
    file.append(Uint8Array.of(1, 2, 3, 4), 4);
    const view = file.read(0, 4);
    file.truncate(1);
    file.append(Uint8Array.of(9, 9, 9), 3);
    expect([...view]).toEqual([1, 2, 3, 4]);
    expect([...file.read(0, 4)]).toEqual([1, 9, 9, 9]);
  });

  it('knows its declared size at any cut, in proportion within an append', () => {
    const file = new SimulatedFile();
    file.append(new Uint8Array(10), 10);
    file.append(new Uint8Array(10), 1000);
    file.append(new Uint8Array(10), 10);
    expect(file.chargedBytes).toBe(1020);
    file.truncate(25);
    expect(file.chargedBytes).toBe(1015);
    file.truncate(15);
    expect(file.chargedBytes).toBe(510);
    file.truncate(0);
    expect(file.chargedBytes).toBe(0);
  });
});
