import type { CheckResult } from '../../sim/record/schema.ts';
import { formatMs, shorten } from './format.ts';

/** Where a check was first seen violated: "at 12.3 s, data-3, key a/b, event get; replay with npm run …". */
export function describeWitness(witness: CheckResult['witness'], command: string): string {
  const replay = command === '' ? '' : `replay with ${command}`;
  if (witness === undefined) return replay;
  const { timeMs, node, key, event } = witness;
  const place = [
    ...(timeMs === null ? [] : [`at ${timeMs < 0 ? `${formatMs(-timeMs)} before the run` : formatMs(timeMs)}`]),
    ...(node === '' ? [] : [node]),
    ...(key === '' ? [] : [`key ${shorten(key, 60)}`]),
    `event ${event}`,
  ].join(', ');
  return replay === '' ? place : `${place}; ${replay}`;
}
