import type { Host, NodeId } from '../../../host.ts';
import type { StoreEvent } from '../../events.ts';
import type { ClusterMap } from '../../model.ts';
import type { Command, CommandResult } from '../state/commands.ts';
import type { MetadataState } from '../state/state.ts';

/** Tells the recorder what the log has decided. Only the leader announces, and only what was committed under it. */
export class Announcer {
  readonly #host: Host;
  readonly #state: MetadataState;
  #map: ClusterMap;

  constructor(host: Host, state: MetadataState) {
    this.#host = host;
    this.#state = state;
    this.#map = state.map;
  }

  onCommitted(command: Command, result: CommandResult): void {
    if (result.kind === 'refused') return;
    this.#announceNodes(command);
    if (command.kind === 'blocks.lost') {
      for (const { id, partition } of command.blocks) {
        if (this.#state.partition(partition)?.lost.has(id)) this.#emit({ kind: 'lost', id, partition });
      }
    }
    if (result.kind === 'moves') this.#announceMoves(result);
    if (this.#state.map !== this.#map) this.#announceMap();
  }

  #announceMap(): void {
    this.#map = this.#state.map;
    this.#emit({ kind: 'epoch', map: this.#map, why: this.#state.lastMapChange });
  }

  #announceNodes(command: Command): void {
    switch (command.kind) {
      case 'node.register':
        this.#announceNode(command.node.id, `registered, incarnation ${command.node.incarnation}`);
        break;
      case 'nodes.liveness':
        for (const { node, liveness, why } of command.changes) {
          if (this.#state.nodes.get(node)?.liveness === liveness) this.#announceNode(node, why);
        }
        break;
      case 'node.membership':
        this.#announceNode(command.node, command.why);
        break;
      case 'map.create':
        for (const record of this.#state.nodes.all()) this.#announceNode(record.description.id, 'first map');
        break;
    }
  }

  #announceNode(node: NodeId, why: string): void {
    const record = this.#state.nodes.get(node);
    if (record === undefined) return;
    this.#emit({ kind: 'node-state', node, liveness: record.liveness, membership: record.membership, why });
  }

  #announceMoves({ begun, ended }: Extract<CommandResult, { kind: 'moves' }>): void {
    for (const { transferId, outcome, bytes, blocks, why } of ended) {
      this.#emit({ kind: 'move-ended', transferId, outcome, bytes, blocks, why });
    }
    for (const { transferId, cause, partition, from, to, why } of begun) {
      const blocks = this.#state.partition(partition)?.needs(to, this.#state.timeMs).length ?? 0;
      this.#emit({ kind: 'move-started', transferId, cause, partition, from, to, blocks, why });
    }
  }

  #emit(event: StoreEvent): void {
    this.#host.trace.emit(event);
  }
}
