import { mkdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { FuzzTrial } from './fuzz-trial.ts';
import type { Failure } from './judge.ts';

/** A trial as the text of a scenario file; `toRoot` leads from its folder to the project's. */
export function scenarioSource({ input }: FuzzTrial, toRoot: string, comment: readonly string[]): string {
  const body = JSON.stringify(input, null, 2).replace(/^(\s*)"([A-Za-z_$][\w$]*)":/gm, '$1$2:');
  return [
    `import { defineScenario } from '${toRoot}/sim/experiment/scenario.ts';`,
    '',
    ...comment.map((line) => `// ${line}`),
    `export default defineScenario(${body});`,
    '',
  ].join('\n');
}

/** The command that runs a trial again from its file. */
export function replayCommand(file: string, { seed, mode }: FuzzTrial): string {
  return `npm run scenario -- ${file} --variants ${mode} --seeds ${seed},`;
}

/**
 * Writes a failing trial as a scenario file, whole or not at all.
 *
 * @returns Its path relative to the root, or as it is where it lies outside.
 */
export async function writeScenario(
  root: string,
  outDir: string,
  trial: FuzzTrial,
  failures: readonly Failure[],
): Promise<string> {
  const file = join(outDir, `${trial.input.name}.ts`);
  const shown = relative(root, file).startsWith('..') ? file : relative(root, file);
  const toRoot = relative(dirname(file), root).split(sep).join('/') || '.';
  await mkdir(outDir, { recursive: true });
  const comment = [
    ...failures.map(({ check, detail }) => `${check}: ${detail.replaceAll('\n', ' ')}`),
    replayCommand(shown, trial),
  ];
  await writeFileAtomic(file, scenarioSource(trial, toRoot.startsWith('.') ? toRoot : `./${toRoot}`, comment));
  return shown;
}
