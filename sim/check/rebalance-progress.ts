import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import type { ClusterMap } from '../store/model.ts';
import { fairShares } from '../store/rebalance/fair-shares.ts';
import { type Check, Tally } from './check.ts';
import type { PartitionBytes } from './partition-bytes.ts';

export type MoveStarted = Extract<StoreEvent, { kind: 'move-started' }>;
export type MoveEnded = Extract<StoreEvent, { kind: 'move-ended' }>;

/** No move is open for so long: what was planned is carried out. */
const STILL_MS = 5_000;
/** Sizes as clients know them and as metadata does may differ by what is under way. */
const ALLOWANCE = 0.02;
/** Beyond this doubt, in fair shares, a round of moves says nothing. */
const MOST_DOUBT = 0.5;

/** Moves in a row, from the first that is begun until none has been open for a while. */
interface Episode {
  readonly startMs: number;
  readonly before: ClusterMap;
  lastMs: number;
  /** Why what it does to the balance can't be judged. */
  spoilt: boolean;
}

/** A partition's replica changed hands. */
interface Handover {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly endMs: number;
}

/** I12: moves for the sake of balance make it no worse, and none undoes another that has only just been made. */
export class RebalanceProgressCheck implements Check {
  readonly id = 'I12';
  readonly statement =
    'Moves made for balance leave the fullest node no fuller than before, and no replica goes from A to B and back within the hysteresis.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #stored: PartitionBytes;
  readonly #hysteresisMs: number;
  readonly #garbageMs: number;
  readonly #open = new Map<number, MoveStarted>();
  /** By partition: its last move. */
  readonly #last = new Map<number, Handover>();
  #map: ClusterMap | undefined;
  #episode: Episode | undefined;

  /** `garbageMs`: how long the blocks of a version that was replaced or deleted stay on the disks at most. */
  constructor(stored: PartitionBytes, hysteresisMs: number, garbageMs = 0) {
    this.#stored = stored;
    this.#garbageMs = garbageMs;
    this.#hysteresisMs = hysteresisMs;
  }

  /** Moves that were begun and have not ended. */
  get open(): number {
    return this.#open.size;
  }

  setMap(map: ClusterMap, nowMs: number): void {
    const before = this.#map;
    this.#settle(nowMs);
    this.#map = map;
    if (this.#episode !== undefined && before !== undefined && shapeOf(before) !== shapeOf(map))
      this.#episode.spoilt = true;
  }

  onStarted(move: MoveStarted, node: NodeId, nowMs: number): void {
    this.#settle(nowMs);
    this.#open.set(move.transferId, move);
    const { cause, partition, from, to } = move;
    const last = this.#last.get(partition);
    const undoes = last !== undefined && last.from === to && last.to === from && cause === 'load';
    if (undoes && nowMs - last.endMs < this.#hysteresisMs) {
      const { endMs } = last;
      this.#tally.fail(
        (at) =>
          `${at(nowMs)}: partition ${partition} goes from ${from} back to ${to}, which it left at ${at(endMs)}; ${this.#hysteresisMs / 1_000} s must lie between`,
        { timeMs: nowMs, node, key: `partition ${partition}`, event: 'move-started' },
      );
    } else if (cause === 'load') this.#tally.pass();
    if (this.#map === undefined) return;
    this.#episode ??= { startMs: nowMs, before: this.#map, lastMs: nowMs, spoilt: false };
    if (cause !== 'load') this.#episode.spoilt = true;
  }

  onEnded({ transferId, outcome }: MoveEnded, nowMs: number): void {
    const move = this.#open.get(transferId);
    this.#open.delete(transferId);
    if (this.#episode !== undefined) {
      this.#episode.lastMs = nowMs;
      if (outcome !== 'done') this.#episode.spoilt = true;
    }
    if (move === undefined || outcome !== 'done') return;
    const { partition, from, to, cause } = move;
    // A repair copies from a node that keeps its replica.
    if (cause !== 'repair') this.#last.set(partition, { from, to, endMs: nowMs });
  }

  /** A new leader takes over: what its predecessor had open it may end without a word. */
  onElection(): void {
    this.#open.clear();
    if (this.#episode !== undefined) this.#episode.spoilt = true;
  }

  close(): void {
    this.#settle(Number.POSITIVE_INFINITY);
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(
      `${this.#tally.evaluated} moves and rounds of moves`,
      'nothing was moved for the sake of balance',
      originMs,
    );
  }

  /** Judges moves in a row once they are over. */
  #settle(nowMs: number): void {
    const { episode } = { episode: this.#episode };
    if (episode === undefined || this.#open.size > 0 || nowMs < episode.lastMs + STILL_MS) return;
    this.#episode = undefined;
    const map = this.#map;
    if (map === undefined || episode.spoilt || this.#stored.total === 0) return;
    const { startMs, lastMs } = episode;
    const [before, after] = [this.#fullest(episode.before), this.#fullest(map)];
    const doubt = this.#doubt(map, startMs);
    if (doubt > MOST_DOUBT) return;
    if (after <= before * (1 + ALLOWANCE) + doubt) return this.#tally.pass();
    this.#tally.fail(
      (at) =>
        `${at(lastMs)}: moves for balance since ${at(startMs)} raised the fullest node from ${before.toFixed(3)} to ${after.toFixed(3)} of its share`,
      { timeMs: lastMs, event: 'move-ended' },
    );
  }

  /**
   * By how much of its fair share a node may be fuller or emptier than it seems: the plan went by sizes of its time, and by
   * what lay on the disks then, garbage and all. One copy of that may lie on the node whose share is least.
   */
  #doubt(map: ClusterMap, startMs: number): number {
    const bytes = this.#stored.replacedSince(startMs - this.#garbageMs) + this.#stored.addedSince(startMs);
    const least = Math.min(...sharesOf(map).values());
    return (2 * bytes) / (least * this.#stored.total * map.replication);
  }

  /** What the fullest node holds of its fair share, with what is stored now. */
  #fullest(map: ClusterMap): number {
    const held = new Map<NodeId, number>();
    for (const [partition, { replicas }] of map.partitions.entries()) {
      const bytes = this.#stored.bytes(partition);
      for (const id of replicas) held.set(id, (held.get(id) ?? 0) + bytes);
    }
    let fullest = 0;
    for (const [id, share] of sharesOf(map)) {
      fullest = Math.max(fullest, (held.get(id) ?? 0) / (share * this.#stored.total * map.replication));
    }
    return fullest;
  }
}

function sharesOf({ nodes, replication }: ClusterMap): ReadonlyMap<NodeId, number> {
  const members = nodes.filter(({ membership }) => membership === 'active' || membership === 'joining');
  return fairShares(members, replication);
}

/** All of a map that moves do not change. */
function shapeOf({ nodes }: ClusterMap): string {
  return nodes
    .map(({ id, membership, liveness, weight }) => `${id} ${membership} ${liveness === 'down'} ${weight}`)
    .join();
}
