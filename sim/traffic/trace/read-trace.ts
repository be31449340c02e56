import { resolve } from 'node:path';
import { formatList, formatNamed, formatOf } from '../readers/registry.ts';
import { TrafficError } from '../traffic-error.ts';
import { TraceBuilder } from './builder.ts';
import { BadField, type LineParser, type TraceFormat } from './format.ts';
import { readLines } from './lines.ts';
import type { Trace } from './trace.ts';

/** How a trace file is read. */
export interface ReadOptions {
  /** Name of the format; by default recognised by the first lines. */
  readonly format?: string | undefined;
  /** Malformed lines that are skipped and counted; one more, and the file is refused. Default 0. */
  readonly maxBadLines?: number | undefined;
  /** Size of objects of which no line tells one, in bytes; by default the format's. */
  readonly unknownSizeBytes?: number | undefined;
  /** Folder to which `path` is relative; by default the working directory. */
  readonly root?: string | undefined;
}

/**
 * Reads a recorded trace, plain or gzip, into columns. The file is streamed; what stays in memory is the
 * columns (about 40 bytes a request) and each key once.
 *
 * @throws TrafficError naming the file, and of a malformed line its number, the field, what was found and what is accepted
 */
export async function readTrace(path: string, options: ReadOptions = {}): Promise<Trace> {
  const lines = readLines(resolve(options.root ?? '.', path), path);
  const load = new Load(path, options);
  try {
    for (;;) {
      const step = await lines.next();
      if (step.done) return load.finish(step.value);
      load.take(step.value);
    }
  } finally {
    await lines.return({ bytes: 0, sha256: '' });
  }
}

class Load {
  readonly #path: string;
  readonly #options: ReadOptions;
  readonly #builder = new TraceBuilder();
  #format: TraceFormat | undefined;
  #parser: LineParser | undefined;
  #lines = 0;
  #badLines = 0;
  #otherLines = 0;

  constructor(path: string, options: ReadOptions) {
    this.#path = path;
    this.#options = options;
    if (options.format !== undefined) this.#format = formatNamed(options.format);
  }

  take(lines: readonly string[]): void {
    this.#format ??= this.#recognise(lines);
    this.#parser ??= this.#format?.parser();
    for (const line of lines) {
      this.#lines++;
      if (line.trim() !== '' && this.#parser) this.#parse(line, this.#parser);
    }
  }

  finish(digest: { readonly bytes: number; readonly sha256: string }): Trace {
    if (!this.#format) throw new TrafficError(`trace ${this.#path} is empty; accepted: at least one request`);
    if (this.#builder.count === 0) {
      throw new TrafficError(
        `trace ${this.#path} holds no request in its ${this.#lines} lines; accepted: at least one`,
      );
    }
    const origin = {
      path: this.#path,
      format: this.#format.name,
      ...digest,
      lines: this.#lines,
      badLines: this.#badLines,
      otherLines: this.#otherLines,
    };
    return this.#builder.build(origin, this.#format, this.#options.unknownSizeBytes);
  }

  #recognise(lines: readonly string[]): TraceFormat | undefined {
    const first = lines.filter((line) => line.trim() !== '').slice(0, 50);
    if (first.length === 0) return undefined;
    const format = formatOf(first);
    if (format) return format;
    throw new TrafficError(`trace ${this.#path}: its first lines fit no known format; accepted: ${formatList()}`);
  }

  #parse(line: string, parser: LineParser): void {
    try {
      const records = parser.parse(line);
      if (records.length === 0) this.#otherLines++;
      for (const record of records) this.#builder.add(record);
    } catch (error) {
      if (!(error instanceof BadField)) throw error;
      this.#badLines++;
      const allowed = this.#options.maxBadLines ?? 0;
      if (this.#badLines <= allowed) return;
      const count =
        allowed > 0 ? ` (malformed line ${this.#badLines}, of at most ${allowed} that maxBadLines allows)` : '';
      throw new TrafficError(`trace ${this.#path}, line ${this.#lines}: ${error.message}${count}`);
    }
  }
}
