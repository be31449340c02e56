import type { NodeId } from '../../../host.ts';
import type { MetadataReply } from '../../messages/metadata.ts';
import type { Heartbeat, InventoryBlock, NodeInventory } from '../../messages/node.ts';
import type { ProposalHandler } from '../log/replicated-log.ts';
import type { BlockAt, CommandResult } from '../state/commands.ts';
import type { Partition } from '../state/partition.ts';
import { type Confirmations, DigestWatch } from './digest-watch.ts';
import type { Leader } from './leader.ts';

/** An inventory that a node was asked for, and what was thought of it at that time. */
interface OpenInventory {
  readonly commandId: number;
  readonly partition: number;
  readonly askedMs: number;
  readonly thoughtHeld: ReadonlySet<string>;
  readonly thoughtLacking: ReadonlySet<string>;
}

const silenceMs = 30_000;

/**
 * Finds what nodes hold and should not, and what they should and don't: asks for an inventory where a digest differs for
 * long, and acts on the answer. Deletes nothing before the log has said that no commit may name it any more, so it can't race
 * with an upload, a change of leader or a restart; whatever is lost on the way shows as a differing digest again.
 */
export class Inventories implements ProposalHandler<CommandResult> {
  readonly #leader: Leader;
  readonly #watch: DigestWatch;
  readonly #open = new Map<NodeId, OpenInventory>();
  /** By node and partition. */
  readonly #askedMs = new Map<NodeId, Map<number, number>>();
  /** By tag: who holds the blocks that are being condemned. */
  readonly #condemning = new Map<number, NodeId>();
  #lastTag = 0;
  #dropping = false;

  constructor(leader: Leader, confirmations: Confirmations) {
    this.#leader = leader;
    this.#watch = new DigestWatch(leader.state, confirmations);
  }

  /** A node beats, and what it reported was applied. */
  onBeat(beat: Heartbeat): void {
    // What it has found corrupt, an inventory on its way may still call good.
    const open = this.#open.get(beat.id);
    if (open !== undefined && beat.corrupt.some(({ partition }) => partition === open.partition)) this.#close(beat.id);
    if (this.#leader.state.created) this.#watch.onBeat(beat, this.#leader.clock.nowMs());
  }

  /** The node has registered with a new process. */
  onRestart(node: NodeId): void {
    this.#close(node);
    this.#watch.forget(node);
  }

  /** Asks for inventories, few at a time. */
  round(): void {
    const { state, settings, clock, safeMode } = this.#leader;
    if (safeMode.active) return;
    const nowMs = clock.nowMs();
    for (const [node, { askedMs }] of this.#open) if (nowMs - askedMs > silenceMs) this.#close(node);
    this.#watch.lookForAbsent(nowMs);
    const strays: { readonly partition: number; readonly node: NodeId }[] = [];
    for (const { description, liveness } of state.nodes.all()) {
      const { id } = description;
      if (liveness !== 'up') continue;
      for (const number of this.#watch.persistent(id, nowMs - settings.orphans.mismatchMs)) {
        const partition = state.partition(number);
        if (partition === undefined || partition.dropping.has(id)) continue;
        if (!partition.isHolder(id)) strays.push({ partition: number, node: id });
        else if (this.#mayAsk(id, number, nowMs)) this.#ask(id, partition, nowMs);
      }
    }
    this.#drop(strays);
  }

  /** A node tells what it holds. */
  onInventory(inventory: NodeInventory): MetadataReply {
    const { id, incarnation, commandId, partition: number } = inventory;
    const { state, clock } = this.#leader;
    const record = state.nodes.get(id);
    if (record === undefined || record.liveness === 'down' || record.description.incarnation !== incarnation) {
      return { kind: 'node.unknown' };
    }
    const open = this.#open.get(id);
    const partition = state.partition(number);
    if (open?.commandId !== commandId || open.partition !== number || partition === undefined) {
      return { kind: 'inventory.noted' };
    }
    this.#close(id);
    const present = new Map(inventory.blocks.map((block) => [block.id, block]));
    const held: BlockAt[] = [];
    const lacking: BlockAt[] = [];
    for (const block of open.thoughtLacking) {
      if (partition.lacks(id, block) && isGood(partition, present.get(block)))
        held.push({ id: block, partition: number });
    }
    for (const block of open.thoughtHeld) {
      if (!partition.blocks.has(block) || partition.lacks(id, block)) continue;
      if (!isGood(partition, present.get(block))) lacking.push({ id: block, partition: number });
    }
    if (held.length + lacking.length > 0) {
      const why = `its inventory has ${held.length} blocks more and ${lacking.length} less than was thought`;
      this.#decide(id, number, 'correct', why);
      this.#leader.propose({ kind: 'node.report', atMs: clock.nowMs(), node: id, held, lacking, dropped: [] });
    }
    this.#judgeUnknown(id, partition, inventory.blocks);
    return { kind: 'inventory.noted' };
  }

  /** The blocks are condemned: now they may be deleted. */
  onApplied(tag: number, result: CommandResult): void {
    const node = this.#condemning.get(tag);
    this.#condemning.delete(tag);
    if (node === undefined) this.#dropping = false;
    else if (result.kind === 'condemned') this.#orderDeletion(node, result.blocks);
  }

  onProposalFailed(tag: number): void {
    if (!this.#condemning.delete(tag)) this.#dropping = false;
  }

  /** Blocks that the state knows nothing of: young ones are uploads that may yet be committed. */
  #judgeUnknown(node: NodeId, { number, blocks, garbage }: Partition, present: readonly InventoryBlock[]): void {
    const { state, settings, clock } = this.#leader;
    const old: BlockAt[] = [];
    const condemned: BlockAt[] = [];
    for (const { id, ageMs } of present) {
      if (blocks.has(id) || garbage.has(id)) continue;
      if (state.condemned.has(id)) condemned.push({ id, partition: number });
      else if (ageMs > settings.orphans.graceMs) old.push({ id, partition: number });
    }
    if (condemned.length > 0) this.#orderDeletion(node, condemned);
    if (old.length === 0) return;
    const seconds = (settings.orphans.graceMs / 1_000).toFixed(0);
    this.#decide(node, number, 'condemn', `no object refers to ${old.length} of its blocks, older than ${seconds} s`);
    this.#lastTag += 1;
    this.#condemning.set(this.#lastTag, node);
    const command = { kind: 'orphans.condemn', atMs: clock.nowMs(), blocks: old, strays: [] } as const;
    this.#leader.propose(command, this, this.#lastTag);
  }

  /** Copies on nodes that are no holders: nothing counts on them. */
  #drop(strays: readonly { readonly partition: number; readonly node: NodeId }[]): void {
    if (strays.length === 0 || this.#dropping) return;
    this.#dropping = true;
    for (const { partition, node } of strays) this.#decide(node, partition, 'drop', 'it is no holder and has blocks');
    this.#leader.propose({ kind: 'orphans.condemn', atMs: this.#leader.clock.nowMs(), blocks: [], strays }, this, 0);
  }

  #orderDeletion(node: NodeId, blocks: readonly BlockAt[]): void {
    const { outbox, ids } = this.#leader;
    outbox.add(node, { kind: 'delete-blocks', commandId: ids.next(), blocks, why: 'orphan' });
  }

  #mayAsk(node: NodeId, partition: number, nowMs: number): boolean {
    const { everyMs, perRound } = this.#leader.settings.orphans;
    if (this.#open.has(node) || this.#open.size >= perRound) return false;
    const askedMs = this.#askedMs.get(node)?.get(partition);
    return askedMs === undefined || nowMs - askedMs >= everyMs;
  }

  #ask(node: NodeId, partition: Partition, nowMs: number): void {
    const { outbox, ids } = this.#leader;
    const commandId = ids.next();
    const thoughtLacking = new Set(partition.missing.get(node)?.keys());
    const thoughtHeld = new Set<string>();
    for (const id of partition.blocks.keys()) if (!thoughtLacking.has(id)) thoughtHeld.add(id);
    this.#open.set(node, { commandId, partition: partition.number, askedMs: nowMs, thoughtHeld, thoughtLacking });
    let asked = this.#askedMs.get(node);
    if (asked === undefined) {
      asked = new Map();
      this.#askedMs.set(node, asked);
    }
    asked.set(partition.number, nowMs);
    outbox.add(node, { kind: 'inventory', commandId, partition: partition.number });
  }

  #close(node: NodeId): void {
    const open = this.#open.get(node);
    if (open === undefined) return;
    this.#open.delete(node);
    this.#leader.outbox.remove(node, open.commandId);
  }

  #decide(node: NodeId, partition: number, chose: string, why: string): void {
    this.#leader.decide({ by: 'inventory', subject: `partition ${partition} on ${node}`, chose, why, rejected: [] });
  }
}

/** What is there is what was committed. */
function isGood({ blocks }: Partition, found: InventoryBlock | undefined): boolean {
  const block = found === undefined ? undefined : blocks.get(found.id);
  return block !== undefined && block.checksum === found?.checksum && block.sizeBytes === found.sizeBytes;
}
