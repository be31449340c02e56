import bytes from 'bytes';
import { z } from 'zod';
import { strict } from '../fields.ts';
import { byteSize } from '../units.ts';
import type { SizeModel } from './size-model.ts';

/** Every object has the same size. */
export const fixedSchema = strict({ kind: z.literal('fixed'), bytes: byteSize });

export class FixedSizes implements SizeModel {
  readonly #sizeBytes: number;

  constructor(spec: z.output<typeof fixedSchema>) {
    this.#sizeBytes = spec.bytes;
  }

  sizeBytes(): number {
    return this.#sizeBytes;
  }

  describe(): string {
    return `${bytes.format(this.#sizeBytes)} each`;
  }
}
