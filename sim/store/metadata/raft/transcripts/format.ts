/** One step of a data-driven transcript: a command, its input, and what it is expected to print. */
export interface Block {
  readonly command: string;
  readonly words: readonly string[];
  /** `name=value` arguments, in their order; the values of a list without its brackets. */
  readonly options: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly input: readonly string[];
  readonly expected: readonly string[];
}

/** Reads the format of Go's `datadriven` tests: commands, `----`, the output up to an empty line. */
export function parseTranscript(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let commands: string[] = [];
  let expected: string[] | undefined;
  const finish = () => {
    if (expected !== undefined) blocks.push(block(commands, expected));
    commands = [];
    expected = undefined;
  };
  for (const line of text.split('\n')) {
    if (expected !== undefined) {
      if (line === '') finish();
      else expected.push(line);
    } else if (line === '----') {
      expected = [];
    } else if (line !== '' && !line.startsWith('#')) {
      commands.push(line);
    }
  }
  finish();
  return blocks;
}

function block(lines: readonly string[], expected: readonly string[]): Block {
  const [first = '', ...input] = lines;
  // A list is one argument, whatever blanks it holds.
  const [command = '', ...parts] = first.match(/(?:[^\s(]|\([^)]*\))+/g) ?? [];
  const words = parts.filter((part) => !part.includes('='));
  const options = parts
    .filter((part) => part.includes('='))
    .map((part) => {
      const [name = '', value = ''] = part.split('=');
      const inner = value.replace(/^\(|\)$/g, '');
      return { name, values: inner === '' ? [] : inner.split(/[\s,]+/) };
    });
  return { command, words, options, input, expected };
}

/** The values of an option, undefined if it is not given. */
export function option(from: Block, name: string): readonly string[] | undefined {
  return from.options.find((candidate) => candidate.name === name)?.values;
}

/** The output without the lines of a logger, whose wording is no behaviour; `ok` if nothing is left. */
export function withoutLogLines(lines: readonly string[]): readonly string[] {
  const rest = lines.filter((line) => !/^\s*(DEBUG|INFO|WARN|ERROR) /.test(line));
  return rest.length === 0 ? ['ok'] : rest;
}
