import { existsSync } from 'node:fs';
import seedrandom from 'seedrandom';
import type { TestContext } from 'vitest';
import type { RandomStream } from '../host.ts';
import type { TrafficRequest } from './request.ts';
import type { Streams, TrafficSource } from './source.ts';

/** Streams for tests: each purpose has its own generator, seeded by name. */
export function testStreams(seed: string): Streams {
  const streams = new Map<string, RandomStream>();
  return (purpose) => {
    const stream = streams.get(purpose) ?? testStream(`${seed}/${purpose}`);
    streams.set(purpose, stream);
    return stream;
  };
}

/** One stream for tests. */
export function testStream(seed: string): RandomStream {
  const draw = seedrandom.alea(seed);
  return {
    next: draw,
    below: (bound) => Math.floor(draw() * bound),
    exponential: (mean) => -mean * Math.log(1 - draw()),
    normal: () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw()),
  };
}

/** All that is left of a source, as copies. */
export function drain(source: TrafficSource): TrafficRequest[] {
  const all: TrafficRequest[] = [];
  for (let request = source.next(); request; request = source.next()) all.push({ ...request });
  return all;
}

/** Real data beside the project. Skips the test, and says why, where it is absent. */
export function sharedData(context: TestContext, path: string): string {
  const file = `../shared/data/${path}`;
  context.skip(!existsSync(file), `needs ${file}, which is other people's data and not part of the project`);
  return file;
}
