import type { NodeId } from '../host.ts';
import type { CheckResult, FaultRecord } from '../record/schema.ts';
import { type Check, seconds, Tally } from './check.ts';

/** Epochs whose time is remembered. */
const REMEMBERED = 4_096;
/** Delays that are judged at the end, when all faults are known. */
const MOST_DELAYS = 1_024;

/** What operators do, which is no excuse. */
const OPERATIONS: ReadonlySet<string> = new Set([
  ...['add-nodes', 'drain', 'leave', 'set-weight', 'pause-moves', 'scrub'],
  ...['transfer-leader', 'add-metadata-member', 'remove-metadata-member'],
]);

/** A process got an epoch late, or never. */
interface Delay {
  readonly node: NodeId;
  readonly epoch: number;
  readonly installedMs: number;
  /** Infinity: never. */
  readonly seenMs: number;
}

interface Watcher {
  /** The newest map that this process has; 0 for none. */
  epoch: number;
  /** … or that any process of this node ever had. */
  newest: number;
  running: boolean;
  /** Since when it runs without a stop. */
  sinceMs: number;
}

/**
 * I14: what a watcher of the cluster map is promised, as watchers of etcd are: its events are ordered, unique and reliable
 * (none is left out but those that a later one has overtaken), atomic (each is the whole map of its epoch), and it goes on from
 * where it was after a restart.
 */
export class WatchCheck implements Check {
  readonly id = 'I14';
  readonly statement: string;
  readonly kind = 'correctness';
  readonly #tally: Tally;
  readonly #withinMs: number;
  readonly #watchers = new Map<NodeId, Watcher>();
  /** When epochs were installed, by epoch, oldest first. */
  readonly #installed = new Map<number, number>();
  readonly #delays: Delay[] = [];
  #newest = 0;

  /** `withinMs`: how long a running process that can be reached may go without a newer map. */
  constructor(withinMs: number) {
    this.#withinMs = withinMs;
    this.statement = `Each process sees the epochs of the map in order, each once and whole, none older than before a restart, and within ${seconds(withinMs)} one no older than any that was installed.`;
    this.#tally = new Tally(this);
  }

  onInstalled(epoch: number, nowMs: number): void {
    if (epoch <= this.#newest) return;
    this.#newest = epoch;
    this.#installed.set(epoch, nowMs);
    // Epochs are counted up one by one.
    this.#installed.delete(epoch - REMEMBERED);
  }

  /** `isWhole`: what it installed is, in all that it says, the map of that epoch. */
  onSeen(node: NodeId, epoch: number, nowMs: number, isWhole = true): void {
    const watcher = this.#watcherOf(node);
    const witness = { timeMs: nowMs, node, event: 'map-seen' };
    const { epoch: before, newest } = watcher;
    if (!isWhole)
      this.#tally.fail((at) => `${at(nowMs)}: ${node} installed another map than that of epoch ${epoch}`, witness);
    if (before > 0 && epoch <= before) {
      const how = epoch === before ? 'again' : `after epoch ${before}`;
      this.#tally.fail((at) => `${at(nowMs)}: ${node} was given the map of epoch ${epoch} ${how}`, witness);
    } else if (epoch < newest) {
      this.#tally.fail(
        (at) => `${at(nowMs)}: ${node} starts with epoch ${epoch}; before its restart it had seen ${newest}`,
        witness,
      );
    } else {
      this.#tally.pass();
    }
    if (before > 0 && watcher.running) this.#noteDelay(node, watcher, nowMs);
    watcher.epoch = Math.max(before, epoch);
    watcher.newest = Math.max(newest, epoch);
  }

  /** A process started, went on, stopped or ended; after an end the next one knows nothing. */
  onProcess(node: NodeId, state: 'up' | 'paused' | 'down' | 'absent', nowMs: number): void {
    const watcher = this.#watchers.get(node);
    if (watcher === undefined) return;
    if (state === 'up') watcher.sinceMs = nowMs;
    watcher.running = state === 'up';
    if (state === 'down' || state === 'absent') watcher.epoch = 0;
  }

  /** Late maps are the fault of whoever was struck then. */
  close(faults: readonly FaultRecord[], nowMs: number): void {
    for (const [node, watcher] of this.#watchers) {
      if (watcher.running && watcher.epoch > 0 && watcher.epoch < this.#newest)
        this.#noteDelay(node, watcher, nowMs, true);
    }
    for (const { node, epoch, installedMs, seenMs } of this.#delays) {
      const struck = faults.some(
        ({ kind, startMs, endMs }) =>
          !OPERATIONS.has(kind) &&
          startMs <= seenMs &&
          (endMs ?? Number.POSITIVE_INFINITY) + this.#withinMs >= installedMs,
      );
      if (struck) continue;
      const seen = seenMs === Number.POSITIVE_INFINITY ? 'never' : `only ${seconds(seenMs - installedMs)} later`;
      this.#tally.fail(
        (at) =>
          `${at(installedMs)}: ${node} was told of epoch ${epoch} ${seen}; ${seconds(this.#withinMs)} are accepted`,
        { timeMs: installedMs, node, event: 'epoch' },
      );
    }
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(
      `${this.#tally.evaluated} maps at ${this.#watchers.size} processes`,
      'no process told of its maps',
      originMs,
    );
  }

  #watcherOf(node: NodeId): Watcher {
    let watcher = this.#watchers.get(node);
    if (watcher === undefined) {
      watcher = { epoch: 0, newest: 0, running: true, sinceMs: Number.NEGATIVE_INFINITY };
      this.#watchers.set(node, watcher);
    }
    return watcher;
  }

  /** The first epoch that it had not seen: was it long ago? */
  #noteDelay(node: NodeId, { epoch, sinceMs }: Watcher, nowMs: number, never = false): void {
    const installedMs = this.#installed.get(epoch + 1);
    if (installedMs === undefined || this.#delays.length >= MOST_DELAYS) return;
    const fromMs = Math.max(installedMs, sinceMs);
    if (nowMs - fromMs <= this.#withinMs) return;
    this.#delays.push({
      node,
      epoch: epoch + 1,
      installedMs: fromMs,
      seenMs: never ? Number.POSITIVE_INFINITY : nowMs,
    });
  }
}
