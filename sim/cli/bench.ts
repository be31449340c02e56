import Table from 'cli-table3';
import { distance } from 'fastest-levenshtein';
import { type HoldFigures, hold, mm1, p2c } from '../kernel/kernel.bench.ts';

/** `npm run bench -- [group…]`: runs benchmark groups by name, all that print tables if none is named. */

interface BenchmarkGroup {
  readonly name: string;
  readonly about: string;
  /** Runs only when named: prints one line of JSON, for comparison with other simulators. */
  readonly alone: boolean;
  /** What to print. */
  run(): string | Promise<string>;
}

const GROUPS: readonly BenchmarkGroup[] = [
  { name: 'hold', about: 'event queue against a binary heap of objects', alone: false, run: () => holdTable(hold()) },
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

function find(name: string): BenchmarkGroup | undefined {
  return GROUPS.find((group) => group.name === name);
}

function unknown(name: string): string {
  const nearest = [...GROUPS].sort((a, b) => distance(name, a.name) - distance(name, b.name))[0];
  const list = GROUPS.map((group) => `  ${group.name.padEnd(8)}${group.about}`).join('\n');
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
    if (!group.alone) process.stdout.write(`${group.name}: ${group.about}\n`);
    process.stdout.write(`${await group.run()}\n`);
  }
}

await main(process.argv.slice(2));
