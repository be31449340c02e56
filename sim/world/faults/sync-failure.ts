import { z } from 'zod';
import { type DiskOperation, type DiskOverlay, FAILED } from '../disk.ts';
import { defineFault } from './fault.ts';
import { Supervisor } from './supervisor.ts';

/**
 * The next syncs fail, and what they should have made durable is lost at the next crash even if later ones succeed
 * (Rebello et al., USENIX ATC 2020). A process that ends itself over it is restarted when the fault ends, if it has an end.
 * Effects: syncs that failed.
 */
export const syncFailure = defineFault({
  kind: 'sync-failure',
  summary: 'makes the next syncs of each target fail; who ends over it starts again after the duration',
  target: 'nodes',
  duration: 'optional',
  params: { syncs: z.number().int().min(1).default(1).describe('how many, on each target') },
  describe: ({ target, params }) =>
    `${params.syncs === 1 ? 'failing sync' : `${params.syncs} failing syncs`} on ${target}`,
  start: ({ world, targets, params }) => {
    const struck = targets.map((node) => {
      const overlay = new FailingSyncs(params.syncs);
      node.disk.overlays.add(overlay);
      return { node, overlay };
    });
    return {
      stop: () => {
        for (const { node, overlay } of struck) node.disk.overlays.remove(overlay);
        const failed = struck.filter(({ overlay }) => overlay.failed > 0);
        new Supervisor(
          world,
          failed.map(({ node }) => node),
        ).onEvent();
      },
      effects: () => struck.reduce((sum, { overlay }) => sum + overlay.failed, 0),
    };
  },
});

class FailingSyncs implements DiskOverlay {
  failed = 0;
  readonly #syncs: number;

  constructor(syncs: number) {
    this.#syncs = syncs;
  }

  apply(operation: DiskOperation): void {
    if (operation.kind !== 'sync' || !operation.result.ok || this.failed >= this.#syncs) return;
    operation.result = FAILED['io-error'];
    this.failed++;
  }
}
