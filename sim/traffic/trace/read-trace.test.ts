import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrafficError } from '../traffic-error.ts';
import { readTrace } from './read-trace.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-trace-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(content: string | Buffer, name = 'a.trace'): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const plain = '10 REST.PUT.OBJECT a 100\n20 REST.GET.OBJECT a 100 0 99\n30 REST.HEAD.OBJECT b 7\n';

describe('a trace file', () => {
  it('reads the same plain, by gzip, with CRLF, a byte-order mark, empty lines, and without a last newline', async () => {
    const expected = { ...(await readTrace(file(plain))), origin: undefined };
    const shapes = [
      gzipSync(plain),
      Buffer.concat([gzipSync(plain.slice(0, 30)), gzipSync(plain.slice(30))]),
      plain.replaceAll('\n', '\r\n'),
      `\ufeff${plain}`,
      `\n\n${plain.replaceAll('\n', '\n\n')}`,
      plain.trimEnd(),
    ];
    for (const shape of shapes) expect({ ...(await readTrace(file(shape))), origin: undefined }).toEqual(expected);
    expect(Array.from(expected.timeMs)).toEqual([0, 10, 20]);
    expect(expected.keys).toEqual(['a', 'b']);
    expect(Array.from(expected.keySizeBytes)).toEqual([100, 7]);
    // a is put first, so only b must be there before.
    expect(Array.from(expected.storedBefore)).toEqual([0, 1]);
  });

  it('reads no carriage return into the last field', async () => {
    const trace = await readTrace(file('time,object\r\n1,a\r\n2,b\r\n'));
    expect(trace.keys).toEqual(['block/a', 'block/b']);
    expect((await readTrace(file('0,k,1,5,1,get,0\r\n'))).count).toBe(1);
  });

  it('says what it was: lines, bytes, SHA-256', async () => {
    const { origin } = await readTrace(file(plain));
    expect(origin).toMatchObject({ format: 'ibm-cos', lines: 3, bytes: plain.length, badLines: 0, startMs: 10 });
    expect(origin.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await readTrace(file(gzipSync(plain)))).origin.sha256).not.toBe(origin.sha256);
  });

  it('is sorted by time, stably, and what was out of order is counted', async () => {
    const lines = ['50 a', '10 b', '50 c', '10 d', '60 e'].map((line) => line.replace(' ', ' REST.GET.OBJECT '));
    const trace = await readTrace(file(lines.join('\n')));
    expect(Array.from(trace.key, (key) => trace.keys[key])).toEqual(['b', 'd', 'a', 'c', 'e']);
    expect(trace.origin.outOfOrder).toBe(2);
  });

  it('spreads the requests of one second over it, in order', async () => {
    const lines = [0, 0, 0, 0, 5].map((second, i) => `${second},key${i},4,10,1,get,0`);
    const trace = await readTrace(file(lines.join('\n')));
    const times = Array.from(trace.timeMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBe(5);
    expect(times[3]).toBeLessThan(1000);
    expect(times[4]).toBeGreaterThanOrEqual(5000);
    expect(trace.durationMs).toBe(6000);
  });

  it('keeps what was issued together together', async () => {
    const trace = await readTrace(file('{"timestamp":0,"hash_ids":[1,2]}\n{"timestamp":0,"hash_ids":[1]}\n'));
    const [first, second, third] = trace.timeMs;
    expect(first).toBe(second);
    expect(third).toBeGreaterThan(second ?? 0);
  });

  it('lets a size be stated where the trace tells none', async () => {
    const path = file('{"timestamp":0,"hash_ids":[1]}\n');
    expect((await readTrace(path)).keySizeBytes[0]).toBe(1024 * 1024);
    expect((await readTrace(path, { unknownSizeBytes: 5 })).keySizeBytes[0]).toBe(5);
  });

  it('learns a size from a later line', async () => {
    const trace = await readTrace(file('0,k,1,0,1,get,0\n1,k,1,77,1,set,9\n'));
    expect(trace.keySizeBytes[0]).toBe(77);
    expect(trace.storedBefore[0]).toBe(0);
  });

  const bad = `${plain}x REST.GET.OBJECT a\n40 REST.GET.OBJECT a\n50 GET a\n`;

  it('is refused at the first malformed line: file, line, field, found, accepted', async () => {
    const path = file(bad);
    await expect(readTrace(path)).rejects.toThrow(TrafficError);
    await expect(readTrace(path)).rejects.toThrow(
      `trace ${path}, line 4: field time: found "x"; accepted: a whole number from 0`,
    );
  });

  it('may have some malformed lines, where that is allowed', async () => {
    const trace = await readTrace(file(bad), { maxBadLines: 2 });
    expect(trace.origin.badLines).toBe(2);
    expect(trace.count).toBe(4);
    await expect(readTrace(file(bad), { maxBadLines: 1 })).rejects.toThrow(/line 6: .*malformed line 2, of at most 1/);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['nothing', '', /is empty; accepted: at least one request/],
    ['only empty lines', '\n\r\n\n', /is empty/],
    ['only a header', 'version,time,op,size,lbn\n', /holds no request in its 1 lines/],
    ['another format', 'hello\nworld\n', /fit no known format; accepted: common-log/],
    ['binary data', Buffer.from([1, 2, 0, 3, 10]), /holds binary data/],
    ['half a gzip', gzipSync(plain.repeat(1000)).subarray(0, 200), /ends in the middle of its gzip stream/],
    ['a damaged gzip', Buffer.concat([gzipSync(plain).subarray(0, 10), Buffer.alloc(40, 255)]), /is damaged/],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), /compressed by zstd; accepted: plain text or gzip/],
  ])('of %s is refused', async (_, content, message) => {
    const path = file(content, 'bad.trace');
    await expect(readTrace(path)).rejects.toThrow(TrafficError);
    await expect(readTrace(path)).rejects.toThrow(message);
    await expect(readTrace(path)).rejects.toThrow('bad.trace');
  });

  it('must exist, be a file, and have a format that is known', async () => {
    await expect(readTrace('none.log', { root: folder })).rejects.toThrow('trace none.log does not exist');
    await expect(readTrace(folder)).rejects.toThrow(/is a directory; accepted: a file/);
    await expect(readTrace(file(plain), { format: 'ibm-cso' })).rejects.toThrow(
      'found "ibm-cso" (did you mean ibm-cos?); accepted: common-log, libcachesim-csv, mooncake, twitter, ibm-cos',
    );
  });
});
