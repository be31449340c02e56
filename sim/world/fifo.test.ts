import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from './fifo.ts';

it('a queue gives back in the order in which it took, through growth and clearing', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('push', 'push', 'shift', 'clear', 'burst'), { maxLength: 60 }), (steps) => {
      const queue = new Fifo<number>();
      const model: number[] = [];
      let next = 0;
      for (const step of steps) {
        if (step === 'shift') expect(queue.shift()).toBe(model.shift());
        else if (step === 'clear' && next % 7 === 0) {
          queue.clear();
          model.length = 0;
        } else {
          for (let i = 0; i < (step === 'burst' ? 11 : 1); i++) {
            queue.push(next);
            model.push(next++);
          }
        }
        expect(queue.length).toBe(model.length);
      }
      while (model.length > 0) expect(queue.shift()).toBe(model.shift());
      expect(queue.shift()).toBeUndefined();
    }),
    { seed: 1, numRuns: 100 },
  );
});
