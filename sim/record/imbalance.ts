import type { Buckets } from './buckets.ts';
import { evenness } from './evenness.ts';
import type { GaugeSource } from './gauges.ts';
import { LoadSpan } from './load-span.ts';
import type { TrackedNode } from './node-table.ts';
import { randomPeakToMean } from './random-peak.ts';
import { roundGap } from './round.ts';
import type { RunRecord } from './schema.ts';

/**
 * Peak-to-mean of the stored bytes per weight over the data nodes that are live; null where that says nothing.
 */
export function storedPeakToMean(nodes: readonly TrackedNode[], gauges: GaugeSource): number | null {
  const loads = nodes
    .filter((node) => node.live)
    .map((node) => ({ load: gauges.storedBytes(node.info.id), weight: node.info.weight }));
  return evenness(loads)?.peakToMean ?? null;
}

/** With fewer requests a node than this in a bucket, evenness measures chance: the series has a gap there. */
export const FEWEST_REQUESTS_PER_NODE = 2;

/** How evenly requests and bytes lie on the data nodes, bucket by bucket. A node counts by the time it was live. */
export class Imbalance {
  readonly #nodes: readonly TrackedNode[];
  readonly #gauges: GaugeSource;
  readonly #span: LoadSpan;
  readonly #series: RunRecord['imbalance'];

  /** `nodes`: the data nodes; may grow later. */
  constructor(nodes: readonly TrackedNode[], gauges: GaugeSource, buckets: Buckets) {
    this.#nodes = nodes;
    this.#gauges = gauges;
    this.#span = new LoadSpan(nodes);
    this.#span.restart(0);
    this.#series = {
      peakToMean: buckets.gaps(),
      cov: buckets.gaps(),
      jain: buckets.gaps(),
      gini: buckets.gaps(),
      random: buckets.gaps(),
      storedPeakToMean: buckets.gaps(),
    };
  }

  closeBucket(index: number, nowMs: number): void {
    const loads = this.#span.loads(nowMs).map(({ requests, weight }) => ({ load: requests, weight }));
    this.#span.restart(nowMs);
    this.#series.storedPeakToMean[index] = roundGap(storedPeakToMean(this.#nodes, this.#gauges));
    const requests = loads.reduce((sum, { load }) => sum + load, 0);
    const result = requests < FEWEST_REQUESTS_PER_NODE * loads.length ? null : evenness(loads);
    if (result === null) return;
    this.#series.peakToMean[index] = roundGap(result.peakToMean);
    this.#series.cov[index] = roundGap(result.cov);
    this.#series.jain[index] = roundGap(result.jain);
    this.#series.gini[index] = roundGap(result.gini);
    this.#series.random[index] = roundGap(
      randomPeakToMean(
        requests,
        loads.map(({ weight }) => weight),
      ),
    );
  }

  finish(): RunRecord['imbalance'] {
    return this.#series;
  }
}
