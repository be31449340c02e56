import { closest } from 'fastest-levenshtein';
import type { TraceFormat } from '../trace/format.ts';
import { TrafficError } from '../traffic-error.ts';
import { commonLog } from './common-log.ts';
import { ibmCos } from './ibm-cos.ts';
import { libCacheSimCsv } from './libcachesim-csv.ts';
import { mooncake } from './mooncake.ts';
import { twitter } from './twitter.ts';

/** All formats of recorded traffic that can be read. */
export const traceFormats: readonly TraceFormat[] = [commonLog, libCacheSimCsv, mooncake, twitter, ibmCos];

const known = traceFormats.map((format) => format.name);

/** The format of this name. @throws TrafficError if there is none. */
export function formatNamed(name: string): TraceFormat {
  const format = traceFormats.find((candidate) => candidate.name === name);
  if (format) return format;
  throw new TrafficError(
    `traffic.format: found "${name}" (did you mean ${closest(name, known)}?); accepted: ${known.join(', ')}`,
  );
}

/** The format for which most of these lines, a file's first, speak; undefined if none does for any. */
export function formatOf(lines: readonly string[]): TraceFormat | undefined {
  let best: TraceFormat | undefined;
  let most = 0;
  for (const format of traceFormats) {
    const count = lines.filter((line) => format.matches(line)).length;
    if (count > most) {
      best = format;
      most = count;
    }
  }
  return best;
}

/** The formats for a message. */
export function formatList(): string {
  return traceFormats.map((format) => `${format.name} (${format.title})`).join(', ');
}
