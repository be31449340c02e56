import type { BlockAt, CommandOf, CommandResult } from './commands.ts';
import type { MetadataState } from './state.ts';

/** Forgets garbage that no holder has any more, and the tombstones that waited for it. */
export function applyGarbageCollected(state: MetadataState, command: CommandOf<'garbage.collected'>): CommandResult {
  for (const { id, partition } of command.blocks) {
    const garbage = state.partition(partition)?.collected(id);
    if (garbage !== undefined && garbage.key !== '') state.objects.settle(garbage.key, garbage.generation);
  }
  state.objects.bury(state.timeMs - state.options.tombstoneMs);
  return { kind: 'done' };
}

/**
 * From here on no commit may name the blocks, so deleting them can't race with one. What was committed between the
 * leader's look and now is left alone.
 */
export function applyCondemn(state: MetadataState, command: CommandOf<'orphans.condemn'>): CommandResult {
  const blocks: BlockAt[] = [];
  for (const block of command.blocks) {
    const partition = state.partition(block.partition);
    if (partition === undefined || partition.blocks.has(block.id) || partition.garbage.has(block.id)) continue;
    state.condemned.add(block.id, state.timeMs);
    blocks.push(block);
  }
  // A node that is to drop its copy can't become a holder before it has confirmed.
  for (const { partition, node } of command.strays) {
    const known = state.partition(partition);
    if (known !== undefined && !known.isHolder(node)) known.dropping.add(node);
  }
  return { kind: 'condemned', blocks };
}
