import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Mutant } from './mutant.ts';

/** Under the root, since what is not bundled is looked for from there. Nothing in it is kept. */
const FOLDER = 'reports/out';

/** A program that runs trials, with a mutant in it or none. */
export interface Specimen {
  /** The file that node runs; see `child.ts`. */
  readonly script: string;
  remove(): Promise<void>;
}

/**
 * The text of one file with the edits that a mutant makes there.
 *
 * @throws Error if what one replaces does not stand there exactly once: the code has moved on, and the mutant must follow.
 */
export function mutated(text: string, { id, edits }: Mutant, file: string): string {
  let changed = text;
  for (const { find, replace } of edits.filter((edit) => edit.file === file)) {
    const times = changed.split(find).length - 1;
    if (times !== 1) throw new Error(`mutant ${id}: ${file}: found ${times} times, accepted: once: ${find}`);
    changed = changed.replace(find, () => replace);
  }
  return changed;
}

/**
 * Bundles all that a trial runs, with the mutant in it if there is one: the project itself holds no planted bugs, and what
 * becomes of it meanwhile changes nothing for who runs the bundle.
 *
 * @throws Error if the mutant does not fit the code, or is of a file that no trial runs.
 */
export async function specimenOf(root: string, mutant?: Mutant): Promise<Specimen> {
  await mkdir(join(root, FOLDER), { recursive: true });
  const folder = await mkdtemp(join(root, FOLDER, `mutant-${mutant?.id ?? 'none'}-`));
  const script = join(folder, 'trials.mjs');
  const remove = () => rm(folder, { recursive: true, force: true });
  const plant = mutant === undefined ? undefined : planting(root, mutant);
  try {
    await build({
      entryPoints: [join(root, 'sim/experiment/fuzz/mutants/child.ts')],
      outfile: script,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'silent',
      plugins: plant === undefined ? [] : [plant.plugin],
    });
    for (const file of plant?.unplanted() ?? [])
      throw new Error(`mutant ${mutant?.id}: ${file}: no trial runs this file`);
    return { script, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Changes files on their way into the bundle. */
function planting(root: string, mutant: Mutant): { readonly plugin: Plugin; unplanted(): Iterable<string> } {
  const targets = new Map(mutant.edits.map(({ file }) => [resolve(root, file), file]));
  const unplanted = new Set(targets.values());
  const plugin: Plugin = {
    name: 'plant',
    setup(bundling) {
      bundling.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const file = targets.get(path);
        if (file === undefined) return undefined;
        unplanted.delete(file);
        return { contents: mutated(await readFile(path, 'utf8'), mutant, file), loader: 'ts' };
      });
    },
  };
  return { plugin, unplanted: () => unplanted };
}
