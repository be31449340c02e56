/** The command line that runs the same trials again, as the README writes commands. */
export function reproductionCommand(
  command: 'run' | 'compare',
  reference: string,
  sets: readonly string[],
  variants: readonly string[],
  seeds: readonly number[],
): string {
  const words = [
    'npm run evenkeel --',
    command,
    quoted(reference),
    '--variants',
    quoted(variants.join(',')),
    '--seeds',
    seedList(seeds),
  ];
  return [...words, ...sets.flatMap((set) => ['--set', quoted(set)])].join(' ');
}

/** A list that can't be taken for a number of seeds: a single seed gets a trailing comma. */
function seedList(seeds: readonly number[]): string {
  return seeds.length === 1 ? `${seeds[0]},` : seeds.join(',');
}

function quoted(word: string): string {
  return /^[\w./,=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
