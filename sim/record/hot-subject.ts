import { type Episode, type HotRule, HotTrack } from './hot-track.ts';
import type { Hotspot } from './schema.ts';
import { TopK } from './top-k.ts';

/** Keys that are told apart behind one hot subject. */
const KEYS_TRACKED = 64;
/** Keys that the record names. */
const KEYS_NAMED = 5;
/** A key with less of the load is not "behind" the hotspot. */
const LEAST_SHARE = 0.01;
/** A key with at least this share can end an episode by cooling. */
const LEADING_SHARE = 0.3;

/** A finished episode with what is known of its end; {@link endReason} puts it into words. */
export interface HotEpisode {
  readonly subject: Hotspot['subject'];
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly peakFactor: number;
  readonly meanFactor: number;
  readonly keys: Hotspot['keys'];
  /** The key behind most of it, where that key is asked for less than half as often since. */
  readonly cooledKey: string | null;
  /** The whole cluster's load fell to less than 0.7 of what it was. */
  readonly totalFell: boolean;
}

/** One node, partition or key that is, was just, or may become a hotspot. */
export class HotSubject {
  readonly subject: Hotspot['subject'];
  readonly id: string;
  /** Its requests by key, since it is watched. Null for a key. */
  readonly keys: TopK | null;
  readonly #track: HotTrack;
  #named: Hotspot['keys'];
  #leaderRate = 0;
  #hotTotal = 0;
  #hotWindows = 0;
  #leaderAfter = 0;
  #totalAfter = 0;
  #windowsAfter = 0;

  constructor(subject: Hotspot['subject'], id: string, rule: HotRule) {
    this.subject = subject;
    this.id = id;
    this.#track = new HotTrack(rule);
    this.keys = subject === 'key' ? null : new TopK(KEYS_TRACKED);
    this.#named = subject === 'key' ? [{ key: id, share: 1 }] : [];
  }

  get idle(): boolean {
    return this.#track.idle;
  }

  /** The key behind most of an open episode: worth counting over the whole cluster. */
  get leader(): string | null {
    return this.#track.episode === null ? null : (this.#named[0]?.key ?? null);
  }

  /**
   * A window has ended: its load, its fair share, the whole cluster's load and, over the whole cluster, the
   * leader's. Returns the episode that ended with it.
   */
  push(load: number, fair: number, total: number, leaderLoad: number, endMs: number): HotEpisode | null {
    const ended = this.#track.push(load, fair, endMs);
    const episode = ended ?? this.#track.episode;
    if (episode === null) return null;
    if (episode.hotUntilMs === endMs) this.#noteHot(total, leaderLoad);
    else this.#noteAfter(total, leaderLoad);
    return ended === null ? null : this.#finish(ended, ended.hotUntilMs);
  }

  /** The run ends: the open episode, if any. */
  close(): HotEpisode | null {
    const episode = this.#track.episode;
    return episode === null ? null : this.#finish(episode, null);
  }

  #noteHot(total: number, leaderLoad: number): void {
    const before = this.#named[0]?.key;
    if (this.keys !== null) {
      const all = this.keys.total;
      this.#named = this.keys
        .top(KEYS_NAMED)
        .map(({ key, weight, error }) => ({ key, share: Math.round(((weight - error) / all) * 1e4) / 1e4 }))
        .filter(({ share }) => share >= LEAST_SHARE);
    }
    const kept = this.#named[0]?.key === before && this.#leaderRate > 0;
    this.#leaderRate = kept ? (this.#leaderRate + leaderLoad) / 2 : leaderLoad;
    this.#hotTotal += total;
    this.#hotWindows++;
    this.#leaderAfter = 0;
    this.#totalAfter = 0;
    this.#windowsAfter = 0;
  }

  #noteAfter(total: number, leaderLoad: number): void {
    this.#leaderAfter += leaderLoad;
    this.#totalAfter += total;
    this.#windowsAfter++;
  }

  #finish(episode: Episode, endMs: number | null): HotEpisode {
    const after = Math.max(1, this.#windowsAfter);
    const leader = this.#named[0];
    const cooled =
      leader !== undefined && leader.share >= LEADING_SHARE && this.#leaderAfter / after < this.#leaderRate / 2;
    const fell = this.#totalAfter / after < 0.7 * (this.#hotTotal / Math.max(1, this.#hotWindows));
    this.#hotTotal = 0;
    this.#hotWindows = 0;
    return {
      subject: this.subject,
      id: this.id,
      startMs: episode.startMs,
      endMs,
      peakFactor: episode.peakFactor,
      meanFactor: episode.load / episode.fair,
      keys: this.#named,
      cooledKey: cooled ? leader.key : null,
      totalFell: fell,
    };
  }
}
