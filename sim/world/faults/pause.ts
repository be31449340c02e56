import { defineFault } from './fault.ts';

/** The process stands still (SIGSTOP, a long collection of garbage, a frozen virtual machine), then goes on. */
export const pause = defineFault({
  kind: 'pause',
  summary: 'stops the process where it stands; what reaches it waits until it goes on as if nothing had happened',
  target: 'nodes',
  duration: 'optional',
  params: {},
  describe: ({ target }) => `pause ${target}`,
  start: ({ world, targets }) => {
    const stopped = targets.filter((node) => world.pause(node.id)).map(({ id, life }) => ({ id, life }));
    return {
      stop: () => {
        for (const { id, life } of stopped) if (world.node(id).life === life) world.resume(id);
      },
      effects: () => stopped.length,
    };
  },
});
