import Table from 'cli-table3';
import { Argument, Command } from 'commander';
import { loadScenario, scenarioNames } from '../experiment/load.ts';
import type { AlgorithmInfo } from '../store/algorithm.ts';
import { balancers } from '../store/balancer/registry.ts';
import { placements } from '../store/placement/registry.ts';
import { rebalancers } from '../store/rebalance/registry.ts';

/** `evenkeel list [scenarios|algorithms]`: what there is to run and to choose from. */
export function listCommand(): Command {
  return new Command('list')
    .description('list scenarios or algorithms')
    .addArgument(new Argument('[what]', 'what to list').choices(['scenarios', 'algorithms']).default('scenarios'))
    .action(async (what: string) => {
      process.stdout.write(what === 'algorithms' ? listAlgorithms() : await listScenarios(process.cwd()));
    });
}

async function listScenarios(root: string): Promise<string> {
  const table = new Table({
    style: { head: [], border: [] },
    head: ['scenario', 'question', 'variants'],
    colWidths: [16, 72, 40],
    wordWrap: true,
  });
  for (const name of await scenarioNames(root)) {
    const { scenario } = await loadScenario(root, name, []);
    table.push([name, scenario.question, Object.keys(scenario.variants).join(', ')]);
  }
  return `${table.toString()}\n`;
}

function listAlgorithms(): string {
  const families: readonly [string, ReadonlyMap<string, AlgorithmInfo>][] = [
    ['balancer', balancers],
    ['placement', placements],
    ['rebalancer', rebalancers],
  ];
  const table = new Table({
    style: { head: [], border: [] },
    head: ['family', 'name', 'what it does', 'source', 'weakness'],
    colWidths: [12, 30, 44, 36, 36],
    wordWrap: true,
  });
  for (const [family, members] of families) {
    for (const { name, summary, source, weakness } of members.values())
      table.push([family, name, summary, source, weakness]);
  }
  return `${table.toString()}\n`;
}
