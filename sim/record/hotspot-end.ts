import type { HotEpisode } from './hot-subject.ts';
import { roundTime, roundValue } from './round.ts';
import type { FaultRecord, Hotspot } from './schema.ts';

/** Something that happened to a node: "data-3 went down". */
export interface NodeChange {
  readonly node: string;
  readonly atMs: number;
  readonly text: string;
}

/** What else happened in the run, to say what ended an episode. */
export interface Surroundings {
  readonly faults: readonly FaultRecord[];
  readonly changes: readonly NodeChange[];
  /** A cause lies at most this long before the end, or {@link HotEpisode} windows after it. */
  readonly withinMs: number;
}

/** Puts an episode into the record's form. */
export function toHotspot(episode: HotEpisode, around: Surroundings): Hotspot {
  const { subject, id, startMs, endMs, keys } = episode;
  return {
    subject,
    id,
    startMs: roundTime(startMs),
    endMs: endMs === null ? null : roundTime(endMs),
    peakFactor: roundValue(episode.peakFactor),
    meanFactor: roundValue(episode.meanFactor),
    keys,
    ended: endReason(episode, around),
  };
}

/**
 * What ended an episode, by the strongest evidence at hand: the node itself stopped; its leading key cooled; a
 * fault ended or another node changed at that time; the whole load fell; else the load evened out.
 */
export function endReason(episode: HotEpisode, around: Surroundings): string {
  const { endMs } = episode;
  if (endMs === null) return 'still hot at the end';
  const near = (atMs: number) => atMs > endMs - around.withinMs && atMs <= endMs + around.withinMs / 4;
  const own = around.changes.find((change) => change.node === episode.id && near(change.atMs));
  if (own !== undefined) return own.text;
  if (episode.cooledKey !== null) return `key ${episode.cooledKey} cooled`;
  const fault = around.faults.find((each) => each.endMs !== null && near(each.endMs));
  if (fault !== undefined) return `fault ended: ${fault.line}`;
  const other = around.changes.find((change) => near(change.atMs));
  if (other !== undefined) return other.text;
  return episode.totalFell ? 'the total load fell' : 'the load evened out';
}
