import { z } from 'zod';
import { defineFault } from './fault.ts';
import { Supervisor } from './supervisor.ts';

/** Something else on the machine fills the disk (logs, a neighbour). Who ends over it starts again when the fault ends. Effects: bytes taken. */
export const fullDisk = defineFault({
  kind: 'full-disk',
  summary: 'lets something else take the space of the disk, all but what is left free',
  target: 'nodes',
  duration: 'optional',
  params: { freeBytes: z.number().nonnegative().default(0).describe('left to the process, beside what it holds') },
  describe: ({ target, params }) =>
    `full disk of ${target}${params.freeBytes > 0 ? `, ${params.freeBytes} bytes left` : ''}`,
  start: ({ world, targets, params }) => {
    const taken = targets.map(({ disk }) => {
      const free = disk.capacityBytes - disk.usedBytes - disk.foreignBytes;
      const bytes = Math.max(0, free - params.freeBytes);
      disk.foreignBytes += bytes;
      return { disk, bytes };
    });
    return {
      stop: () => {
        for (const { disk, bytes } of taken) disk.foreignBytes -= bytes;
        new Supervisor(world, targets).onEvent();
      },
      effects: () => taken.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  },
});
