import seedrandom from 'seedrandom';
import type { RandomStream } from '../../host.ts';

/** A stream for tests and benchmarks of algorithms alone; in a run the host gives the streams. */
export function seededStream(seed: number): RandomStream {
  const next = seedrandom.alea(String(seed));
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    exponential: (mean) => -mean * Math.log(1 - next()),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}
