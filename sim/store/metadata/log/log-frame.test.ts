import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, joinBytes } from './log-frame.ts';

describe('frames', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 5 });

  it('come back as they were written, one after the other', () => {
    fc.assert(
      fc.property(texts, (written) => {
        const bytes = joinBytes(written.map((text, index) => encodeFrame(index + 1, text)));
        expect(readAll(bytes)).toEqual({ texts: written, end: 'end' });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('cut at any byte lose only what was cut, and are torn, never corrupt', () => {
    fc.assert(
      fc.property(texts, fc.nat(), (written, cut) => {
        const frames = written.map((text, index) => encodeFrame(index + 1, text));
        const bytes = joinBytes(frames);
        const length = cut % bytes.length;
        const whole = frames.filter((_, index) => joinBytes(frames.slice(0, index + 1)).length <= length).length;
        const boundary = joinBytes(frames.slice(0, whole)).length === length;
        expect(readAll(bytes.subarray(0, length))).toEqual({
          texts: written.slice(0, whole),
          end: boundary ? 'end' : 'torn',
        });
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('show any flipped bit, also in the length', () => {
    fc.assert(
      fc.property(texts, fc.nat(), fc.integer({ min: 0, max: 7 }), (written, at, bit) => {
        const bytes = joinBytes(written.map((text, index) => encodeFrame(index + 1, text)));
        const position = at % bytes.length;
        bytes[position] = (bytes[position] ?? 0) ^ (1 << bit);
        expect(readAll(bytes).end).toBe('corrupt');
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

function readAll(bytes: Uint8Array): { readonly texts: readonly string[]; readonly end: string } {
  const texts: string[] = [];
  for (let offset = 0; ; ) {
    const read = decodeFrame(bytes, offset);
    if (read.kind !== 'frame') return { texts, end: read.kind };
    expect(read.frame.revision).toBe(texts.length + 1);
    texts.push(read.frame.text);
    offset = read.endBytes;
  }
}
