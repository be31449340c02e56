import { show } from '../fields.ts';
import type { RecordedOperation } from '../request.ts';

/** One request of a recorded trace, as its line tells it. */
export interface TraceRecord {
  /** In ms from any origin; the origin is the first record's after loading. */
  readonly timeMs: number;
  readonly op: RecordedOperation;
  readonly key: string;
  /** Size of the whole object, in bytes; absent where the line doesn't tell. */
  readonly sizeBytes?: number;
  /** Who asked; absent where the line doesn't tell. */
  readonly client?: string;
  /** True if the line says that there was no such object. */
  readonly missing?: boolean;
  /** True if this was issued together with the record before it (same request of a user). */
  readonly joined?: boolean;
}

/** Reads the lines of one file, in order. Holds what earlier lines told, such as a header's columns. */
export interface LineParser {
  /**
   * The records of a line; none for a line that is well formed but no request for an object.
   * @throws BadField when the line is malformed.
   */
  parse(line: string): readonly TraceRecord[];
}

/** A public format of recorded traffic. One file each, listed in `readers/registry.ts`. */
export interface TraceFormat {
  readonly name: string;
  /** A few words for people. */
  readonly title: string;
  /** Times are whole multiples of this; records of one time are spread over it. 0 if times are exact to a ms. */
  readonly gridMs: number;
  /** True if times count from 1970: the trace then has a date. */
  readonly hasEpoch: boolean;
  /** Size given to objects of which no line tells one, in bytes. */
  readonly unknownSizeBytes: number;
  /** True if this line, of the first few, speaks for the format. */
  matches(line: string): boolean;
  parser(): LineParser;
}

/** A malformed line: which field, what was found, what is accepted. */
export class BadField extends Error {
  constructor(field: string, found: string | undefined, accepted: string) {
    super(`field ${field}: ${found === undefined ? 'missing' : `found ${show(found)}`}; accepted: ${accepted}`);
  }
}

/** A whole number from 0 that a double holds exactly. */
export function wholeNumber(field: string, found: string | undefined): number {
  const value = found !== undefined && /^\d+$/.test(found) ? Number(found) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new BadField(field, found, 'a whole number from 0');
  return value;
}

/** The operation that a format's word stands for. */
export function operationOf(
  field: string,
  found: string | undefined,
  words: ReadonlyMap<string, RecordedOperation>,
): RecordedOperation {
  const op = words.get(found ?? '');
  if (!op) throw new BadField(field, found, [...words.keys()].join(', '));
  return op;
}
