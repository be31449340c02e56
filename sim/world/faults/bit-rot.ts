import { z } from 'zod';
import { defineFault } from './fault.ts';

/** Durable bytes change by themselves; the reader learns it from a checksum or not at all. Effects: bits flipped. */
export const bitRot = defineFault({
  kind: 'bit-rot',
  summary:
    'flips bits of durable bytes, anywhere in the files of the targets: one byte each, evenly over their lengths',
  target: 'nodes',
  duration: 'none',
  params: {
    flips: z.number().int().min(1).default(1).describe('bits on each target'),
    files: z.string().default('').describe('only in files whose names begin so; all by default'),
  },
  describe: ({ target, params }) => `bit rot × ${params.flips} on ${target}`,
  start: ({ world, targets, params, random }) => {
    let flipped = 0;
    for (const { id } of targets) {
      for (let i = 0; i < params.flips; i++) {
        if (world.corruptDisk(id, random, (file) => file.startsWith(params.files))) flipped++;
      }
    }
    return { stop: () => {}, effects: () => flipped };
  },
});
