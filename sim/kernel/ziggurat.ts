/**
 * Tables of the ziggurat method (Marsaglia and Tsang, 2000) with 256 layers of equal area for the
 * exponential and the normal density. A 24-bit or 23-bit integer `j` in layer `i` stands for
 * `(j + ½) × width[i]` and is accepted at once when `j < accept[i]`.
 *
 * Only `exp`, `log`, `sqrt` and arithmetic are used: they agree to the last bit over Node versions, which
 * `**` does not.
 */
interface ZigguratTables {
  /** Where the tail begins: the right edge of the lowest rectangle. */
  readonly tail: number;
  /** `width[i]` × 2^bits is the right edge of layer i. */
  readonly width: Float64Array;
  /** Below it an integer is certainly under the curve. */
  readonly accept: Float64Array;
  /** Density at the right edge of layer i. */
  readonly density: Float64Array;
}

const LAYERS = 256;

function tables(
  tail: number,
  area: number,
  bits: number,
  density: (x: number) => number,
  inverse: (y: number) => number,
): ZigguratTables {
  const scale = 2 * (1 << (bits - 1));
  const width = new Float64Array(LAYERS);
  const accept = new Float64Array(LAYERS);
  const height = new Float64Array(LAYERS);
  // Layer 0 is the base: a rectangle up to `tail` and the tail itself, as wide as their area asks.
  const base = area / density(tail);
  width[0] = base / scale;
  accept[0] = Math.floor((tail / base) * scale);
  height[0] = 1;
  let edge = tail;
  for (let i = LAYERS - 1; i > 0; i--) {
    width[i] = edge / scale;
    height[i] = density(edge);
    const inner = i > 1 ? inverse(area / edge + density(edge)) : 0;
    accept[i] = Math.floor((inner / edge) * scale);
    edge = inner;
  }
  return { tail, width, accept, density: height };
}

/** Bits of the integer within a layer; 8 more choose the layer, and the normal spends one on the sign. */
const EXPONENTIAL_BITS = 24;
const NORMAL_BITS = 23;

const EXPONENTIAL_TAIL = 7.69711747013105;

/** For the density e^-x. */
export const EXPONENTIAL_TABLES: ZigguratTables = tables(
  EXPONENTIAL_TAIL,
  (EXPONENTIAL_TAIL + 1) * Math.exp(-EXPONENTIAL_TAIL),
  EXPONENTIAL_BITS,
  (x) => Math.exp(-x),
  (y) => -Math.log(y),
);

/** For the (unnormalised) density e^(-x²/2), right half. Tail and area as published by Marsaglia and Tsang. */
export const NORMAL_TABLES: ZigguratTables = tables(
  3.654152885361009,
  0.00492867323399,
  NORMAL_BITS,
  (x) => Math.exp(-0.5 * x * x),
  (y) => Math.sqrt(-2 * Math.log(y)),
);
