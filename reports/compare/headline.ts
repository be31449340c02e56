import type { RunRecord } from '../../sim/record/schema.ts';

/** What a storage engineer asks first, in this order: tail latency, failures, balance, cost of moving, redundancy, throughput. */
const ASKED_FIRST = [
  /p99\b|p99(?!\d)/i,
  /fail|error|unknown|availab/i,
  /peak|imbalance|hotspot/i,
  /moved|churn|move/i,
  /redundan|under|repair/i,
  /goodput|throughput/i,
];

/**
 * The figures that the verdict speaks of: those with an objective, then the first of each kind that a reader asks for.
 *
 * @returns at most `limit` keys of `record.figures`, most important first; none whose direction is "neither"
 */
export function headlineFigures(records: readonly RunRecord[], limit = 4): string[] {
  const [first] = records;
  if (first === undefined) return [];
  const directed = Object.entries(first.figures).filter(([, figure]) => figure.better !== 'neither');
  // Between several runs, a figure that none of them moved (no failures anywhere) says nothing about a difference.
  const values = (key: string): Set<number | null> =>
    new Set(records.map((record) => record.figures[key]?.value ?? null));
  const alive = new Set(
    directed.map(([key]) => key).filter((key) => (records.length > 1 ? values(key).size > 1 : !values(key).has(null))),
  );
  const chosen = new Set(first.scenario.slo.map((slo) => slo.figure).filter((key) => alive.has(key)));
  for (const pattern of ASKED_FIRST) {
    const match = directed.find(([key, figure]) => alive.has(key) && (pattern.test(key) || pattern.test(figure.label)));
    if (match) chosen.add(match[0]);
  }
  for (const [key] of directed) if (chosen.size < 2 && (alive.has(key) || alive.size === 0)) chosen.add(key);
  return [...chosen].slice(0, limit);
}
