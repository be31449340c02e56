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
  ...['get', 'gets'].map((word): [string, RecordedOperation] => [word, 'get']),
  ...['set', 'add', 'replace', 'cas', 'append', 'prepend', 'incr', 'decr'].map((word): [string, RecordedOperation] => [
    word,
    'put',
  ]),
  ['delete', 'delete'],
]);

/**
 * Twitter's cache clusters (Yang et al., OSDI'20), comma-separated without a header: time in s, key, key
 * size, value size, client, operation, time to live.
 *
 * get and gets → get; set, add, replace, cas, append, prepend, incr and decr → put; delete → delete. A
 * read of 0 bytes was a miss: there was no such object, and its size is learnt from a later write. Whole
 * seconds are the grid. Times to live are not played.
 */
export const twitter: TraceFormat = {
  name: 'twitter',
  title: 'Twitter cache-trace CSV',
  gridMs: 1000,
  hasEpoch: false,
  unknownSizeBytes: 1024,
  matches: (line) => /^\d+,[^,]+,\d+,\d+,\d+,[a-z]+,\d+$/.test(line),
  parser: () => parser,
};

const parser: LineParser = {
  parse(line: string): readonly TraceRecord[] {
    const [time, key, keySize, valueSize, client, word, ttl, ...more] = line.split(',');
    if (more.length > 0)
      throw new BadField('line', line, 'seven fields: time, key, key size, value size, client, operation, TTL');
    if (!key) throw new BadField('key', key, 'a key without commas');
    wholeNumber('key size', keySize);
    const sizeBytes = wholeNumber('value size', valueSize);
    wholeNumber('client', client);
    const op = operationOf('operation', word, ops);
    wholeNumber('TTL', ttl);
    const known = op === 'put' || sizeBytes > 0;
    return [
      {
        timeMs: wholeNumber('time', time) * 1000,
        op,
        key,
        ...(known ? { sizeBytes } : {}),
        ...(client === undefined ? {} : { client }),
        missing: op === 'get' && sizeBytes === 0,
      },
    ];
  },
};
