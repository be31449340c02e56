import { Command } from 'commander';
import type { RunOptions } from './options.ts';
import { withRunOptions } from './options.ts';
import { planSession, runSession } from './session.ts';
import { printFigures, printJson } from './tables.ts';

/** `evenkeel run <scenario…>`: each scenario with one seed unless told otherwise; its figures, checks and report. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('run scenarios, by default with seed 1, and write their records and reports')
    .argument('<scenario...>', 'names in scenarios/ or paths of files');
  return withRunOptions(command, 'reports/out/runs').action(
    async (references: readonly string[], options: RunOptions) => {
      const root = process.cwd();
      // All of them are checked before the first one runs.
      const sessions = [];
      for (const reference of references) sessions.push(await planSession(root, reference, options, 1));
      const results = [];
      for (const session of sessions) {
        const result = await runSession(root, session, options);
        results.push(result);
        if (options.json !== true) printFigures(root, result);
        if (!result.complete) break;
      }
      if (options.json === true) printJson(root, results);
    },
  );
}
