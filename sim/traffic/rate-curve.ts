import type { FactorKnot } from './phases/phase.ts';

/** The rate from `fromMs` on: `perMs` there, changing by `slope` per ms, until the next piece. */
export interface RatePiece {
  readonly fromMs: number;
  readonly perMs: number;
  readonly slope: number;
}

/** Where two slopes overlap their product is a parabola, drawn as this many chords. */
const chords = 32;

/**
 * A rate over time, made of straight pieces, and its integral: how many requests are expected until a
 * time, and, the other way, when a given number has been reached. Immutable.
 */
export class RateCurve {
  readonly endMs: number;
  /** Requests expected until `endMs`. */
  readonly total: number;
  readonly #pieces: readonly RatePiece[];
  /** Requests expected before each piece. */
  readonly #before: Float64Array;

  /** The pieces, sorted by time, the first at 0; the last one ends at `endMs`. */
  constructor(pieces: readonly RatePiece[], endMs: number) {
    this.endMs = endMs;
    this.#pieces = pieces;
    this.#before = new Float64Array(pieces.length);
    let sum = 0;
    pieces.forEach((piece, i) => {
      this.#before[i] = sum;
      const lengthMs = (pieces[i + 1]?.fromMs ?? endMs) - piece.fromMs;
      sum += lengthMs * (piece.perMs + (piece.slope * lengthMs) / 2);
    });
    this.total = sum;
  }

  /** Starts to walk along the curve. */
  walk(): RateWalk {
    return new RateWalk(this.#pieces, this.#before, this.total);
  }

  /** A base rate, in requests per second, times the product of factors over time. */
  static of(ratePerSecond: number, factors: readonly (readonly FactorKnot[])[], endMs: number): RateCurve {
    const times = new Set([0, endMs]);
    for (const knots of factors) for (const knot of knots) if (knot.atMs < endMs) times.add(knot.atMs);
    const sorted = [...times].sort((a, b) => a - b);
    const pieces: RatePiece[] = [];
    sorted.slice(0, -1).forEach((fromMs, i) => {
      const lengthMs = (sorted[i + 1] ?? endMs) - fromMs;
      const lines = factors.map((knots) => lineAt(knots, fromMs));
      const parts = lines.filter((line) => line.slope !== 0).length > 1 ? chords : 1;
      const rateAt = (offsetMs: number) =>
        lines.reduce((rate, line) => rate * (line.factor + line.slope * offsetMs), ratePerSecond / 1000);
      for (let part = 0; part < parts; part++) {
        const startMs = (lengthMs * part) / parts;
        const perMs = rateAt(startMs);
        const slope = ((rateAt((lengthMs * (part + 1)) / parts) - perMs) * parts) / lengthMs;
        pieces.push({ fromMs: fromMs + startMs, perMs, slope: lines.every((line) => line.slope === 0) ? 0 : slope });
      }
    });
    return new RateCurve(pieces, endMs);
  }
}

/** A position that only moves forward on a rate curve. */
export class RateWalk {
  readonly #pieces: readonly RatePiece[];
  readonly #before: Float64Array;
  readonly #total: number;
  #index = 0;
  #fromMs = 0;
  #perMs = 0;
  #slope = 0;
  #start = 0;
  #end = 0;

  constructor(pieces: readonly RatePiece[], before: Float64Array, total: number) {
    this.#pieces = pieces;
    this.#before = before;
    this.#total = total;
    this.#enter(0);
  }

  /** When `count` requests are expected to have come, in ms; Infinity from the curve's end on. Never ask for less than before. */
  timeOf(count: number): number {
    if (count >= this.#total) return Infinity;
    while (count >= this.#end) this.#enter(this.#index + 1);
    const rest = count - this.#start;
    if (this.#slope === 0) return this.#fromMs + rest / this.#perMs;
    // The root of perMs·t + slope·t²/2 = rest, in the form that loses no digits.
    const root = Math.sqrt(Math.max(0, this.#perMs * this.#perMs + 2 * this.#slope * rest));
    return this.#fromMs + (2 * rest) / (this.#perMs + root);
  }

  #enter(index: number): void {
    const piece = this.#pieces[index];
    if (!piece) throw new RangeError('walked beyond the end of a rate curve');
    this.#index = index;
    this.#fromMs = piece.fromMs;
    this.#perMs = piece.perMs;
    this.#slope = piece.slope;
    this.#start = this.#before[index] ?? 0;
    this.#end = this.#before[index + 1] ?? this.#total;
  }
}

/** The straight line on which a factor runs from `atMs` until the next knot. */
function lineAt(knots: readonly FactorKnot[], atMs: number): { readonly factor: number; readonly slope: number } {
  let index = -1;
  while (index + 1 < knots.length && (knots[index + 1]?.atMs ?? 0) <= atMs) index++;
  const knot = knots[index];
  if (!knot) return { factor: 1, slope: 0 };
  const next = knots[index + 1];
  const slope = next ? (next.factor - knot.factor) / (next.atMs - knot.atMs) : 0;
  return { factor: knot.factor + slope * (atMs - knot.atMs), slope };
}
