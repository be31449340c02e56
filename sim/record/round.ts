/**
 * A measured value to 6 significant digits, so that records stay small. Whole numbers stay exact: they may be
 * counts. `toPrecision` is exact decimal arithmetic, the same on every machine.
 */
export function roundValue(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(6));
}

/** A time to the µs: enough to order events, without the noise of floating point. */
export function roundTime(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** {@link roundValue}, where a value may be missing. */
export function roundGap(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : roundValue(value);
}
