import { z } from 'zod';
import { defineFault } from './fault.ts';

/** The process ends; after the duration it starts again on what the disk has kept. */
export const crash = defineFault({
  kind: 'crash',
  summary: 'ends the process, or the machine with it; un-synced writes are lost or torn; restarts after the duration',
  target: 'nodes',
  duration: 'optional',
  params: {
    mode: z
      .enum(['process', 'machine'])
      .default('process')
      .describe('process: peers are told (reset, refused); machine: silence, they time out'),
  },
  describe: ({ target, params }) => (params.mode === 'machine' ? `power loss of ${target}` : `crash ${target}`),
  start: ({ world, targets, params }) => {
    const ended: { readonly id: string; readonly life: number }[] = [];
    for (const node of targets) {
      if (world.crash(node.id, { mode: params.mode })) ended.push({ id: node.id, life: node.life });
    }
    return {
      stop: () => {
        // Whoever was restarted, or has crashed again since, is no longer this fault's to restart.
        for (const { id, life } of ended) if (world.node(id).life === life) world.restart(id);
      },
      effects: () => ended.length,
    };
  },
});
