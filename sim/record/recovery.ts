import type { Buckets } from './buckets.ts';
import type { AnswersInSpan, LatencyTrack } from './latency-track.ts';
import type { FaultRecord, PhaseRecord } from './schema.ts';

/** p99 counts as recovered below this multiple of what it was before the faults … */
const RECOVERED = 1.5;
/** … with at most so much more of all operations failed or of unknown outcome than before … */
const MORE_BAD = 0.01;
/** … for this many buckets in a row. */
const STEADY_BUCKETS = 3;

export interface RecoveryInput {
  readonly phases: readonly PhaseRecord[];
  readonly faults: readonly FaultRecord[];
  readonly buckets: Buckets;
  readonly durationMs: number;
  readonly track: LatencyTrack;
}

/**
 * Time from the end of the last fault until clients are served as before it, in ms: as fast, and as rarely in vain.
 * To the end of the run where they never are; null where no fault ended, or there was nothing before to compare with.
 */
export function timeToRecoverMs({ phases, faults, buckets, durationMs, track }: RecoveryInput): number | null {
  const before = phases.find(({ name }) => name === 'before');
  const endMs = faults.reduce<number | null>(
    (last, fault) => (fault.endMs === null ? last : Math.max(last ?? 0, fault.endMs)),
    null,
  );
  if (before === undefined || before.p99Ms === null || endMs === null || endMs >= durationMs) return null;
  const limits = {
    p99Ms: RECOVERED * before.p99Ms,
    badShare: (before.failed + before.unknown) / before.requests + MORE_BAD,
  };
  for (let i = Math.ceil(endMs / buckets.widthMs); i + STEADY_BUCKETS <= buckets.count; i++) {
    if (steadyFrom(i, track, limits)) return Math.max(0, buckets.startMs(i) - endMs);
  }
  return durationMs - endMs;
}

interface Limits {
  readonly p99Ms: number;
  readonly badShare: number;
}

/** Silence alone proves nothing: a span without requests passes, but somebody must have been answered. */
function steadyFrom(first: number, track: LatencyTrack, limits: Limits): boolean {
  let answered = 0;
  for (const span of track.spans(first)) {
    if (!good(span, limits)) return false;
    answered += span.latency.count;
    if (span.next >= first + STEADY_BUCKETS) break;
  }
  return answered > 0;
}

function good({ requests, bad, latency }: AnswersInSpan, { p99Ms, badShare }: Limits): boolean {
  if (requests === 0) return true;
  const ownMs = latency.quantileMs(0.99);
  return ownMs !== null && ownMs <= p99Ms && bad / requests <= badShare;
}
