import type { NodeId } from '../../../host.ts';

/** Points on the line: 0 to 2^32 − 1, as many as a hash has values. */
export const lineLength = 0x100000000;

/** An owner and its share of the line, relative to the others. */
export interface SliceOwner {
  readonly id: NodeId;
  readonly weight: number;
}

/** A stretch of the line, from `start` up to, but not including, `end`. */
export interface Slice {
  readonly start: number;
  readonly end: number;
  readonly id: NodeId;
}

interface Gap {
  start: number;
  end: number;
}

/**
 * Cuts the line anew for other owners or weights. Exactly so much changes hands as owners must give up; of each it is whole slices
 * as far as they fit, then a piece of one, cut off where a gap already stands beside it, so that few slices arise. All sums are whole
 * numbers, so shares are right to a point each and nothing drifts over many changes.
 *
 * Source: A. Miranda et al., "Random Slicing" (ACM TOS 2014): gap collection and assignment.
 *
 * @param slices - In the order of the line; none at first.
 * @param owners - Of distinct ids; gaps are given in their order.
 */
export function reslice(slices: readonly Slice[], owners: readonly SliceOwner[]): readonly Slice[] {
  const targets = wholeShares(owners);
  const excess = new Map<NodeId, number>();
  for (const { id, start, end } of slices) excess.set(id, (excess.get(id) ?? -(targets.get(id) ?? 0)) + end - start);
  const { kept, gaps } = collectGaps(slices, excess);
  const lacking = owners.map(({ id }) => ({ id, length: Math.max(0, -(excess.get(id) ?? -(targets.get(id) ?? 0))) }));
  return joined([...kept, ...assignGaps(slices.length === 0 ? [{ start: 0, end: lineLength }] : gaps, lacking)]);
}

/** Points for each owner in proportion to weight; those that rounding leaves over go to the largest remainders. */
function wholeShares(owners: readonly SliceOwner[]): ReadonlyMap<NodeId, number> {
  const total = owners.reduce((sum, { weight }) => sum + weight, 0);
  const exact = owners.map(({ id, weight }, place) => ({ id, place, share: lineLength * (weight / total) }));
  const shares = new Map(exact.map(({ id, share }) => [id, Math.floor(share)]));
  let left = lineLength - exact.reduce((sum, { share }) => sum + Math.floor(share), 0);
  const byRemainder = exact.sort((a, b) => (b.share % 1) - (a.share % 1) || a.place - b.place);
  while (left !== 0) {
    for (const { id } of byRemainder) {
      if (left === 0) break;
      const step = Math.sign(left);
      shares.set(id, (shares.get(id) ?? 0) + step);
      left -= step;
    }
  }
  return shares;
}

/** Takes from each owner what it has in excess. Owners that are no more have all in excess. */
function collectGaps(slices: readonly Slice[], excess: ReadonlyMap<NodeId, number>): { kept: Slice[]; gaps: Gap[] } {
  const left = new Map(excess);
  const kept: Slice[] = [];
  const gaps: Gap[] = [];
  for (const { start, end, id } of slices) {
    const give = Math.min(end - start, Math.max(0, left.get(id) ?? 0));
    left.set(id, (left.get(id) ?? 0) - give);
    const last = gaps.at(-1);
    const besideGap = last?.end === start;
    const from = besideGap || give === end - start ? start : end - give;
    if (give > 0) {
      if (last !== undefined && besideGap) last.end = from + give;
      else gaps.push({ start: from, end: from + give });
    }
    if (from > start) kept.push({ start, end: from, id });
    if (from + give < end && (give > 0 || from === start)) kept.push({ start: from + give, end, id });
  }
  return { kept, gaps };
}

function assignGaps(gaps: readonly Gap[], lacking: readonly { id: NodeId; length: number }[]): Slice[] {
  const given: Slice[] = [];
  let gap = 0;
  let at = gaps[0]?.start ?? 0;
  for (const { id, length } of lacking) {
    for (let left = length; left > 0; ) {
      const end = gaps[gap]?.end ?? at;
      const step = Math.min(left, end - at);
      if (step > 0) given.push({ start: at, end: at + step, id });
      left -= step;
      at += step;
      if (at < end) continue;
      gap++;
      const next = gaps[gap];
      if (next === undefined) break;
      at = next.start;
    }
  }
  return given;
}

/** In the order of the line, neighbours of one owner made one. */
function joined(slices: readonly Slice[]): readonly Slice[] {
  const whole: Slice[] = [];
  for (const slice of [...slices].sort((a, b) => a.start - b.start)) {
    const last = whole.at(-1);
    if (last?.id === slice.id && last.end === slice.start) whole[whole.length - 1] = { ...last, end: slice.end };
    else whole.push(slice);
  }
  return whole;
}
