import { defineFault } from './fault.ts';

/** The machine comes back with a new, empty disk. Effects: disks wiped. */
export const wipeDisk = defineFault({
  kind: 'wipe-disk',
  summary: 'ends the process and destroys all that its disk holds; after the duration it starts again on an empty one',
  target: 'nodes',
  duration: 'optional',
  params: {},
  describe: ({ target }) => `wipe the disk of ${target}`,
  start: ({ world, targets }) => {
    const lives = targets.map(({ id }) => {
      world.crash(id, { mode: 'machine' });
      world.wipeDisk(id);
      return { id, life: world.node(id).life };
    });
    return {
      stop: () => {
        for (const { id, life } of lives) if (world.node(id).life === life) world.restart(id);
      },
      effects: () => lives.length,
    };
  },
});
