import type { Chart } from './chart.ts';
import { differences } from './differences.ts';
import { durability } from './durability.ts';
import { heatmap } from './heatmap.ts';
import { imbalance } from './imbalance.ts';
import { latencyByPercentile } from './latency-by-percentile.ts';
import { latencyOverTime } from './latency-over-time.ts';
import { moves } from './moves.ts';
import { overview } from './overview.ts';

/** Every chart of the page, in its order. */
export const CHARTS: readonly Chart[] = [
  differences,
  overview,
  heatmap,
  imbalance,
  latencyOverTime,
  latencyByPercentile,
  durability,
  moves,
];
