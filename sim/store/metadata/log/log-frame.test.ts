import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, FrameWriter } from './log-frame.ts';

describe('frames', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 5 });

  it('come back as they were written, one after the other', () => {
    fc.assert(
      fc.property(texts, (written) => {
        const bytes = framesOf(written);
        expect(readAll(bytes)).toEqual({ texts: written, end: 'end' });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('cut at any byte lose only what was cut, and are torn, never corrupt', () => {
    fc.assert(
      fc.property(texts, fc.nat(), (written, cut) => {
        const bytes = framesOf(written);
        const length = cut % bytes.length;
        const whole = written.filter((_, index) => framesOf(written.slice(0, index + 1)).length <= length).length;
        const boundary = framesOf(written.slice(0, whole)).length === length;
        expect(readAll(bytes.subarray(0, length))).toEqual({
          texts: written.slice(0, whole),
          end: boundary ? 'end' : 'torn',
        });
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('come in a buffer that is used again, without traces of what was there', () => {
    const frames = new FrameWriter();
    frames.add(1, 'x'.repeat(10_000));
    const first = frames.take();
    frames.add(1, 'y');
    expect(readAll(frames.take())).toEqual({ texts: ['y'], end: 'end' });
    expect(readAll(first)).toEqual({ texts: ['x'.repeat(10_000)], end: 'end' });
    expect(frames.take()).toHaveLength(0);
  });

  it('show any flipped bit, also in the length', () => {
    fc.assert(
      fc.property(texts, fc.nat(), fc.integer({ min: 0, max: 7 }), (written, at, bit) => {
        const bytes = framesOf(written);
        const position = at % bytes.length;
        bytes[position] = (bytes[position] ?? 0) ^ (1 << bit);
        expect(readAll(bytes).end).toBe('corrupt');
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

function framesOf(texts: readonly string[]): Uint8Array {
  const frames = new FrameWriter();
  for (const [index, text] of texts.entries()) frames.add(index + 1, text);
  return frames.take();
}

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
