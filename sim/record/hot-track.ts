/** When a load counts as a hotspot. */
export interface HotRule {
  /** Load over fair share. */
  readonly factor: number;
  /** How many windows make up the time for which it must last. */
  readonly windows: number;
  readonly windowMs: number;
}

/** An episode in the making. Loads and fair shares are sums over its windows. */
export interface Episode {
  readonly startMs: number;
  /** End of the last window above the factor. */
  hotUntilMs: number;
  load: number;
  fair: number;
  peakFactor: number;
}

/** Of the windows of a beginning episode, the share that must exceed the factor; noise may hide the others. */
const HOT_SHARE = 0.75;
/** Once hot, it stays so until its mean falls to this share of the factor: the hysteresis against flapping. */
const EXIT = 0.85;
/** Standard deviations by which a load must exceed its fair share to be no accident. */
const SIGNIFICANT = 4;

/**
 * More than chance explains? Counts of requests are Poisson; their square root has a standard deviation of 1/2
 * whatever the mean (Bartlett 1936), which stays honest where only a handful is expected.
 */
function significant(load: number, fair: number): boolean {
  return 2 * (Math.sqrt(load) - Math.sqrt(fair)) > SIGNIFICANT;
}

/**
 * Watches the load of one subject over windows of equal length. An episode begins when over the last `windows` of
 * them the oldest, the newest and three quarters of all exceed the factor, their sum does too, and that is no
 * accident. It ends when their mean falls below 0.85 of the factor, or nothing is expected of the subject any more.
 */
export class HotTrack {
  readonly #rule: HotRule;
  readonly #loads: number[] = [];
  readonly #fairs: number[] = [];
  #pendingLoad = 0;
  #pendingFair = 0;
  #episode: Episode | null = null;

  constructor(rule: HotRule) {
    this.#rule = rule;
  }

  get episode(): Episode | null {
    return this.#episode;
  }

  /** True when nothing in sight is hot: the track may be dropped. */
  get idle(): boolean {
    return this.#episode === null && !this.#loads.some((load, i) => this.#hot(load, this.#fairs[i] ?? 0));
  }

  /** One more window has ended. Returns the episode that ended with it. */
  push(load: number, fair: number, endMs: number): Episode | null {
    this.#loads.push(load);
    this.#fairs.push(fair);
    if (this.#loads.length > this.#rule.windows) {
      this.#loads.shift();
      this.#fairs.shift();
    }
    if (this.#episode === null) {
      this.#begin(endMs);
      return null;
    }
    return this.#continue(this.#episode, load, fair, endMs);
  }

  #begin(endMs: number): void {
    const { windows, windowMs, factor } = this.#rule;
    if (this.#loads.length < windows || !this.#hotAt(0) || !this.#hotAt(windows - 1)) return;
    const load = sum(this.#loads);
    const fair = sum(this.#fairs);
    const hotWindows = this.#loads.filter((_, i) => this.#hotAt(i)).length;
    if (hotWindows < HOT_SHARE * windows || load <= factor * fair || !significant(load, fair)) return;
    const peaks = this.#loads.map((each, i) => this.#peakOf(each, this.#fairs[i] ?? 0));
    this.#episode = {
      startMs: Math.max(0, endMs - windows * windowMs),
      hotUntilMs: endMs,
      load,
      fair,
      peakFactor: Math.max(load / fair, ...peaks),
    };
    this.#pendingLoad = 0;
    this.#pendingFair = 0;
  }

  #continue(episode: Episode, load: number, fair: number, endMs: number): Episode | null {
    this.#pendingLoad += load;
    this.#pendingFair += fair;
    if (this.#hot(load, fair)) {
      episode.load += this.#pendingLoad;
      episode.fair += this.#pendingFair;
      episode.hotUntilMs = endMs;
      this.#pendingLoad = 0;
      this.#pendingFair = 0;
    }
    const recentLoad = sum(this.#loads);
    const recentFair = sum(this.#fairs);
    if (recentFair > 0) {
      episode.peakFactor = Math.max(episode.peakFactor, recentLoad / recentFair, this.#peakOf(load, fair));
    }
    if (fair > 0 && recentLoad >= EXIT * this.#rule.factor * recentFair) return null;
    this.#episode = null;
    return episode;
  }

  #hotAt(i: number): boolean {
    return this.#hot(this.#loads[i] ?? 0, this.#fairs[i] ?? 0);
  }

  #hot(load: number, fair: number): boolean {
    return fair > 0 && load > this.#rule.factor * fair;
  }

  /** One window's factor counts as a peak only where it is no accident by itself. */
  #peakOf(load: number, fair: number): number {
    return fair > 0 && significant(load, fair) ? load / fair : 0;
  }
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
