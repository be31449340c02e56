import { mixPair, toUnit } from '../hash.ts';

/**
 * Spreads requests that share a tick of a coarse clock over that tick, in place, without changing their
 * order: the moments are sorted uniform draws, so that a Poisson process stays one. A replay without this
 * is an artificial load of batches. Ticks that stand closer than `gridMs` don't overlap.
 *
 * @param timeMs ascending times
 * @param joined 1 where a request was issued together with the one before it: it gets the same moment
 */
export function spreadTicks(timeMs: Float64Array, joined: Uint8Array, gridMs: number): void {
  let from = 0;
  while (from < timeMs.length) {
    const tickMs = timeMs[from] ?? 0;
    let until = from;
    let groups = 0;
    while (until < timeMs.length && timeMs[until] === tickMs) {
      if (until === from || joined[until] === 0) groups++;
      until++;
    }
    const widthMs = Math.min(gridMs, (timeMs[until] ?? Infinity) - tickMs);
    spreadOne(timeMs, joined, from, until, groups, widthMs);
    from = until;
  }
}

/** Distances of exponential draws, scaled to the tick's width, are those of sorted uniform ones. */
function spreadOne(
  timeMs: Float64Array,
  joined: Uint8Array,
  from: number,
  until: number,
  groups: number,
  widthMs: number,
) {
  const draw = (group: number) => -Math.log(toUnit(mixPair(from, group)));
  let total = 0;
  for (let group = 0; group <= groups; group++) total += draw(group);
  let sum = 0;
  let group = 0;
  for (let i = from; i < until; i++) {
    if (i === from || joined[i] === 0) sum += draw(group++);
    timeMs[i] = (timeMs[i] ?? 0) + (sum / total) * widthMs;
  }
}
