import { existsSync, readFileSync } from 'node:fs';
import type { z } from 'zod';

/** A file of recorded inputs and outputs of real implementations, where it is there. */
export interface Vectors<Shape> {
  /** Why its tests are skipped, for their title; empty where it is there. */
  readonly reason: string;
  read(): Shape;
}

/** Recorded vectors by their name in `../shared/vectors`, checked against `shape` when they are read. */
export function vectors<Shape>(name: string, shape: z.ZodType<Shape>): Vectors<Shape> {
  const path = `../shared/vectors/${name}`;
  return {
    reason: existsSync(path) ? '' : ` (skipped: ${path} is not there)`,
    read: () => shape.parse(JSON.parse(readFileSync(path, 'utf8'))),
  };
}
