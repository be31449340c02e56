import type { NodeId } from '../../../host.ts';
import type { PlannedMove } from '../../rebalance/rebalancer.ts';
import { isComplete, isLost } from '../state/apply-partitions.ts';
import type { BlockAt } from '../state/commands.ts';
import type { Partition } from '../state/partition.ts';
import type { MetadataState } from '../state/state.ts';
import type { Leader } from './leader.ts';

/** What follows from the state without any choice: replicas found (in)complete, blocks lost, copies to drop, members that have arrived or gone. */
export class Upkeep {
  readonly #leader: Leader;
  /** Incomplete replicas that were told of, by partition. */
  readonly #incomplete: Set<NodeId>[] = [];

  constructor(leader: Leader) {
    this.#leader = leader;
  }

  /**
   * Tells of replicas that have become incomplete or complete since the last round; one that is no owner any more counts as
   * complete. The first round of a new leader tells of all, for it does not know what its predecessor told.
   */
  tellOfReplicas(): void {
    const { state, clock, log } = this.#leader;
    const nowMs = clock.nowMs();
    const first = this.#incomplete.length === 0 && log.term > 1;
    for (const partition of state.partitions) {
      let told = this.#incomplete[partition.number];
      if (told === undefined) {
        told = new Set(first ? partition.replicas : []);
        this.#incomplete[partition.number] = told;
      }
      if (partition.missing.size === 0 && told.size === 0) continue;
      for (const node of partition.replicas) {
        const complete = partition.incompleteSince(node, nowMs) === undefined;
        if (complete === told.has(node) || (first && !complete)) this.#tell(partition.number, told, node, complete);
      }
      for (const node of told) if (!partition.replicas.includes(node)) this.#tell(partition.number, told, node, true);
    }
  }

  #tell(partition: number, told: Set<NodeId>, node: NodeId, complete: boolean): void {
    if (complete) told.delete(node);
    else told.add(node);
    this.#leader.emit({ kind: 'replica', partition, node, complete });
  }

  /** States which committed blocks no holder has any more. */
  stateLosses(): void {
    const { state, clock } = this.#leader;
    const lost: BlockAt[] = [];
    for (const partition of state.partitions) {
      if (!partition.suspectLoss) continue;
      const { gone, waiting } = lostIn(state, partition, clock.nowMs());
      partition.suspectLoss = waiting;
      for (const id of gone) lost.push({ id, partition: partition.number });
    }
    if (lost.length > 0) this.#leader.propose({ kind: 'blocks.lost', atMs: clock.nowMs(), blocks: lost });
  }

  /** Copies of former owners that nobody needs: old enough, and every replica is alive and complete. */
  copiesToDrop(): { readonly partition: number; readonly node: NodeId }[] {
    const { state, clock, settings } = this.#leader;
    const drops: { readonly partition: number; readonly node: NodeId }[] = [];
    for (const partition of state.partitions) {
      if (partition.former.size === 0 || !isComplete(partition)) continue;
      if (partition.replicas.some((node) => state.nodes.get(node)?.liveness === 'down')) continue;
      for (const [node, sinceMs] of partition.former) {
        const old = clock.nowMs() - sinceMs >= settings.dropGraceMs;
        if (old && state.nodes.isUp(node)) drops.push({ partition: partition.number, node });
      }
    }
    return drops;
  }

  /** Joining nodes that have their share are active; draining nodes that own nothing have left. */
  settleMembers(remaining: readonly PlannedMove[] | undefined): void {
    const { state } = this.#leader;
    for (const { description, membership, liveness } of state.nodes.all()) {
      const { id } = description;
      if (membership === 'joining' && liveness === 'up' && remaining !== undefined) {
        const wanted =
          remaining.some((move) => move.to === id) ||
          state.partitions.some((partition) => partition.joining.includes(id));
        if (!wanted) this.#become(id, 'active', 'has its share');
      } else if (membership === 'draining') {
        const holds = state.partitions.some((partition) => {
          if (partition.replicas.includes(id) || partition.joining.includes(id)) return true;
          // A live node also waits for its copies to be dropped: until then they may be the only ones of some block.
          return liveness !== 'down' && (partition.former.has(id) || partition.dropping.has(id));
        });
        if (!holds) this.#become(id, 'left', 'owns nothing any more');
      }
    }
  }

  #become(node: NodeId, membership: 'active' | 'left', why: string): void {
    this.#leader.propose({
      kind: 'node.membership',
      atMs: this.#leader.clock.nowMs(),
      node,
      membership,
      why,
      epoch: 'any',
    });
  }
}

/** `waiting`: a holder may yet turn out to have a block, or the statement is still to be applied. */
function lostIn(
  state: MetadataState,
  partition: Partition,
  nowMs: number,
): { readonly gone: readonly string[]; readonly waiting: boolean } {
  const holders = partition.holders().filter((node) => state.nodes.get(node)?.replaced !== true);
  const [first] = holders;
  const candidates = first === undefined ? partition.sortedIds() : (partition.missing.get(first)?.keys() ?? []);
  const gone: string[] = [];
  let waiting = false;
  for (const id of candidates) {
    if (partition.lost.has(id) || !isLost(state, partition, id)) continue;
    waiting = true;
    if (holders.every((node) => (partition.missing.get(node)?.get(id) ?? 0) <= nowMs)) gone.push(id);
  }
  return { gone, waiting };
}
