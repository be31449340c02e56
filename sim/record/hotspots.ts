import { type HotEpisode, HotSubject } from './hot-subject.ts';
import type { HotRule } from './hot-track.ts';
import { LoadSpan, type NodeLoad } from './load-span.ts';
import type { TrackedNode } from './node-table.ts';
import { TopK } from './top-k.ts';

/** Windows in the time for which a hotspot must last. */
const WINDOWS = 8;
const LEAST_WINDOW_MS = 10;
const MOST_WINDOWS_A_RUN = 100_000;
const MOST_EPISODES = 1_000;
const KEYS_TRACKED = 64;
/** Keys of one hot partition that are looked at in a window. */
const KEYS_JUDGED = 8;

/**
 * Finds hotspots among data nodes, partitions and keys by the requests that data nodes answered, in windows of an
 * eighth of the time for which a hotspot must last, whatever the width of the record's buckets.
 *
 * A node's fair share is in proportion to its weight among the nodes that are live. A partition or a key is
 * measured against the fair share of a *node* (of mean weight): one that alone is more than a node should carry is
 * what no placement of partitions can even out; against other partitions every popular object would be a hotspot.
 *
 * Keys are counted only in partitions that are hot or were so a window ago (a key can't be hotter than its
 * partition), and by node only where the node is. So calm traffic costs one addition a request.
 */
export class Hotspots {
  readonly #rule: HotRule;
  readonly #span: LoadSpan;
  readonly #nodes: (HotSubject | undefined)[] = [];
  readonly #partitions = new Map<number, { readonly subject: HotSubject; readonly window: TopK }>();
  readonly #keys = new Map<string, { readonly subject: HotSubject; readonly partition: number }>();
  /** Requests of the leading keys of open episodes in this window, over all nodes. */
  #leaders = new Map<string, number>();
  readonly #counts: Uint32Array;
  /** Partitions with requests in this window. */
  readonly #touched: number[] = [];
  readonly #episodes: HotEpisode[] = [];
  readonly #warmupMs: number;
  readonly #durationMs: number;
  #hotNodeMs = 0;
  #omitted = 0;
  #window = 1;

  constructor(
    hotspot: { readonly factor: number; readonly forMs: number },
    durationMs: number,
    partitions: number,
    dataNodes: readonly TrackedNode[],
    warmupMs = 0,
  ) {
    this.#warmupMs = warmupMs;
    this.#durationMs = durationMs;
    const windowMs = Math.max(hotspot.forMs / WINDOWS, LEAST_WINDOW_MS, durationMs / MOST_WINDOWS_A_RUN);
    this.#rule = { factor: hotspot.factor, windowMs, windows: Math.max(1, Math.ceil(hotspot.forMs / windowMs)) };
    this.#counts = new Uint32Array(partitions);
    this.#span = new LoadSpan(dataNodes);
    this.#span.restart(0);
  }

  /** When the window that runs ends. */
  get nextEndMs(): number {
    return this.#window * this.#rule.windowMs;
  }

  /** Sum over nodes of the time after warm-up in which each was hot, in ms; of all episodes, kept or not. After {@link finish}. */
  get hotNodeMs(): number {
    return this.#hotNodeMs;
  }

  /** Episodes that found no room. */
  get omitted(): number {
    return this.#omitted;
  }

  /** A data node answered a request. */
  served(node: TrackedNode, key: string, partition: number): void {
    const before = this.#counts[partition];
    if (before === undefined) return;
    if (before === 0) this.#touched.push(partition);
    this.#counts[partition] = before + 1;
    this.#nodes[node.index]?.keys?.add(key);
    if (this.#partitions.size > 0) {
      const hot = this.#partitions.get(partition);
      if (hot !== undefined) {
        hot.subject.keys?.add(key);
        hot.window.add(key);
      }
    }
    if (this.#leaders.size > 0) {
      const count = this.#leaders.get(key);
      if (count !== undefined) this.#leaders.set(key, count + 1);
    }
  }

  closeWindow(nowMs: number): void {
    const loads = this.#span.loads(nowMs);
    const total = loads.reduce((sum, load) => sum + load.requests, 0);
    this.#closeNodes(loads, total, nowMs);
    const fair = loads.length === 0 ? 0 : total / loads.length;
    this.#closePartitions(fair, total, nowMs);
    this.#closeKeys(fair, total, nowMs);
    this.#restart(nowMs);
  }

  /** All episodes in order of their start. */
  finish(): HotEpisode[] {
    const subjects = [
      ...this.#nodes,
      ...[...this.#partitions.values(), ...this.#keys.values()].map((one) => one.subject),
    ];
    for (const subject of subjects) this.#keep(subject?.close() ?? null);
    return [...this.#episodes].sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
  }

  #closeNodes(loads: readonly NodeLoad[], total: number, nowMs: number): void {
    const weight = loads.reduce((sum, load) => sum + load.weight, 0);
    const live = new Map(loads.map((load) => [load.node.index, load]));
    for (const { node, requests, weight: own } of loads) {
      if (requests > (this.#rule.factor * total * own) / weight) {
        this.#nodes[node.index] ??= new HotSubject('node', node.info.id, this.#rule);
      }
    }
    for (const [index, subject] of this.#nodes.entries()) {
      if (subject === undefined) continue;
      const load = live.get(index);
      const fair = load === undefined ? 0 : (total * load.weight) / weight;
      this.#push(subject, load?.requests ?? 0, fair, total, nowMs);
      if (subject.idle) this.#nodes[index] = undefined;
    }
  }

  #closePartitions(fair: number, total: number, nowMs: number): void {
    for (const partition of this.#touched) {
      const load = this.#counts[partition] ?? 0;
      if (load > this.#rule.factor * fair && !this.#partitions.has(partition)) {
        const subject = new HotSubject('partition', String(partition), this.#rule);
        this.#partitions.set(partition, { subject, window: new TopK(KEYS_TRACKED) });
      }
    }
    for (const [partition, { subject }] of this.#partitions) {
      this.#push(subject, this.#counts[partition] ?? 0, fair, total, nowMs);
    }
  }

  #closeKeys(fair: number, total: number, nowMs: number): void {
    for (const [partition, { window }] of this.#partitions) {
      for (const { key, weight, error } of window.top(KEYS_JUDGED)) {
        if (weight - error <= this.#rule.factor * fair || this.#keys.has(key)) continue;
        this.#keys.set(key, { subject: new HotSubject('key', key, this.#rule), partition });
      }
    }
    for (const [key, { subject, partition }] of this.#keys) {
      this.#push(subject, this.#partitions.get(partition)?.window.guaranteed(key) ?? 0, fair, total, nowMs);
      if (subject.idle) this.#keys.delete(key);
    }
  }

  #push(subject: HotSubject, load: number, fair: number, total: number, nowMs: number): void {
    const leader = subject.leader;
    const leaderLoad = leader === null ? 0 : (this.#leaders.get(leader) ?? 0);
    this.#keep(subject.push(load, fair, total, leaderLoad, nowMs));
  }

  #keep(episode: HotEpisode | null): void {
    if (episode === null) return;
    if (episode.subject === 'node') {
      const endMs = Math.min(this.#durationMs, episode.endMs ?? this.#durationMs);
      this.#hotNodeMs += Math.max(0, endMs - Math.max(this.#warmupMs, episode.startMs));
    }
    if (this.#episodes.length < MOST_EPISODES) this.#episodes.push(episode);
    else this.#omitted++;
  }

  #restart(nowMs: number): void {
    for (const partition of this.#touched) this.#counts[partition] = 0;
    this.#touched.length = 0;
    for (const [partition, { subject, window }] of this.#partitions) {
      window.clear();
      if (subject.idle) this.#partitions.delete(partition);
    }
    this.#leaders = new Map();
    for (const subject of this.#nodes) this.#follow(subject);
    for (const { subject } of this.#partitions.values()) this.#follow(subject);
    for (const { subject } of this.#keys.values()) this.#follow(subject);
    this.#span.restart(nowMs);
    while (this.nextEndMs <= nowMs) this.#window++;
  }

  #follow(subject: HotSubject | undefined): void {
    const leader = subject?.leader ?? null;
    if (leader !== null) this.#leaders.set(leader, 0);
  }
}
