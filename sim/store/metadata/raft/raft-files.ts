import { encodeFrame, joinBytes } from '../log/log-frame.ts';
import type { Entry, HardState, Snapshot, SnapshotPoint } from './entry.ts';

/**
 * What stands in the frames of a member's files (`../log-frame.ts`), as JSON. A log file holds records in the order in
 * which they came: an entry replaces all from its index on, a state replaces the one before. A snapshot file holds its
 * point, the machine's texts and an end mark.
 */
export type LogRecord = { readonly entry: Entry } | { readonly state: HardState };

export function encodeRecords(state: HardState | undefined, entries: readonly Entry[]): Uint8Array {
  const frames = entries.map((entry) => encodeFrame(entry.index, JSON.stringify({ entry } satisfies LogRecord)));
  if (state !== undefined) frames.unshift(encodeFrame(0, JSON.stringify({ state } satisfies LogRecord)));
  return joinBytes(frames);
}

export function decodeRecord(text: string): LogRecord {
  return JSON.parse(text);
}

export function encodeSnapshot({ index, term, voters, records }: Snapshot): Uint8Array {
  const point: SnapshotPoint = { index, term, voters };
  const texts = [JSON.stringify(point), ...records];
  texts.push(endMark(texts.length));
  return joinBytes(texts.map((text) => encodeFrame(index, text)));
}

/** The snapshot that the texts of a file make, undefined if it is not whole. */
export function decodeSnapshot(texts: readonly string[]): Snapshot | undefined {
  const [first, ...rest] = texts;
  if (first === undefined || rest.pop() !== endMark(rest.length + 1)) return undefined;
  const point: SnapshotPoint = JSON.parse(first);
  return { ...point, records: rest };
}

function endMark(texts: number): string {
  return `{"end":${texts}}`;
}
