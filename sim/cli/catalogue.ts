import { z } from 'zod';
import type { AlgorithmDefinition, AlgorithmInfo } from '../store/algorithm.ts';
import { balancers } from '../store/balancer/registry.ts';
import { placements } from '../store/placement/registry.ts';
import { policies } from '../store/policies.ts';
import { rebalancers } from '../store/rebalance/registry.ts';

type Options = Pick<AlgorithmDefinition<unknown, never, unknown>, 'options'>;

/** The columns of a catalogue that is not printed to a terminal. */
const DEFAULT_WIDTH = 100;
const LABEL_WIDTH = 12;
const MARGIN = '  ';

/**
 * Every algorithm that a scenario can choose, and every policy that it can turn on: what it does, whom it follows, what it costs, where it does
 * badly, and its options with their defaults.
 *
 * @param width - Columns of a line.
 */
export function catalogue(width = DEFAULT_WIDTH): string {
  const families: readonly (readonly [string, Iterable<AlgorithmInfo & Partial<Options>>])[] = [
    ['balancers: which replica answers a read', balancers.values()],
    ['placements: which nodes hold a partition', placements.values()],
    ['rebalancers: which partitions move', rebalancers.values()],
  ];
  const chapters = families.map(([title, members]) =>
    chapter(
      title,
      Array.from(members, (member) => entry(member, optionLines(member.options), width)),
    ),
  );
  const settings = policies.map((policy) =>
    entry(policy, [['setting', `cluster.settings.${policy.component}.${policy.setting}`]], width),
  );
  return [...chapters, chapter('policies: around any balancer, turned on by a setting', settings)].join('\n');
}

function chapter(title: string, entries: readonly string[]): string {
  return `${title}\n${'='.repeat(title.length)}\n\n${entries.join('\n')}`;
}

/** Undefined label: the text stands at the margin. */
type Line = readonly [label: string | undefined, text: string];

function entry(
  { name, summary, source, complexity, weakness }: AlgorithmInfo,
  more: readonly Line[],
  width: number,
): string {
  const lines: readonly Line[] = [
    [undefined, summary],
    ['source', source],
    ['cost', complexity],
    ['weakness', weakness],
    ...more,
  ];
  return `${name}\n${lines.map((line) => wrapped(line, width)).join('')}`;
}

function optionLines(options: z.ZodType | undefined): readonly Line[] {
  if (!(options instanceof z.ZodObject)) return [];
  return Object.entries(options.shape).map(([name, option], i): Line => {
    const fallback = option instanceof z.ZodDefault ? ` (${JSON.stringify(option.def.defaultValue)})` : '';
    const about = option instanceof z.ZodType ? (option.description ?? '') : '';
    return [i === 0 ? 'options' : '', `${name}${fallback}: ${about}`];
  });
}

/** A label and a text beside it, on as many lines as it takes. */
function wrapped([label, text]: Line, width: number): string {
  const indent = label === undefined ? MARGIN : MARGIN + ' '.repeat(LABEL_WIDTH);
  const lines: string[] = [];
  let line = label === undefined ? MARGIN : `${MARGIN}${label.padEnd(LABEL_WIDTH)}`;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return `${[...lines, line].join('\n')}\n`;
}
