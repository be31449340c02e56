import { Command, type CommanderError } from 'commander';
import { compareCommand } from './compare.ts';
import { BAD_INPUT } from './failure.ts';
import { fuzzCommand } from './fuzz.ts';
import { gateCommand } from './gate.ts';
import { listCommand } from './list.ts';
import { mutantsCommand } from './mutants.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { traceCommand } from './trace.ts';

/** The command line. Wrong usage ends with exit code 2, help with 0. */
export function program(): Command {
  const root = new Command('evenkeel')
    .description(
      'Runs the real code of a distributed object store in a deterministic simulator and reports where it gets hot.',
    )
    .showHelpAfterError('(add --help for what is accepted)')
    .showSuggestionAfterError();
  for (const command of [
    listCommand(),
    runCommand(),
    compareCommand(),
    reportCommand(),
    gateCommand(),
    fuzzCommand(),
    mutantsCommand(),
    traceCommand(),
  ])
    root.addCommand(command);
  exitWithBadInput(root);
  return root;
}

function exitWithBadInput(command: Command): void {
  command.exitOverride((error: CommanderError) => process.exit(error.exitCode === 0 ? 0 : BAD_INPUT));
  for (const sub of command.commands) exitWithBadInput(sub);
}
