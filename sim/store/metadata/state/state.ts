import type { ClusterMap } from '../../model.ts';
import type { Move } from './commands.ts';
import { CondemnedBlocks } from './condemned-blocks.ts';
import type { HistoryBounds } from './key-history.ts';
import { NodeTable } from './node-table.ts';
import { ObjectTable } from './object-table.ts';
import { Partition } from './partition.ts';
import { TokenTable } from './token-table.ts';

/** What the state machine is built with; the same on all members for ever. */
export interface StateOptions {
  readonly partitions: number;
  readonly replication: number;
  readonly writeQuorum: number;
  readonly stragglerGraceMs: number;
  readonly tombstoneMs: number;
  readonly tokenRevisions: number;
  readonly listHistory: HistoryBounds;
  readonly orphans: { readonly graceMs: number; readonly condemnedMs: number };
}

/**
 * The metadata: nodes, partitions with their blocks, objects, open moves, and the map that tells of them. Changed by
 * commands only (see apply.ts); everyone else reads.
 */
export class MetadataState {
  readonly options: StateOptions;
  readonly nodes = new NodeTable();
  readonly partitions: readonly Partition[];
  readonly objects: ObjectTable;
  readonly tokens: TokenTable;
  readonly condemned = new CondemnedBlocks();
  /** What operators have stopped the leader from beginning. */
  paused = { rebalance: false, repair: false };
  /** By transfer id; at most one a partition. */
  readonly moves = new Map<number, Move>();
  /** Epoch 0 and no partitions until the first map was made. */
  map: ClusterMap;
  /** Cluster time of the last command. */
  timeMs = 0;
  /** When the set of members, or a weight, last changed. */
  membershipChangedMs = 0;
  revision = 0;
  /** Why the map must be made anew after this command; '' if it need not. */
  #mapChange = '';
  /** Why the last map was made. */
  lastMapChange = '';

  constructor(options: StateOptions) {
    this.options = options;
    this.partitions = Array.from({ length: options.partitions }, (_, number) => new Partition(number));
    this.objects = new ObjectTable(options.listHistory);
    this.tokens = new TokenTable(options.tokenRevisions);
    this.map = { epoch: 0, replication: options.replication, nodes: [], partitions: [] };
  }

  /** Whether the first map has been made. */
  get created(): boolean {
    return this.map.epoch > 0;
  }

  partition(number: number): Partition | undefined {
    return this.partitions[number];
  }

  /** The open move in a partition. */
  moveIn(partition: number): Move | undefined {
    if (this.partitions[partition]?.joining.length === 0) return undefined;
    for (const move of this.moves.values()) if (move.partition === partition) return move;
    return undefined;
  }

  /** States that what the map tells has changed. However often, one command makes at most one epoch. */
  changeMap(why: string): void {
    if (this.#mapChange === '') this.#mapChange = why;
    else if (!this.#mapChange.includes(why) && this.#mapChange.length < 200) this.#mapChange += `; ${why}`;
  }

  /** Makes the next epoch's map if anything changed; called after each command. */
  installMap(): void {
    if (this.#mapChange === '') return;
    this.lastMapChange = this.#mapChange;
    this.#mapChange = '';
    this.map = this.#mapOf(this.map.epoch + 1);
  }

  /** Makes the map of a restored state. */
  restoreMap(epoch: number): void {
    if (epoch > 0) this.map = this.#mapOf(epoch);
  }

  #mapOf(epoch: number): ClusterMap {
    const previous = this.map.partitions;
    return {
      epoch,
      replication: this.options.replication,
      nodes: this.nodes.toMap(),
      partitions: this.partitions.map((partition, number) => {
        const { replicas, joining } = partition;
        const entry = previous[number];
        return entry !== undefined && entry.replicas === replicas && entry.joining === joining
          ? entry
          : { replicas, joining };
      }),
    };
  }
}
