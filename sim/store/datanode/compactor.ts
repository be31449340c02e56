import type { TimerHandler, TimerId } from '../../host.ts';
import { Compaction, type CompactionOutcome, type CompactionOwner } from './compaction.ts';
import type { DiskHealth } from './disk-health.ts';
import type { BlockLog, ShrinkListener } from './log.ts';
import type { Segment } from './segment.ts';
import type { UpkeepPace } from './upkeep-pace.ts';

/** Pause before what has failed is tried again. */
const RETRY_MS = 10_000;

/**
 * Keeps the log's size in proportion to what it holds: a full segment whose live share has fallen under the threshold
 * is rewritten, one at a time, the emptiest first. With threshold t the log is at most about 1/t times its live data
 * (Rosenblum and Ousterhout, "The design and implementation of a log-structured file system", 1992).
 *
 * It keeps to a pace, and takes up a segment only when the room for all of its live data could be set aside: so it never
 * runs out of space half-way, and a disk that is full of dead data is always given some back.
 */
export class Compactor implements ShrinkListener, CompactionOwner, TimerHandler {
  readonly #log: BlockLog;
  readonly #health: DiskHealth;
  readonly #pace: UpkeepPace;
  #running: Compaction | undefined;
  /** Segments that could not be rewritten: left alone until they shrink further, or some time has passed. */
  readonly #given = new Map<Segment, number>();

  #timer: TimerId = 0;

  constructor(log: BlockLog, health: DiskHealth, pace: UpkeepPace) {
    this.#log = log;
    this.#health = health;
    this.#pace = pace;
    log.listen(this);
  }

  get running(): Compaction | undefined {
    return this.#running;
  }

  /** Looks for work: at the start, since the index was just rebuilt. */
  start(): void {
    this.#next();
  }

  onSegmentShrunk(segment: Segment): void {
    if (this.#running === undefined && this.#isWorthwhile(segment)) this.#next();
  }

  compactionEnded(segment: Segment, outcome: CompactionOutcome): void {
    this.#running = undefined;
    if (outcome === 'removed') {
      this.#given.delete(segment);
      this.#log.forget(segment);
    } else {
      segment.state = 'sealed';
      this.#given.set(segment, segment.liveBytes);
    }
    if (outcome === 'failed' && this.#timer === 0) this.#timer = this.#log.host.timers.after(RETRY_MS, this, 0);
    this.#next();
  }

  onTimer(): void {
    this.#timer = 0;
    this.#given.clear();
    if (this.#running === undefined) this.#next();
  }

  #next(): void {
    let emptiest: Segment | undefined;
    for (const segment of this.#log.segments) {
      if (!this.#isWorthwhile(segment)) continue;
      if (emptiest === undefined || share(segment) < share(emptiest)) emptiest = segment;
    }
    if (emptiest === undefined) return;
    // Not before the segment is known to fit, and at once, so that nobody else is promised the same room.
    if (!this.#log.space.reserve('compaction', emptiest.liveBytes)) return;
    this.#running = new Compaction(this.#log, this.#health, this.#pace, emptiest, this);
    this.#running.start();
  }

  #isWorthwhile(segment: Segment): boolean {
    if (segment.state !== 'sealed' || share(segment) >= this.#log.config.compactionLiveShare) return false;
    const given = this.#given.get(segment);
    if (given !== undefined && segment.liveBytes >= given) return false;
    return this.#log.space.mayReserve('compaction', segment.liveBytes);
  }
}

function share(segment: Segment): number {
  return segment.chargedBytes === 0 ? 0 : segment.liveBytes / segment.chargedBytes;
}
