import { describe, expect, it } from 'vitest';
import { lruHitRatio } from '../profile/lru.ts';
import { operations } from '../request.ts';
import { sharedData } from '../testing.ts';
import type { LineParser, TraceFormat, TraceRecord } from '../trace/format.ts';
import { readTrace } from '../trace/read-trace.ts';
import { commonLog } from './common-log.ts';
import { ibmCos } from './ibm-cos.ts';
import { libCacheSimCsv } from './libcachesim-csv.ts';
import { mooncake } from './mooncake.ts';
import { traceFormats } from './registry.ts';
import { twitter } from './twitter.ts';

/** Lines of each format, quoted from the data sets' own descriptions. */
const lines = {
  clf: 'in24.inetnebr.com - - [01/Aug/1995:00:00:01 -0400] "GET /shuttle/missions/sts-68/news/sts-68-mcc-05.txt HTTP/1.0" 200 1839',
  notModified: 'uplherc.upl.com - - [01/Aug/1995:00:00:07 -0400] "GET / HTTP/1.0" 304 0',
  http09: '130.54.25.198 - - [01/Jun/1995:00:28:36 -0600] "GET /~macphed/finite/fe_resources/node1.html" 200 9651',
  combined:
    '86.1.76.62 - - [17/May/2015:11:05:19 +0000] "GET /style2.css HTTP/1.1" 200 4877 "http://www.semicomplete.com/projects/xdotool/" "Mozilla/5.0 (X11; Linux x86_64; rv:24.0)"',
  twitterGet: '0,q:q:1:8WTfjZU14ee,17,213,4,get,0',
  twitterAdd: '0,yDqF:vS:GKA9AK1xJxJ9nKA991,26,27,18,add,86400',
  twitterDelete: '0,q:q:1:FyQjIMHMee,16,0,177,delete,0',
  ibmPut: '1219008 REST.PUT.OBJECT 8d4fcda3d675bac9 1056',
  ibmGet: '1232488 REST.GET.OBJECT 95d363d3fbdc0b03 1168 0 1167',
  ibmEmpty: '196535044 REST.GET.OBJECT 8688e0d2d279c9bb 0 0 -1',
};

const parse = (format: TraceFormat, line: string): TraceRecord | undefined => format.parser().parse(line)[0];

describe('the common log reader', () => {
  it('reads time, operation, URL, size and client', () => {
    expect(parse(commonLog, lines.clf)).toEqual({
      timeMs: 807_249_601_000,
      op: 'get',
      key: '/shuttle/missions/sts-68/news/sts-68-mcc-05.txt',
      client: 'in24.inetnebr.com',
      sizeBytes: 1839,
      missing: false,
    });
  });

  it('reads Combined, requests without a protocol, and other zones', () => {
    expect(parse(commonLog, lines.combined)).toMatchObject({
      key: '/style2.css',
      sizeBytes: 4877,
      timeMs: 1_431_860_719_000,
    });
    expect(parse(commonLog, lines.http09)).toMatchObject({
      key: '/~macphed/finite/fe_resources/node1.html',
      timeMs: 801_988_116_000,
    });
  });

  it('takes 304 for a head, whose size is unknown, and 404 for an object that is not there', () => {
    expect(parse(commonLog, lines.notModified)).toMatchObject({ op: 'head', key: '/' });
    expect(parse(commonLog, lines.notModified)).not.toHaveProperty('sizeBytes');
    expect(parse(commonLog, lines.clf.replace('200 1839', '404 -'))).toMatchObject({ op: 'get', missing: true });
  });

  it('reads URLs with spaces and quotes, and leaves garbage and other methods out', () => {
    expect(parse(commonLog, lines.clf.replace('/shuttle', '/a "b" c'))).toMatchObject({
      key: expect.stringMatching(/^\/a "b" c/),
    });
    expect(parse(commonLog, lines.clf.replace(/GET .*1\.0/, '-'))).toBeUndefined();
    expect(parse(commonLog, lines.clf.replace('GET', 'OPTIONS'))).toBeUndefined();
  });
});

describe('the libCacheSim reader', () => {
  it('finds its columns by name', () => {
    const cloudPhysics = libCacheSimCsv.parser();
    expect(cloudPhysics.parse('version,time,op,size,lbn')).toEqual([]);
    expect(cloudPhysics.parse('1,5633898,2a,512,42932745')).toEqual([
      { timeMs: 5_633_898_000, op: 'put', key: 'block/42932745', sizeBytes: 512 },
    ]);
    const cache = libCacheSimCsv.parser();
    cache.parse('time, object, size, next_access_vtime');
    expect(cache.parse('7, 42, 100, -1')).toEqual([{ timeMs: 7000, op: 'get', key: 'block/42', sizeBytes: 100 }]);
  });
});

describe('the Mooncake reader', () => {
  it('reads each block of a line, together, by one client', () => {
    const parser = mooncake.parser();
    const records = parser.parse(
      '{"timestamp": 987000, "input_length": 900, "output_length": 50, "hash_ids": [0, 55286]}',
    );
    expect(records).toEqual([
      { timeMs: 987_000, op: 'get', key: 'block/0', client: '0', joined: false },
      { timeMs: 987_000, op: 'get', key: 'block/55286', client: '0', joined: true },
    ]);
  });
});

describe('the Twitter reader', () => {
  it('reads gets, writes and deletes', () => {
    expect(parse(twitter, lines.twitterGet)).toMatchObject({
      op: 'get',
      key: 'q:q:1:8WTfjZU14ee',
      sizeBytes: 213,
      client: '4',
      missing: false,
    });
    expect(parse(twitter, lines.twitterAdd)).toMatchObject({ op: 'put', sizeBytes: 27 });
    expect(parse(twitter, lines.twitterDelete)).toMatchObject({ op: 'delete' });
    expect(parse(twitter, lines.twitterDelete)).not.toHaveProperty('sizeBytes');
    expect(parse(twitter, lines.twitterGet.replace('213', '0'))).toMatchObject({ op: 'get', missing: true });
  });
});

describe('the IBM reader', () => {
  it('reads operations with and without size and range', () => {
    expect(parse(ibmCos, lines.ibmPut)).toEqual({
      timeMs: 1_219_008,
      op: 'put',
      key: '8d4fcda3d675bac9',
      sizeBytes: 1056,
    });
    expect(parse(ibmCos, lines.ibmGet)).toMatchObject({ op: 'get', sizeBytes: 1168 });
    expect(parse(ibmCos, lines.ibmEmpty)).toMatchObject({ op: 'get', sizeBytes: 0 });
    expect(parse(ibmCos, '5 REST.DELETE.OBJECT 8d4f')).toEqual({ timeMs: 5, op: 'delete', key: '8d4f' });
    expect(parse(ibmCos, '5 REST.COPY.OBJECT 8d4f 10')).toMatchObject({ op: 'put' });
  });
});

function csvParser(): LineParser {
  const parser = libCacheSimCsv.parser();
  parser.parse('version,time,op,size,lbn');
  return parser;
}

describe('a malformed line', () => {
  it.each<[LineParser, string, RegExp]>([
    [commonLog.parser(), ' "Python-urllib/2.7"', /field host: found .*accepted: host ident/],
    [commonLog.parser(), lines.clf.replace(/\[.*\]/, ''), /field time: missing; accepted: \[01\/Aug/],
    [commonLog.parser(), lines.clf.replace('Aug', 'Agu'), /field time: found "01\/Agu/],
    [commonLog.parser(), lines.clf.replace('00:00:01', '00:00:77'), /field time/],
    [commonLog.parser(), lines.clf.replace('01/Aug', '00/Aug'), /field time/],
    [commonLog.parser(), lines.clf.replaceAll('"', ''), /field request/],
    [
      commonLog.parser(),
      lines.clf.replace('200 1839', '20x 1839'),
      /field status: found "20x"; accepted: three digits/,
    ],
    [commonLog.parser(), lines.clf.replace('200 1839', ''), /field status: missing/],
    [commonLog.parser(), lines.clf.replace('1839', '18k'), /field bytes: found "18k"; accepted: a whole number or '-'/],
    [libCacheSimCsv.parser(), 'a,b,c', /field header: found "a,b,c"/],
    [csvParser(), '1,x,2a,512,42932745', /field time: found "x"; accepted: a whole number from 0/],
    [csvParser(), '1,5,99,512,42932745', /field op: found "99"; accepted: 08, 28/],
    [csvParser(), '1,5,2a,-3,42932745', /field size: found "-3"/],
    [csvParser(), '1,5,2a,512', /field object: missing/],
    [mooncake.parser(), '{"timestamp": 1', /field line: .*accepted: a JSON object/],
    [mooncake.parser(), '{"timestamp": "1", "hash_ids": []}', /field timestamp: found .*accepted: ms from the start/],
    [
      mooncake.parser(),
      '{"timestamp": 1, "hash_ids": [1, "b"]}',
      /field hash_ids: found .*accepted: an array of whole numbers/,
    ],
    [mooncake.parser(), '{"timestamp": 1}', /field hash_ids: missing/],
    [
      twitter.parser(),
      lines.twitterGet.replace('get', 'fetch'),
      /field operation: found "fetch"; accepted: get, gets, set/,
    ],
    [twitter.parser(), lines.twitterGet.replace('213', '2.5'), /field value size: found "2.5"/],
    [twitter.parser(), '0,key,3', /field value size: missing/],
    [twitter.parser(), `${lines.twitterGet},9`, /field line: .*accepted: seven fields/],
    [ibmCos.parser(), lines.ibmGet.replace('GET', 'PATCH'), /field operation: found "REST.PATCH.OBJECT"/],
    [ibmCos.parser(), lines.ibmGet.replace('1168', 'big'), /field size: found "big"/],
    [ibmCos.parser(), '5 REST.GET.OBJECT', /field object: missing/],
    [ibmCos.parser(), `${lines.ibmPut} 0`, /field line: .*accepted: ms, operation/],
  ])('is refused by field (%#)', (parser, line, message) => {
    expect(() => parser.parse(line)).toThrow(message);
  });
});

describe('real lines of each format', () => {
  const fixtures: readonly [string, TraceFormat, number, number][] = [
    ['clf-nasa.log', commonLog, 7, 7],
    ['combined-apache.log', commonLog, 5, 5],
    ['libcachesim.csv', libCacheSimCsv, 5, 5],
    ['mooncake.jsonl', mooncake, 295, 291],
    ['twitter-cache-trace.csv', twitter, 13, 12],
    ['ibm-cos.txt', ibmCos, 10, 10],
  ];
  for (const [file, format, requests, keys] of fixtures) {
    it(`${file} is recognised and read to its end`, async (context) => {
      const trace = await readTrace(sharedData(context, `format-fixtures/${file}`));
      expect(trace.origin).toMatchObject({ format: format.name, badLines: 0 });
      expect(trace.count).toBe(requests);
      expect(trace.keys).toHaveLength(keys);
    });
  }

  it('a log with orphaned lines is refused, or read without them where that is allowed', async (context) => {
    const file = sharedData(context, 'format-fixtures/combined-dirty-erddap.log');
    await expect(readTrace(file)).rejects.toThrow(/erddap\.log, line 1: field host/);
    const trace = await readTrace(file, { maxBadLines: 3 });
    expect(trace.origin).toMatchObject({ badLines: 3, lines: 5 });
    expect(trace.count).toBe(2);
  });

  it('other public formats are not taken for one of these', async (context) => {
    for (const file of [
      'lanl.csv',
      'msr-cambridge-hm_0-slice.csv',
      'alibaba-block.csv',
      'swim-fb2010.tsv',
      'wikibench-2007.txt',
    ]) {
      await expect(readTrace(sharedData(context, `format-fixtures/${file}`))).rejects.toThrow(
        /fit no known format; accepted: common-log/,
      );
    }
    await expect(readTrace(sharedData(context, 'format-fixtures/vscsi1-first10.bin'))).rejects.toThrow(/binary data/);
  });
});

describe('known results on the full data', () => {
  const caches = (key: Uint32Array, sizes: readonly number[]) =>
    sizes.map((size) => Math.round(lruHitRatio(key, size) * key.length));

  it('NASA, 1 August 1995', { timeout: 60_000 }, async (context) => {
    const trace = await readTrace(sharedData(context, 'nasa-http-1995-08-01/nasa_19950801_pseudonymised.clf.log.gz'));
    expect(trace).toMatchObject({ count: 30_969, clientCount: 2365, durationMs: 46_322_000 });
    expect(trace.keys).toHaveLength(2088);
    expect(trace.origin).toMatchObject({ date: '1995-08-01', outOfOrder: 0, badLines: 0, otherLines: 0 });
    // 95 HEAD and 2,421 answers 304; one POST.
    const ops = operations.map((_, op) => trace.op.filter((found) => found === op).length);
    expect(ops).toEqual([28_452, 1, 2516, 0, 0]);
    expect(caches(trace.key, [50, 200])).toEqual([16_814, 23_123]);
  });

  it('CloudPhysics', { timeout: 60_000 }, async (context) => {
    const trace = await readTrace(sharedData(context, 'cloudphysics/cloudPhysicsIO.csv.gz'));
    expect(trace.count).toBe(113_872);
    expect(trace.keys).toHaveLength(48_974);
    expect(trace.op.filter((op) => operations[op] === 'put')).toHaveLength(66_898);
    expect(trace.sizeBytes.reduce((sum, size) => sum + size, 0)).toBe(4_205_978_112);
    expect(caches(trace.key, [500, 2000, 8000])).toEqual([18_474, 19_683, 26_132]);
  });

  it('Mooncake', { timeout: 60_000 }, async (context) => {
    const trace = await readTrace(sharedData(context, 'mooncake-conversation/conversation_trace.jsonl.gz'));
    expect(trace).toMatchObject({ count: 288_500, clientCount: 12_031 });
    expect(trace.keys).toHaveLength(182_790);
    expect(caches(trace.key, [1000, 10_000, 50_000])).toEqual([12_831, 60_921, 102_290]);
    // Spread over the grid: no two lines share a moment any more.
    expect(new Set(trace.timeMs).size).toBe(12_031);
  });
});

it('every format has a name of its own', () => {
  expect(new Set(traceFormats.map((format) => format.name)).size).toBe(traceFormats.length);
});
