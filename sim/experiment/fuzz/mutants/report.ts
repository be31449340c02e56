import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import type { Hunt, HuntLimits } from './hunt.ts';
import type { Mutant } from './mutant.ts';
import { UNFOUND } from './mutants.ts';
import { inWords } from './trial-size.ts';

const BEGIN = '<!-- written by npm run mutants -- --write -->';
const END = '<!-- end -->';

/** One line of the result. */
export interface Row {
  readonly mutant: Mutant;
  readonly hunt: Hunt;
}

/** The results as a table of Markdown. */
export function tableOf(rows: readonly Row[], { firstSeed, trials }: HuntLimits): string {
  const found = rows.filter(({ hunt }) => hunt.violated.length > 0).length;
  const lines = rows.map(({ mutant, hunt }) => {
    const by = hunt.violated.map(({ check }) => check).join(', ');
    const cells = [
      mutant.id,
      mutant.description,
      mutant.focus ?? '',
      by || 'nothing',
      by ? hunt.trials : `> ${hunt.trials}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const shrunk = rows.flatMap(({ mutant: { id }, hunt }) => {
    if (hunt.shrunk === undefined) return [];
    const { before, after, runs } = hunt.shrunk;
    return [`| ${id} | ${hunt.violated[0]?.check} | ${inWords(before)} | ${inWords(after)} | ${runs} |`];
  });
  const proof = [
    '',
    '| shrunk | still violates | before | after | runs |',
    '| --- | --- | --- | --- | --- |',
    ...shrunk,
  ];
  return [
    `${found} of ${rows.length} found, within ${trials} trials each from seed ${firstSeed} on.`,
    '',
    '| mutant | does wrong | focus | found by | at trial |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    ...(shrunk.length > 0 ? proof : []),
    '',
    `Planted, and not found: ${UNFOUND.length} holes, which the run above does not count.`,
    '',
    '| mutant | does wrong | focus | would be found by | what is known |',
    '| --- | --- | --- | --- | --- |',
    ...UNFOUND.map(({ id, description, focus = '', expects, known }) => {
      return `| ${[id, description, focus, expects.join(', '), known].join(' | ')} |`;
    }),
  ].join('\n');
}

/** Puts a table in the place of the last one. @throws Error if the file has no place for it. */
export async function writeTable(path: string, table: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${path}: found no place for the results, accepted: ${BEGIN} … ${END}`);
  await writeFileAtomic(path, `${text.slice(0, from)}${BEGIN}\n\n${table}\n\n${text.slice(to)}`);
}
