import { z } from 'zod';
import { didYouMean, readableIssues } from '../readable-issues.ts';
import { bitRot } from './bit-rot.ts';
import { clockDrift, clockJump } from './clock.ts';
import { crash } from './crash.ts';
import { delay, duplicate, reorder } from './disordered-messages.ts';
import type { FaultKind, FaultSpec } from './fault.ts';
import { fullDisk } from './full-disk.ts';
import { packetLoss } from './packet-loss.ts';
import { isolate, oneWayPartition, partition } from './partition.ts';
import { pause } from './pause.ts';
import { readErrors } from './read-errors.ts';
import { restartStorm } from './restart-storm.ts';
import { slowCpu } from './slow-cpu.ts';
import { slowDisk } from './slow-disk.ts';
import { syncFailure } from './sync-failure.ts';
import { wipeDisk } from './wipe-disk.ts';

/** The kinds of fault that the world can do by itself. */
export const WORLD_FAULTS: readonly FaultKind[] = [
  crash,
  pause,
  slowDisk,
  slowCpu,
  partition,
  isolate,
  packetLoss,
  restartStorm,
  oneWayPartition,
  delay,
  reorder,
  duplicate,
  wipeDisk,
  bitRot,
  fullDisk,
  syncFailure,
  readErrors,
  clockJump,
  clockDrift,
];

/** The kinds of fault that a scenario may use, by name. */
export class FaultRegistry {
  readonly #kinds = new Map<string, FaultKind>();

  /** @throws Error if two kinds have the same name. */
  constructor(kinds: readonly FaultKind[]) {
    for (const kind of kinds) {
      if (this.#kinds.has(kind.kind)) throw new Error(`fault kind ${JSON.stringify(kind.kind)} is defined twice`);
      this.#kinds.set(kind.kind, kind);
    }
  }

  /** @throws Error naming the kinds that there are. */
  get(kind: string): FaultKind {
    const found = this.#kinds.get(kind);
    if (found === undefined)
      throw new Error(`unknown fault kind ${JSON.stringify(kind)}${didYouMean(kind, this.names())}`);
    return found;
  }

  names(): string[] {
    return [...this.#kinds.keys()];
  }

  /** In the order of registration: for the list in the documentation. */
  kinds(): FaultKind[] {
    return [...this.#kinds.values()];
  }
}

/** Checks one fault of a scenario: its kind must be registered and its fields that kind's, no others. */
export function faultSchema(registry: FaultRegistry): z.ZodType<FaultSpec> {
  return z.looseObject({ kind: z.string() }).transform((fault, context): FaultSpec => {
    if (!registry.names().includes(fault.kind)) {
      const message = `unknown fault kind ${JSON.stringify(fault.kind)}${didYouMean(fault.kind, registry.names())}`;
      context.addIssue({ code: 'custom', message, path: ['kind'], input: fault.kind });
      return z.NEVER;
    }
    const kind = registry.get(fault.kind);
    const parsed = kind.schema.safeParse(fault, { reportInput: true });
    if (parsed.success) return parsed.data;
    for (const { path, message } of readableIssues(parsed.error, kind.fields)) {
      context.addIssue({ code: 'custom', message: `${fault.kind}: ${message}`, path, input: fault });
    }
    return z.NEVER;
  });
}
