import { mkdir } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import writeFileAtomic from 'write-file-atomic';
import { UserError } from '../experiment/user-error.ts';
import { profileFile, serializeProfile } from '../traffic/profile/profile-file.ts';

interface ProfileCommandOptions {
  readonly name?: string;
  readonly source?: string;
  readonly licence?: string;
  readonly date?: string;
  readonly format?: string;
  readonly maxBadLines?: number;
  readonly out?: string;
}

/** `evenkeel trace …`: what can be done with a recorded trace beside replaying it. */
export function traceCommand(): Command {
  return new Command('trace').description('work with recorded traces').addCommand(profileCommand());
}

/** `evenkeel trace profile FILE`: a few kilobytes that stand for a trace which can't be committed. */
function profileCommand(): Command {
  return new Command('profile')
    .description('fit a profile to a recorded trace: rate over time, popularity, sizes, mix, re-reference')
    .argument('<file>', 'the trace, plain or gzip')
    .option('--name <name>', 'name of the profile; by default the name of the file')
    .option('--source <text>', 'where the trace comes from')
    .option('--licence <text>', "the trace's licence")
    .option('--date <text>', 'when it was recorded')
    .option('--format <name>', 'format of the trace; by default recognised by its content')
    .option('--max-bad-lines <n>', 'malformed lines that are skipped before the file is refused', parseCount)
    .option('--out <file>', 'file to write, such as scenarios/profiles/mine.json; by default it is printed')
    .action(async (file: string, { out, ...options }: ProfileCommandOptions) => {
      const text = serializeProfile(await profileFile(file, options));
      if (out === undefined) process.stdout.write(text);
      else await write(resolve(out), text);
    });
}

async function write(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFileAtomic(file, text);
  } catch (error) {
    throw new UserError(
      `--out: '${file}' can't be written (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  process.stdout.write(`${relative(process.cwd(), file)}  ${text.length} bytes\n`);
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`found '${text}'; accepted: a whole number from 0`);
  return Number(text);
}
