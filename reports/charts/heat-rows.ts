import { NODE_STATES, type NodeRecord, type RunRecord } from '../../sim/record/schema.ts';
import { HEAT_METRICS, type HeatMetric, type HeatRows } from './model.ts';
import { type Bins, binsFor, filled, keepMax, rounded } from './thin.ts';

/** Rows of nodes that a person can still read; beyond them the busiest are shown, and quantiles stand for the rest. */
const MOST_NODES = 58;
const LEAST_NODES = 24;
const QUANTILES = [1, 0.95, 0.75, 0.5, 0.25, 0];
const MOST_BINS = 300;
const LEAST_BINS = 60;
/** Cells of one picture: more makes a browser stutter. */
const MOST_CELLS = 9600;
const UP = NODE_STATES.indexOf('up');

/**
 * Rows of the heatmap for the nodes of one role: by zone, then in natural order of their names.
 *
 * @param cells about how many cells the picture may have; time is thinned to fit
 */
export function heatRows(record: RunRecord, role: NodeRecord['role'], cells: number, msPerUnit: number): HeatRows {
  const most = Math.max(LEAST_NODES, Math.min(MOST_NODES, Math.floor(cells / 100)));
  const all = record.nodes.filter((node) => node.role === role);
  const struck = new Set(record.faults.flatMap((fault) => fault.targets));
  const chosen = choose(all, struck, most);
  const limit =
    chosen.length <= 12
      ? MOST_BINS
      : Math.max(LEAST_BINS, Math.min(MOST_BINS, Math.floor(Math.min(cells, MOST_CELLS) / chosen.length)));
  const bins = binsFor(record.buckets.count, limit);
  const perSecond = 1000 / record.buckets.widthMs;
  const read = (node: NodeRecord, metric: HeatMetric): number[] => {
    const { series } = node;
    const values = metric === 'queue' ? series.queueMean : series[metric];
    const scale = metric === 'requests' || metric === 'bytes' ? perSecond : 1;
    return rounded(
      filled(keepMax(values, bins)).map((value) => value * scale),
      2,
    );
  };

  const rows = chosen.map((node) => ({
    id: node.id,
    zone: /^zone/i.test(node.zone) || node.zone.length > 3 ? node.zone : `zone ${node.zone}`,
  }));
  const metrics = (metric: HeatMetric): number[][] => chosen.map((node) => read(node, metric));
  const table: Record<HeatMetric, number[][]> = {
    utilisation: metrics('utilisation'),
    queue: metrics('queue'),
    requests: metrics('requests'),
    bytes: metrics('bytes'),
  };
  if (chosen.length < all.length) {
    for (const q of QUANTILES)
      rows.push({ id: q === 1 ? 'highest' : q === 0 ? 'lowest' : `p${q * 100}`, zone: `all ${all.length}` });
    for (const metric of HEAT_METRICS) table[metric].push(...quantileRows(all, bins, (node) => read(node, metric)));
  }
  return {
    rows,
    metrics: table,
    states: chosen.flatMap((node, row) => stateSpans(node, bins).map((span) => ({ row, ...span }))),
    nodes: all.length,
    shown: chosen.length,
    starts: Array.from({ length: bins.count }, (_, i) =>
      Number(((i * bins.merged * record.buckets.widthMs) / msPerUnit).toPrecision(8)),
    ),
    width: (bins.merged * record.buckets.widthMs) / msPerUnit,
  };
}

function choose(nodes: readonly NodeRecord[], struck: ReadonlySet<string>, most: number): NodeRecord[] {
  const natural = (id: string): string => id.replace(/\d+/g, (digits) => digits.padStart(8, '0'));
  const byName = (a: NodeRecord, b: NodeRecord): number =>
    natural(a.id) < natural(b.id) ? -1 : natural(a.id) > natural(b.id) ? 1 : 0;
  const byZone = (a: NodeRecord, b: NodeRecord): number => (a.zone < b.zone ? -1 : a.zone > b.zone ? 1 : byName(a, b));
  if (nodes.length <= most) return [...nodes].sort(byZone);
  const eventful = (node: NodeRecord): number =>
    struck.has(node.id) ? 2 : node.series.state.some((state) => state !== UP) ? 1 : 0;
  const heat = (node: NodeRecord): number =>
    node.series.requests.reduce((sum, value) => sum + value, 0) / Math.max(node.weight, 1e-9);
  // A rolling restart touches every node; then being touched must not push the busiest out.
  const touched = nodes.filter((node) => eventful(node) > 0).length;
  const rank = (node: NodeRecord): number => (touched <= most / 2 ? eventful(node) : 0);
  return nodes
    .map((node) => ({ node, rank: rank(node), heat: heat(node) }))
    .sort((a, b) => b.rank - a.rank || b.heat - a.heat || byName(a.node, b.node))
    .slice(0, most)
    .map(({ node }) => node)
    .sort(byZone);
}

function quantileRows(nodes: readonly NodeRecord[], bins: Bins, read: (node: NodeRecord) => number[]): number[][] {
  const series = nodes.map(read);
  const columns = Array.from({ length: bins.count }, (_, i) =>
    series.map((values) => values[i] ?? 0).sort((a, b) => a - b),
  );
  return QUANTILES.map((q) => columns.map((column) => column[Math.round(q * (column.length - 1))] ?? 0));
}

/** Spans of bins in which a node was anything but up; a bin shows the least healthy state of its buckets. */
function stateSpans(node: NodeRecord, bins: Bins): { from: number; to: number; state: string }[] {
  const severity = ['up', 'draining', 'paused', 'absent', 'left', 'down'];
  const states = Array.from({ length: bins.count }, (_, i) => {
    const inBin = node.series.state
      .slice(i * bins.merged, (i + 1) * bins.merged)
      .map((index) => NODE_STATES[index] ?? 'up');
    return inBin.reduce<string>(
      (worst, state) => (severity.indexOf(state) > severity.indexOf(worst) ? state : worst),
      'up',
    );
  });
  const spans: { from: number; to: number; state: string }[] = [];
  for (let i = 0; i < states.length; ) {
    const state = states[i] ?? 'up';
    let to = i + 1;
    while (to < states.length && states[to] === state) to += 1;
    if (state !== 'up') spans.push({ from: i, to, state });
    i = to;
  }
  return spans;
}
