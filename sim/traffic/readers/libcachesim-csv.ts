import type { RecordedOperation } from '../request.ts';
import {
  BadField,
  type LineParser,
  operationOf,
  type TraceFormat,
  type TraceRecord,
  wholeNumber,
} from '../trace/format.ts';

/** Names under which the columns occur. */
const names = {
  time: ['time', 'timestamp'],
  object: ['lbn', 'object', 'obj_id', 'object_id'],
  size: ['size', 'obj_size', 'object_size'],
  op: ['op'],
};

/** SCSI operation codes in hex (READ and WRITE of 6, 10, 12 and 16 bytes), and plain words. */
const ops: ReadonlyMap<string, RecordedOperation> = new Map([
  ...['08', '28', 'a8', '88', 'read', 'r', 'get'].map((word): [string, RecordedOperation] => [word, 'get']),
  ...['0a', '2a', 'aa', '8a', 'write', 'w', 'put'].map((word): [string, RecordedOperation] => [word, 'put']),
]);

const columnsOf = (line: string) => line.split(',').map((cell) => cell.trim().toLowerCase());
const indexOf = (header: readonly string[], known: readonly string[]) =>
  header.findIndex((cell) => known.includes(cell));

/**
 * Comma-separated block or cache accesses with a header line, as libCacheSim ships them (the CloudPhysics
 * sample: `version,time,op,size,lbn`). Columns are found by name, in any order; `op` may be absent (all
 * reads). A block's READ → get, WRITE → put, its address the key. Whole seconds are the grid.
 */
export const libCacheSimCsv: TraceFormat = {
  name: 'libcachesim-csv',
  title: "libCacheSim's CSV (CloudPhysics)",
  gridMs: 1000,
  hasEpoch: false,
  unknownSizeBytes: 4096,
  matches: (line) => {
    const header = columnsOf(line);
    return indexOf(header, names.time) >= 0 && indexOf(header, names.object) >= 0;
  },
  parser: () => new CsvParser(),
};

class CsvParser implements LineParser {
  #columns: { time: number; object: number; size: number; op: number } | undefined;

  parse(line: string): readonly TraceRecord[] {
    if (!this.#columns) {
      this.#readHeader(line);
      return [];
    }
    const { time, object, size, op } = this.#columns;
    const cells = line.split(',');
    const cell = (index: number) => cells[index]?.trim();
    const id = cell(object);
    if (!id) throw new BadField('object', id, 'the identity of a block or object');
    return [
      {
        timeMs: wholeNumber('time', cell(time)) * 1000,
        op: op < 0 ? 'get' : operationOf('op', cell(op)?.toLowerCase(), ops),
        key: `block/${id}`,
        ...(size < 0 ? {} : { sizeBytes: wholeNumber('size', cell(size)) }),
      },
    ];
  }

  #readHeader(line: string): void {
    const header = columnsOf(line);
    const time = indexOf(header, names.time);
    const object = indexOf(header, names.object);
    if (time < 0 || object < 0) throw new BadField('header', line, 'column names such as version,time,op,size,lbn');
    this.#columns = { time, object, size: indexOf(header, names.size), op: indexOf(header, names.op) };
  }
}
