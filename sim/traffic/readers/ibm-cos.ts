import type { RecordedOperation } from '../request.ts';
import {
  BadField,
  type LineParser,
  operationOf,
  type TraceFormat,
  type TraceRecord,
  wholeNumber,
} from '../trace/format.ts';

const ops: ReadonlyMap<string, RecordedOperation> = new Map([
  ['REST.GET.OBJECT', 'get'],
  ['REST.PUT.OBJECT', 'put'],
  ['REST.COPY.OBJECT', 'put'],
  ['REST.HEAD.OBJECT', 'head'],
  ['REST.DELETE.OBJECT', 'delete'],
]);

/**
 * IBM Cloud Object Storage (SNIA IOTTA), separated by spaces: ms from the start, operation, object, and
 * where it applies size and the first and last byte of a range.
 *
 * GET → get, HEAD → head, PUT and COPY → put (the trace doesn't tell what was copied), DELETE → delete. A
 * range is played as a get of the whole object. Times are exact.
 */
export const ibmCos: TraceFormat = {
  name: 'ibm-cos',
  title: 'IBM Cloud Object Storage',
  gridMs: 0,
  hasEpoch: false,
  unknownSizeBytes: 64 * 1024,
  matches: (line) => /^\d+ REST\.[A-Z]+\.OBJECT /.test(line),
  parser: () => parser,
};

const parser: LineParser = {
  parse(line: string): readonly TraceRecord[] {
    const [time, word, id, size, first, last, ...more] = line.trim().split(' ');
    if (more.length > 0 || (first === undefined) !== (last === undefined)) {
      throw new BadField('line', line, 'ms, operation, object, and optionally size, or size and first and last byte');
    }
    if (!id) throw new BadField('object', id, 'an identity');
    if (first !== undefined) wholeNumber('first byte', first);
    // An object of no bytes has the range 0 to -1.
    if (last !== undefined && last !== '-1') wholeNumber('last byte', last);
    return [
      {
        timeMs: wholeNumber('time', time),
        op: operationOf('operation', word, ops),
        key: id,
        ...(size === undefined ? {} : { sizeBytes: wholeNumber('size', size) }),
      },
    ];
  },
};
