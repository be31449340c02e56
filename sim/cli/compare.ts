import { Command } from 'commander';
import type { RunOptions } from './options.ts';
import { withRunOptions } from './options.ts';
import { planSession, runSession } from './session.ts';
import { printJson, printScorecard } from './tables.ts';

/** `evenkeel compare <scenario>`: all variants over the scenario's seeds; the verdict, the scorecard and the report. */
export function compareCommand(): Command {
  const command = new Command('compare')
    .description("compare a scenario's variants over several seeds, and write the report")
    .argument('<scenario>', 'name in scenarios/ or path of a file');
  return withRunOptions(command, 'reports/out').action(async (reference: string, options: RunOptions) => {
    const root = process.cwd();
    const result = await runSession(root, await planSession(root, reference, options), options);
    if (options.json === true) printJson(root, [result]);
    else printScorecard(root, result);
  });
}
