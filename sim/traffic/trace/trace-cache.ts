import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type ReadOptions, readTrace } from './read-trace.ts';
import type { Trace } from './trace.ts';

const maxKept = 2;
const kept = new Map<string, Promise<Trace>>();

/**
 * Like `readTrace`, but a file that hasn't changed since is read once: the trials of a sweep that share a
 * worker share the trace. The two files last asked for are kept.
 */
export async function readTraceOnce(path: string, options: ReadOptions = {}): Promise<Trace> {
  const file = resolve(options.root ?? '.', path);
  const found = await stat(file).catch(() => undefined);
  const version = found ? [found.size, found.mtimeMs, found.ino] : [];
  const identity = JSON.stringify([file, path, options, ...version]);
  const known = kept.get(identity);
  if (known) return known;
  const reading = readTrace(path, options);
  kept.set(identity, reading);
  for (const oldest of kept.keys()) {
    if (kept.size <= maxKept) break;
    kept.delete(oldest);
  }
  return reading;
}
