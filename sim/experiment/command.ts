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

/** `10` for seeds 1 to 10; else a list, which ends in a comma where it could be taken for a number of seeds. */
function seedList(seeds: readonly number[]): string {
  if (seeds.every((seed, position) => seed === position + 1)) return String(seeds.length);
  return seeds.length === 1 ? `${seeds[0]},` : seeds.join(',');
}

function quoted(word: string): string {
  return /^[\w./,=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
