import type { TrackedNode } from './node-table.ts';

/** What one node carried over a span of time. */
export interface NodeLoad {
  readonly node: TrackedNode;
  readonly requests: number;
  /** Its weight times the share of the span during which it was live: what its fair share is in proportion to. */
  readonly weight: number;
}

/**
 * The requests of each data node over one span of time, as differences of running counts, so that any number of
 * spans (buckets, windows, phases) costs the hot path nothing.
 */
export class LoadSpan {
  readonly #nodes: readonly TrackedNode[];
  #startMs = 0;
  #requests: number[] = [];
  #liveMs: number[] = [];

  /** `nodes` may grow later. */
  constructor(nodes: readonly TrackedNode[]) {
    this.#nodes = nodes;
  }

  /** Begins the span anew. */
  restart(nowMs: number): void {
    this.#startMs = nowMs;
    this.#requests = this.#nodes.map((node) => node.requests);
    this.#liveMs = this.#nodes.map((node) => node.liveMs(nowMs));
  }

  /** The nodes that were live for at least `leastLive` (0 to 1) of the time since the span began. */
  loads(nowMs: number, leastLive = 0.5): NodeLoad[] {
    const lengthMs = nowMs - this.#startMs;
    const loads: NodeLoad[] = [];
    if (lengthMs <= 0) return loads;
    for (const [i, node] of this.#nodes.entries()) {
      const liveShare = (node.liveMs(nowMs) - (this.#liveMs[i] ?? 0)) / lengthMs;
      if (liveShare < leastLive || liveShare <= 0) continue;
      loads.push({
        node,
        requests: node.requests - (this.#requests[i] ?? 0),
        weight: node.info.weight * Math.min(1, liveShare),
      });
    }
    return loads;
  }
}
