import type { NodeId } from '../../../host.ts';
import type { NodeCommand } from '../../messages/node.ts';

/** Commands on one heartbeat's answer; more wait for the next. */
const mostPerBeat = 32;

/** What data nodes are still to be told. Commands ride on answers to heartbeats and are repeated until they are done. */
export class Outbox {
  readonly #byNode = new Map<NodeId, Map<number, NodeCommand>>();

  add(node: NodeId, command: NodeCommand): void {
    let commands = this.#byNode.get(node);
    if (commands === undefined) {
      commands = new Map();
      this.#byNode.set(node, commands);
    }
    commands.set(command.commandId, command);
  }

  /** A command that still waits for the node. */
  find(node: NodeId, commandId: number): NodeCommand | undefined {
    return this.#byNode.get(node)?.get(commandId);
  }

  /** Takes back a command; undefined if it is done or was never there. */
  remove(node: NodeId, commandId: number): NodeCommand | undefined {
    const command = this.#byNode.get(node)?.get(commandId);
    this.#byNode.get(node)?.delete(commandId);
    return command;
  }

  /** What the next beat's answer carries, oldest first. */
  next(node: NodeId): NodeCommand[] {
    const commands = this.#byNode.get(node);
    if (commands === undefined || commands.size === 0) return [];
    const next: NodeCommand[] = [];
    for (const command of commands.values()) {
      if (next.length === mostPerBeat) break;
      next.push(command);
    }
    return next;
  }

  /** All that still waits for the node, oldest first. */
  waiting(node: NodeId): Iterable<NodeCommand> {
    return this.#byNode.get(node)?.values() ?? [];
  }

  /** Forgets all commands for a node whose process has ended: it did not keep what it had accepted. */
  clear(node: NodeId): void {
    this.#byNode.delete(node);
  }
}

/** Size of commands on the wire, about. */
export function commandBytes(commands: readonly NodeCommand[]): number {
  let bytes = 0;
  for (const command of commands) {
    bytes += 32;
    if (command.kind === 'transfer') bytes += 48 * command.blocks.length + 16 * command.sources.length;
    else if (command.kind === 'delete-blocks') bytes += 32 * command.blocks.length;
  }
  return bytes;
}
