import { z } from 'zod';
import type { DiskOperation, DiskOverlay } from '../disk.ts';
import { defineFault } from './fault.ts';

/** Every operation that goes into service takes longer. Effects: operations slowed. */
export const slowDisk = defineFault({
  kind: 'slow-disk',
  summary: 'multiplies the time of every disk operation, access and transfer alike',
  target: 'nodes',
  duration: 'optional',
  params: { factor: z.number().gt(1).describe('times slower') },
  describe: ({ target, params }) => `slow disk × ${params.factor} on ${target}`,
  start: ({ targets, params }) => {
    const overlay = new SlowDisk(params.factor);
    for (const node of targets) node.disk.overlays.add(overlay);
    return {
      stop: () => {
        for (const node of targets) node.disk.overlays.remove(overlay);
      },
      effects: () => overlay.slowed,
    };
  },
});

class SlowDisk implements DiskOverlay {
  slowed = 0;
  readonly #factor: number;

  constructor(factor: number) {
    this.#factor = factor;
  }

  apply(operation: DiskOperation): void {
    operation.accessMs *= this.#factor;
    operation.transferMs *= this.#factor;
    this.slowed++;
  }
}
