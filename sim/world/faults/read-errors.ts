import { z } from 'zod';
import type { RandomStream } from '../../host.ts';
import { type DiskOperation, type DiskOverlay, FAILED } from '../disk.ts';
import { defineFault } from './fault.ts';
import { Supervisor } from './supervisor.ts';

/**
 * Reads fail now and then (a weak sector, a bad cable); a second try may succeed. Who ends over it (a
 * failed check at its start) starts again when the fault ends, if it has an end. Effects: reads that failed.
 */
export const readErrors = defineFault({
  kind: 'read-errors',
  summary: 'makes a share of the disk reads fail; who ends over it starts again after the duration',
  target: 'nodes',
  duration: 'optional',
  params: { rate: z.number().gt(0).max(1).describe('share of the reads, 0 to 1') },
  describe: ({ target, params }) => `${Number((params.rate * 100).toPrecision(4))} % failing reads on ${target}`,
  start: ({ world, targets, params, random }) => {
    const overlay = new FailingReads(params.rate, random);
    for (const node of targets) node.disk.overlays.add(overlay);
    return {
      stop: () => {
        for (const node of targets) node.disk.overlays.remove(overlay);
        if (overlay.failed > 0) new Supervisor(world, targets).onEvent();
      },
      effects: () => overlay.failed,
    };
  },
});

class FailingReads implements DiskOverlay {
  failed = 0;
  readonly #rate: number;
  readonly #random: RandomStream;

  constructor(rate: number, random: RandomStream) {
    this.#rate = rate;
    this.#random = random;
  }

  apply(operation: DiskOperation): void {
    if (operation.kind !== 'read' || !operation.result.ok || this.#random.next() >= this.#rate) return;
    operation.result = FAILED['io-error'];
    this.failed++;
  }
}
