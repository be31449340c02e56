import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSerial } from './serial.ts';

describe('a serial', () => {
  it('is read back from its text, whatever the writer is called', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), fc.nat(), (writer, incarnation, counter) => {
        expect(parseSerial(`${writer}.${incarnation}.${counter}`)).toEqual({ writer, incarnation, counter });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it.each(['', 'a', 'a.1', '.1.2', 'a..2', 'a.1.', 'a.x.2', 'a.1.-2', 'a.1.99999999999999999999'])(
    'is not %j',
    (text) => {
      expect(parseSerial(text)).toBeUndefined();
    },
  );
});
