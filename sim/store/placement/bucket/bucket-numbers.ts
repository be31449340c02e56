import { AlgorithmError } from '../../algorithm.ts';
import { compareIds } from '../hash-ring.ts';
import type { PlacementNode } from '../placement.ts';

/** The number at the end of an id, and the text before it. */
function nameOf({ id }: PlacementNode): { readonly text: string; readonly number: number } {
  let start = id.length;
  while (start > 0 && isDigit(id.charCodeAt(start - 1))) start--;
  return { text: id.slice(0, start), number: start === id.length ? -1 : Number(id.slice(start)) };
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/**
 * The nodes in the order of their names, numbers by value: `data-9` stands before `data-10`, so that a cluster which
 * numbers its nodes in the order of their joining has the newest last.
 */
export function byName(nodes: readonly PlacementNode[]): PlacementNode[] {
  const named = nodes.map((node) => ({ node, ...nameOf(node) }));
  named.sort((a, b) => {
    if (a.text !== b.text) return a.text < b.text ? -1 : 1;
    return a.number - b.number || compareIds(a.node, b.node);
  });
  return named.map(({ node }) => node);
}

/**
 * The bucket of each node: the number at the end of its id, counted from `first`.
 *
 * @throws AlgorithmError for a node without a number, of one below `first`, of one that another has, too, or beyond
 * `limit` buckets.
 */
export function bucketsOf(
  algorithm: string,
  nodes: readonly PlacementNode[],
  first: number,
  limit: number,
): readonly number[] {
  const taken = new Set<number>();
  return nodes.map((node) => {
    const { number } = nameOf(node);
    const bucket = number - first;
    if (number < first || bucket >= limit || taken.has(bucket)) {
      throw new AlgorithmError({
        family: 'placement',
        algorithm,
        path: 'nodes: id',
        found: node.id,
        accepted: `ids that end in distinct numbers from ${first} (option firstNumber) to ${first + limit - 1}, for they number the buckets`,
      });
    }
    taken.add(bucket);
    return bucket;
  });
}
