/** Where a trace came from, and what was met on the way. */
export interface TraceOrigin {
  readonly path: string;
  /** Name of the format. */
  readonly format: string;
  readonly bytes: number;
  /** SHA-256 of the file as it lies on the disk, in hex. */
  readonly sha256: string;
  readonly lines: number;
  /** Malformed lines that were skipped. */
  readonly badLines: number;
  /** Well-formed lines that are no request for an object, a header among them. */
  readonly otherLines: number;
  /** Records that stood behind a later one, and were sorted. */
  readonly outOfOrder: number;
  /** Time of the first record, in ms, from the format's own origin. */
  readonly startMs: number;
  /** Day of the first record in UTC, `1995-08-01`, if the format's clock counts from 1970. */
  readonly date?: string;
}

/** A recorded trace in memory: one typed array a column, one element a request, sorted by time. Never mutated. */
export interface Trace {
  readonly origin: TraceOrigin;
  readonly count: number;
  /** From the first request to the end of the last one's tick of the clock. */
  readonly durationMs: number;
  /** From the first request, ascending; spread inside the format's grid. */
  readonly timeMs: Float64Array;
  /** Index into `keys`. */
  readonly key: Uint32Array;
  /** Index into `operations`. */
  readonly op: Uint8Array;
  /** As recorded; -1 where the line doesn't tell. */
  readonly sizeBytes: Float64Array;
  /** From 0 in order of appearance; -1 where the line doesn't tell. */
  readonly client: Int32Array;
  /** Number of clients that were told apart. */
  readonly clientCount: number;
  /** Key names, in order of appearance. */
  readonly keys: readonly string[];
  /** Of each key: the first size that any line tells, else the format's or the reader's default. */
  readonly keySizeBytes: Float64Array;
  /** Of each key: 1 if the trace reads it before it writes it. */
  readonly storedBefore: Uint8Array;
}
