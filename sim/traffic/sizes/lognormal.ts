import bytes from 'bytes';
import { z } from 'zod';
import { notNegative, strict } from '../fields.ts';
import { mix32, toUnit } from '../hash.ts';
import { byteSize } from '../units.ts';
import type { SizeModel } from './size-model.ts';

/** Sizes whose logarithm is normal, as those of files and web objects are (Downey, "The structural cause of file size distributions", 2001). */
export const lognormalSchema = strict({
  kind: z.literal('lognormal'),
  medianBytes: byteSize,
  /** Standard deviation of the natural logarithm: 0 is fixed, 1 spans about ×7 either way in 95 %. */
  sigma: notNegative,
  minBytes: byteSize.optional(),
  maxBytes: byteSize.optional(),
}).refine((spec) => (spec.minBytes ?? 0) <= (spec.maxBytes ?? Infinity), {
  path: ['minBytes'],
  message: 'is above maxBytes; accepted: at most maxBytes',
});

export class LognormalSizes implements SizeModel {
  readonly #medianBytes: number;
  readonly #sigma: number;
  readonly #minBytes: number;
  readonly #maxBytes: number;

  constructor(spec: z.output<typeof lognormalSchema>) {
    this.#medianBytes = spec.medianBytes;
    this.#sigma = spec.sigma;
    this.#minBytes = spec.minBytes ?? 1;
    this.#maxBytes = spec.maxBytes ?? Number.MAX_SAFE_INTEGER;
  }

  sizeBytes(hash: number): number {
    // Box–Muller on two hashes of the object's.
    const radius = Math.sqrt(-2 * Math.log(toUnit(hash)));
    const normal = radius * Math.cos(2 * Math.PI * toUnit(mix32(hash ^ 0x5bd1e995)));
    const sizeBytes = Math.round(this.#medianBytes * Math.exp(this.#sigma * normal));
    return Math.min(this.#maxBytes, Math.max(this.#minBytes, sizeBytes));
  }

  describe(): string {
    return `median ${bytes.format(this.#medianBytes)}, sigma ${this.#sigma}`;
  }
}
