import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, type Frame, FrameReader } from './frame.ts';

describe('frames', () => {
  it('arrive as they were sent, in whatever pieces', () => {
    const message = fc.record(
      {
        kind: fc.string({ unit: 'grapheme' }),
        key: fc.string({ unit: 'grapheme' }),
        numbers: fc.array(fc.integer()),
        body: fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ sizeBytes: bytes.length + 7, bytes })),
      },
      { requiredKeys: ['kind'] },
    );
    const call = fc.integer({ min: 1 });
    const frame: fc.Arbitrary<Frame> = fc.oneof(
      fc.record({ type: fc.constant('hello' as const), from: fc.string() }),
      fc.record({ type: fc.constant('message' as const), message }),
      fc.record({ type: fc.constant('request' as const), call, timeoutMs: fc.nat(), message }),
      fc.record({ type: fc.constant('reply' as const), call, message }),
      fc.record({ type: fc.constant('abort' as const), call }),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 200 })), (frames, cuts) => {
        const wire = Buffer.concat(frames.flatMap(encodeFrame));
        const reader = new FrameReader();
        const received: Frame[] = [];
        let at = 0;
        for (const cut of cuts) {
          received.push(...reader.push(wire.subarray(at, at + cut)));
          at = Math.min(at + cut, wire.length);
        }
        received.push(...reader.push(wire.subarray(at)));
        expect(received).toEqual(frames);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('are refused when they are no such thing', () => {
    const framed = (json: string): Buffer => {
      const prefix = Buffer.alloc(8);
      prefix.writeUInt32BE(Buffer.byteLength(json), 0);
      return Buffer.concat([prefix, Buffer.from(json)]);
    };
    expect(() => new FrameReader().push(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toThrow(/exceeds the limit/);
    expect(() => new FrameReader().push(framed('{"type":'))).toThrow();
    expect(() => new FrameReader().push(framed('{"type":"reply","call":0,"message":{"kind":"x"}}'))).toThrow();
    expect(() => new FrameReader().push(framed('{"type":"gossip"}'))).toThrow();
  });
});
