import { relative } from 'node:path';

/** How a path is shown: relative to the project's root if it lies within, else in full. */
export function shown(root: string, path: string): string {
  const inside = relative(root, path);
  return inside.startsWith('..') ? path : inside;
}
