import type { Body } from '../host.ts';

/** Real bytes of a body: enough that two bodies never agree by chance, few enough that a run is cheap. */
const MODEL_BYTES = 32;

/** A scale model of a body: `sizeBytes` declared, and at most {@link MODEL_BYTES} real bytes that follow from `stamp`. */
export function modelBody(sizeBytes: number, stamp: number): Body {
  const bytes = new Uint8Array(Math.min(MODEL_BYTES, sizeBytes));
  let state = (stamp ^ 0x9e3779b9) >>> 0 || 1;
  for (let i = 0; i < bytes.length; i++) {
    // xorshift32 (Marsaglia, 2003): only to make the bytes differ.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return { sizeBytes, bytes };
}
