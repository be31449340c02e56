/** Shorter arcs are the dust of rounding. */
const EPSILON = 1e-6;

/**
 * How much of each backend lies within a gateway's aperture, as a share of it, 0 to 1. Backends and gateways divide the same circle evenly;
 * the aperture begins where the gateway does, and is a whole number of gateways wide, so that the apertures of all cover every backend
 * equally often.
 *
 * Source: Twitter, Finagle, `Ring.scala` and `dApertureWidth` of `DeterministicAperture.scala`.
 *
 * @param backends - How many there are, 1 or more.
 * @param gateway - Its position, below `gateways`.
 * @param minAperture - Backends that it must be wide enough for, if there are as many.
 */
export function apertureShares(
  backends: number,
  gateway: number,
  gateways: number,
  minAperture: number,
): Float64Array<ArrayBuffer> {
  const unit = 1 / backends;
  const wanted = Math.min(minAperture, backends) * unit;
  const width = Math.min(1, Math.ceil(wanted * gateways) / gateways);
  const begin = gateway / gateways;
  const end = begin + width;
  return Float64Array.from({ length: backends }, (_, place) => {
    // The aperture may reach past the end of the circle, where it begins anew.
    const within = overlap(place * unit, unit, begin, end) + overlap(place * unit + 1, unit, begin, end);
    const share = Math.min(1, within / unit);
    return share > EPSILON ? share : 0;
  });
}

function overlap(from: number, length: number, begin: number, end: number): number {
  return Math.max(0, Math.min(from + length, end) - Math.max(from, begin));
}
