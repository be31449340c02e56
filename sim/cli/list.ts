import Table from 'cli-table3';
import { Argument, Command } from 'commander';
import { loadScenario, scenarioNames } from '../experiment/load.ts';
import { catalogue } from './catalogue.ts';

/** `evenkeel list [scenarios|algorithms]`: what there is to run and to choose from. */
export function listCommand(): Command {
  return new Command('list')
    .description('list scenarios or algorithms')
    .addArgument(new Argument('[what]', 'what to list').choices(['scenarios', 'algorithms']).default('scenarios'))
    .action(async (what: string) => {
      process.stdout.write(
        what === 'algorithms' ? catalogue(process.stdout.columns) : await listScenarios(process.cwd()),
      );
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
