import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { writeIndex } from '../../reports/page/index-page.ts';
import { writeReport } from '../../reports/page/report.ts';
import { readComparison } from '../record/comparison-file.ts';
import { shown } from './place.ts';

/** `evenkeel report [folder…]`: the pages again, from the records that lie there. */
export function reportCommand(): Command {
  return new Command('report')
    .description('write the report of a finished comparison again, from its records')
    .argument('<folder...>', 'folders with a comparison.json, such as reports/out/web-day')
    .option('--quiet', 'print nothing but errors')
    .action(async (folders: readonly string[], options: { quiet?: true }) => {
      const root = process.cwd();
      for (const folder of folders) {
        const { comparison, records } = await readComparison(resolve(root, folder));
        const file = join(resolve(root, folder), 'report.html');
        const { bytes } = await writeReport({ comparison, records }, file);
        if (options.quiet !== true) process.stdout.write(`${shown(root, file)}  ${Math.round(bytes / 1024)} KB\n`);
        await writeIndex(resolve(root, folder, '..'));
      }
    });
}
