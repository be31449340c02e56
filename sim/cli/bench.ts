import { spawnSync } from 'node:child_process';
import Table from 'cli-table3';
import { distance } from 'fastest-levenshtein';
import {
  type FullStackFigures,
  fullStack,
  LARGE,
  type MemoryFigure,
  memory,
  SMALL,
} from '../experiment/full-stack.bench.ts';
import { type HoldFigures, hold, mm1, p2c } from '../kernel/kernel.bench.ts';
import { type BalancerBenchRow, runBalancerBench } from '../store/balancer/balancer.bench.ts';
import { type PlacementBenchRow, runPlacementBench } from '../store/placement/placement.bench.ts';
import { type RivalBenchRow, runRivalBench } from '../store/placement/rivals.bench.ts';

/** `npm run bench -- [group…]`: runs benchmark groups by name, all that print tables if none is named. */

interface BenchmarkGroup {
  readonly name: string;
  readonly about: string;
  /** Runs only when named: prints one line of JSON, for comparison with other simulators. */
  readonly alone: boolean;
  /** Needs a process of its own, with these options of Node. */
  readonly nodeOptions?: readonly string[];
  /** What to print. */
  run(): string | Promise<string>;
}

/** A run makes much short-lived garbage: a nursery that is large from the start is what trials should have, too. */
const NURSERY = ['--min-semi-space-size=16', '--max-semi-space-size=64'];

const GROUPS: readonly BenchmarkGroup[] = [
  { name: 'hold', about: 'event queue against a binary heap of objects', alone: false, run: () => holdTable(hold()) },
  {
    name: 'picks',
    about: 'what a balancer costs a pick, against random',
    alone: false,
    run: async () => picksTable(await runBalancerBench()),
  },
  {
    name: 'placements',
    about: 'what a placement costs a look-up of three replicas, against weighted-rendezvous',
    alone: false,
    nodeOptions: ['--expose-gc'],
    run: async () => placementsTable(await runPlacementBench(50, [10, 100, 1000])),
  },
  {
    name: 'rivals',
    about: 'finding the owner of a key: placements against packages from npm, in ratios to modulo',
    alone: false,
    nodeOptions: ['--expose-gc'],
    run: async () => rivalsTable(await runRivalBench()),
  },
  {
    name: 'full-stack',
    about: 'simulated requests a second: 95 % get, 5 % put, recorder and checks on',
    alone: false,
    nodeOptions: NURSERY,
    run: async () => fullStackTable([await fullStack(SMALL, 60_000, 7), await fullStack(LARGE, 60_000, 5)]),
  },
  {
    name: 'memory',
    about: 'what stays in memory as requests go by, 12 data nodes',
    alone: false,
    nodeOptions: [...NURSERY, '--expose-gc'],
    run: async () => memoryTable(await memory(SMALL, [200_000, 400_000, 800_000])),
  },
  { name: 'mm1', about: 'M/M/1 at load 0.9, a million customers', alone: true, run: () => JSON.stringify(mm1()) },
  { name: 'p2c', about: 'two choices among 1,000 queues at load 0.9', alone: true, run: () => JSON.stringify(p2c()) },
];

const BAD_USAGE = 2;

function holdTable(figures: readonly HoldFigures[]): string {
  const table = new Table({
    head: ['pending', 'delays', 'kernel ns/hold', 'heap ns/hold', 'times faster'],
    colAligns: ['right', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { pending, delays, kernelNs, heapNs, ratio } of figures) {
    table.push([pending, delays, kernelNs.toFixed(0), heapNs.toFixed(0), ratio.toFixed(2)]);
  }
  return table.toString();
}

function picksTable(rows: readonly BalancerBenchRow[]): string {
  const table = tableOf(['balancer', 'backends', 'eligible', 'ns/pick', 'times random'], 1);
  for (const { balancer, options, backends, eligible, nsPerPick } of rows) {
    const random = rows.find(
      (row) => row.balancer === 'random' && row.backends === backends && row.eligible === eligible,
    );
    const name = options === '{}' ? balancer : `${balancer} ${options}`;
    table.push([name, backends, eligible, nsPerPick.toFixed(0), ratio(nsPerPick, random?.nsPerPick)]);
  }
  return table.toString();
}

function placementsTable(rows: readonly PlacementBenchRow[]): string {
  const head = ['placement', 'nodes', 'zones', 'ns/look-up', 'times rendezvous', 'ns/owner', 'build ms', 'kB'];
  const table = tableOf(head, 1);
  for (const { placement, nodes, zones, nsPerLookup, nsPerOwner, buildMs, bytes } of rows) {
    const rendezvous = rows.find(
      (row) => row.placement === 'weighted-rendezvous' && row.nodes === nodes && row.zones === zones,
    );
    const times = ratio(nsPerLookup, rendezvous?.nsPerLookup);
    const costs = [nsPerLookup.toFixed(0), times, nsPerOwner.toFixed(0), buildMs.toFixed(2), kilobytes(bytes)];
    table.push([placement, nodes, zones, ...costs]);
  }
  return table.toString();
}

function rivalsTable(rows: readonly RivalBenchRow[]): string {
  const table = tableOf(['who', 'nodes', 'ns/key', 'times modulo', 'build ms', 'kB'], 1);
  for (const { name, nodes, nsPerKey, buildMs, bytes } of rows) {
    const modulo = rows.find((row) => row.name === 'modulo' && row.nodes === nodes);
    const times = ratio(nsPerKey, modulo?.nsPerKey);
    table.push([name, nodes, nsPerKey.toFixed(0), times, buildMs.toFixed(2), kilobytes(bytes)]);
  }
  return table.toString();
}

/** Differences of the heap are rough: less than nothing is nothing that could be seen. */
function kilobytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : (Math.max(0, bytes) / 1e3).toFixed(0);
}

function fullStackTable(rows: readonly FullStackFigures[]): string {
  const table = tableOf(
    ['data nodes', 'keys', 'events/request', 'requests/s, best', 'median', 'unobserved, median', 'recorder and checks'],
    0,
  );
  for (const { cluster, eventsPerRequest, best, median, bareMedian, observers } of rows) {
    table.push([
      cluster.dataNodes,
      cluster.keys,
      eventsPerRequest.toFixed(1),
      best.toFixed(0),
      median.toFixed(0),
      bareMedian.toFixed(0),
      `+${(100 * observers).toFixed(0)} % time`,
    ]);
  }
  return table.toString();
}

function memoryTable(rows: readonly MemoryFigure[]): string {
  const table = tableOf(['requests', 'retained MB', 'MB per million more', 'times the first'], 0);
  for (const { requests, retainedBytes, bytesPerMillion } of rows) {
    const more = bytesPerMillion === null ? '' : (bytesPerMillion / 1e6).toFixed(1);
    table.push([requests, (retainedBytes / 1e6).toFixed(1), more, ratio(retainedBytes, rows[0]?.retainedBytes)]);
  }
  return table.toString();
}

/** The first `texts` columns hold text, the others numbers. */
function tableOf(head: string[], texts: number): Table.Table {
  const colAligns = head.map((_, column) => (column < texts ? ('left' as const) : ('right' as const)));
  return new Table({ head, colAligns, style: { head: [], border: [] } });
}

function ratio(value: number, reference: number | undefined): string {
  return reference === undefined ? '' : (value / reference).toFixed(2);
}

function find(name: string): BenchmarkGroup | undefined {
  return GROUPS.find((group) => group.name === name);
}

function unknown(name: string): string {
  const nearest = [...GROUPS].sort((a, b) => distance(name, a.name) - distance(name, b.name))[0];
  const list = GROUPS.map((group) => `  ${group.name.padEnd(12)}${group.about}`).join('\n');
  return `unknown benchmark group "${name}"; did you mean "${nearest?.name}"?\n${list}\n`;
}

async function main(names: readonly string[]): Promise<void> {
  const strange = names.find((name) => find(name) === undefined);
  if (strange !== undefined) {
    process.stderr.write(unknown(strange));
    process.exitCode = BAD_USAGE;
    return;
  }
  const chosen = GROUPS.filter((group) => (names.length === 0 ? !group.alone : names.includes(group.name)));
  for (const group of chosen) {
    if (needsOwnProcess(group)) {
      runApart(group);
      continue;
    }
    if (!group.alone) process.stdout.write(`${group.name}: ${group.about}\n`);
    process.stdout.write(`${await group.run()}\n`);
  }
}

function needsOwnProcess({ nodeOptions = [] }: BenchmarkGroup): boolean {
  return nodeOptions.some((option) => !process.execArgv.includes(option));
}

/** The same command for one group, under the options that it needs. */
function runApart({ name, nodeOptions = [] }: BenchmarkGroup): void {
  const script = process.argv[1];
  if (script === undefined) throw new Error('bench: this script has no file');
  const options = [...process.execArgv, ...nodeOptions];
  const { status } = spawnSync(process.execPath, [...options, script, name], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = status ?? 1;
}

await main(process.argv.slice(2));
