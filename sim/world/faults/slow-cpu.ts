import { z } from 'zod';
import type { CpuOverlay } from '../cpu.ts';
import { defineFault } from './fault.ts';

/** All work that is begun takes longer (throttling, a noisy neighbour). Effects: pieces of work slowed. */
export const slowCpu = defineFault({
  kind: 'slow-cpu',
  summary: 'multiplies the time that all work takes on the CPU',
  target: 'nodes',
  duration: 'optional',
  params: { factor: z.number().gt(1).describe('times slower') },
  describe: ({ target, params }) => `slow CPU × ${params.factor} on ${target}`,
  start: ({ targets, params }) => {
    const overlay = new SlowCpu(params.factor);
    for (const node of targets) node.cpu.overlays.add(overlay);
    return {
      stop: () => {
        for (const node of targets) node.cpu.overlays.remove(overlay);
      },
      effects: () => overlay.slowed,
    };
  },
});

class SlowCpu implements CpuOverlay {
  slowed = 0;
  readonly #factor: number;

  constructor(factor: number) {
    this.#factor = factor;
  }

  stretch(serviceMs: number): number {
    this.slowed++;
    return serviceMs * this.#factor;
  }
}
