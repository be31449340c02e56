import type { NodeId } from '../../../host.ts';
import type { NodeCommand } from '../../messages/node.ts';
import type { BlockAt } from '../state/commands.ts';
import type { Garbage, Partition } from '../state/partition.ts';
import type { Leader } from './leader.ts';

const mostPerCommand = 256;
const mostPerRound = 1_024;

/**
 * Has what is no longer needed deleted: blocks of replaced and deleted versions once they are old enough, and former
 * owners' copies. Garbage is forgotten only when every holder has confirmed, so a node that was away still deletes its
 * blocks when it returns, and nothing that was deleted comes back.
 */
export class Collector {
  readonly #leader: Leader;
  /** By node: garbage that it has confirmed to have deleted. */
  readonly #confirmed = new Map<NodeId, Set<string>>();

  constructor(leader: Leader) {
    this.#leader = leader;
  }

  round(): void {
    this.#orderDrops();
    this.#orderDeletes();
    this.#forget();
  }

  /** A node has carried out a command. @returns the partitions that it has dropped. */
  onDone(node: NodeId, command: NodeCommand): number | undefined {
    if (command.kind === 'drop-partition') return command.partition;
    if (command.kind !== 'delete-blocks' || command.why === 'orphan') return undefined;
    let confirmed = this.#confirmed.get(node);
    if (confirmed === undefined) {
      confirmed = new Set();
      this.#confirmed.set(node, confirmed);
    }
    for (const { id } of command.blocks) confirmed.add(id);
    return undefined;
  }

  /** Whether the node has told this leader that the garbage is gone there. */
  hasConfirmed(node: NodeId, id: string): boolean {
    return this.#confirmed.get(node)?.has(id) === true;
  }

  #orderDrops(): void {
    const { state, outbox, ids } = this.#leader;
    for (const partition of state.partitions) {
      for (const node of partition.dropping) {
        if (!state.nodes.isUp(node) || isDropping(outbox.waiting(node), partition.number)) continue;
        const { epoch } = state.map;
        outbox.add(node, { kind: 'drop-partition', commandId: ids.next(), partition: partition.number, epoch });
      }
    }
  }

  #orderDeletes(): void {
    const { state, outbox, ids } = this.#leader;
    const batches = new Map<NodeId, BlockAt[]>();
    for (const { partition, garbage } of this.#due()) {
      for (const node of partition.holders()) {
        if (!state.nodes.isUp(node) || this.hasConfirmed(node, garbage.id)) continue;
        const batch = batches.get(node) ?? [];
        if (batch.length < mostPerCommand) batch.push({ id: garbage.id, partition: partition.number });
        batches.set(node, batch);
      }
    }
    for (const [node, blocks] of batches) {
      if (isDeleting(outbox.waiting(node))) continue;
      outbox.add(node, { kind: 'delete-blocks', commandId: ids.next(), blocks });
    }
  }

  #forget(): void {
    const { state, clock } = this.#leader;
    const blocks: BlockAt[] = [];
    for (const { partition, garbage } of this.#due()) {
      const everywhere = partition.holders().every((node) => this.hasConfirmed(node, garbage.id));
      if (everywhere && blocks.length < mostPerRound) blocks.push({ id: garbage.id, partition: partition.number });
    }
    const [oldest] = state.objects.tombstones.values();
    const toBury =
      oldest !== undefined &&
      oldest.pendingBlocks <= 0 &&
      clock.nowMs() - oldest.sinceMs > this.#leader.settings.tombstoneMs;
    if (blocks.length === 0 && !toBury) return;
    for (const { id } of blocks) for (const confirmed of this.#confirmed.values()) confirmed.delete(id);
    this.#leader.propose({ kind: 'garbage.collected', atMs: clock.nowMs(), blocks });
  }

  /** Garbage is kept in the order in which it arose, so the first that is too young ends the search. */
  *#due(): Generator<{ readonly partition: Partition; readonly garbage: Garbage }, void> {
    const dueMs = this.#leader.clock.nowMs() - this.#leader.settings.garbageGraceMs;
    for (const partition of this.#leader.state.partitions) {
      for (const garbage of partition.garbage.values()) {
        if (garbage.sinceMs > dueMs) break;
        yield { partition, garbage };
      }
    }
  }
}

function isDropping(commands: Iterable<NodeCommand>, partition: number): boolean {
  for (const command of commands) if (command.kind === 'drop-partition' && command.partition === partition) return true;
  return false;
}

function isDeleting(commands: Iterable<NodeCommand>): boolean {
  for (const command of commands) if (command.kind === 'delete-blocks' && command.why !== 'orphan') return true;
  return false;
}
