import type { NodeId } from '../../../host.ts';
import { blockDigest } from '../../datanode/block-digest.ts';
import type { BlockRef } from '../../model.ts';
import { byName } from './order.ts';

/** A block that no object refers to any more. */
export interface Garbage {
  readonly id: string;
  readonly sizeBytes: number;
  readonly checksum: number;
  /** Cluster time at which it became garbage. */
  readonly sinceMs: number;
  /** The deleted key whose tombstone waits for it, '' if the key lives on; and the tombstone's generation. */
  readonly key: string;
  readonly generation: number;
}

/** What a holder lacks, each from when on that counts; with the XOR of their digests. */
class MissingBlocks extends Map<string, number> {
  digest = 0;
}

/**
 * One partition: who owns it, which committed blocks it has, and which holder lacks which of them.
 *
 * Holders are owners, nodes that are being filled, and former owners that were not yet told to drop their copy.
 * Every holder has every committed block but those that `missing` names; so a move, a straggler, a wiped disk and a
 * corrupt block are all the same thing: entries in `missing`, and a repair is what takes them out.
 */
export class Partition {
  readonly number: number;
  replicas: readonly NodeId[] = [];
  joining: readonly NodeId[] = [];
  /** Former owners that still hold their copy, and since when. */
  readonly former = new Map<NodeId, number>();
  /** Former owners that were told to drop it and have not confirmed. They hold nothing that counts. */
  readonly dropping = new Set<NodeId>();
  readonly blocks = new Map<string, BlockRef>();
  /** By holder: blocks that it lacks, and from when on that counts (later than the commit, for stragglers). */
  readonly missing = new Map<NodeId, MissingBlocks>();
  /** Committed blocks that were stated to be lost. */
  readonly lost = new Set<string>();
  readonly garbage = new Map<string, Garbage>();
  /** Declared size of the committed blocks. */
  bytes = 0;
  /** Of blocks that several versions share, for objects are copied by reference: the references beside the first. */
  readonly shared = new Map<string, number>();
  /** XOR of `blockDigest` over all blocks, garbage included. */
  #digest = 0;
  /** When a replica last changed hands; undefined if none ever did. */
  movedMs: number | undefined;
  /** Who lost a replica in that change, if it was made for the sake of balance. */
  balancedFrom: NodeId | undefined;
  /** A holder has lost something since the leader last looked for lost blocks. Not part of the state. */
  suspectLoss = false;

  constructor(number: number) {
    this.number = number;
  }

  isHolder(node: NodeId): boolean {
    return this.replicas.includes(node) || this.joining.includes(node) || this.former.has(node);
  }

  holders(): NodeId[] {
    return [...this.replicas, ...this.joining, ...this.former.keys()];
  }

  /** The ids of all committed blocks in an order that does not depend on the course of events. */
  sortedIds(): string[] {
    return [...this.blocks.keys()].sort(byName);
  }

  /** A new block: holders that are not in `acked` lack it, which counts from `dueMs` on. */
  add(block: BlockRef, acked: readonly NodeId[], dueMs: number): void {
    this.blocks.set(block.id, block);
    this.bytes += block.sizeBytes;
    this.#digest ^= blockDigest(block.id, block.checksum);
    for (const node of this.replicas) if (!acked.includes(node)) this.#miss(node, block.id, dueMs);
    for (const node of this.joining) if (!acked.includes(node)) this.#miss(node, block.id, dueMs);
    for (const node of this.former.keys()) if (!acked.includes(node)) this.#miss(node, block.id, dueMs);
  }

  /** One more version refers to a block that is here. */
  share(id: string): void {
    if (this.blocks.has(id)) this.shared.set(id, (this.shared.get(id) ?? 0) + 1);
  }

  /**
   * One version less refers to it. With the last one it becomes garbage, for which the tombstone of `key` and `generation`
   * waits. @returns whether it did.
   */
  discard(id: string, sinceMs: number, key: string, generation: number): boolean {
    const block = this.blocks.get(id);
    if (block === undefined) return false;
    const others = this.shared.get(id);
    if (others !== undefined) {
      if (others > 1) this.shared.set(id, others - 1);
      else this.shared.delete(id);
      return false;
    }
    const { sizeBytes, checksum } = block;
    if (this.missing.size > 0) for (const node of this.holders()) this.#found(node, id);
    this.blocks.delete(id);
    this.bytes -= sizeBytes;
    this.lost.delete(id);
    this.garbage.set(id, { id, sizeBytes, checksum, sinceMs, key, generation });
    return true;
  }

  /** Garbage as it stands in a snapshot. */
  restoreGarbage(garbage: Garbage): void {
    this.garbage.set(garbage.id, garbage);
    this.#digest ^= blockDigest(garbage.id, garbage.checksum);
  }

  /** Every holder has deleted it. @returns what was known of it. */
  collected(id: string): Garbage | undefined {
    const garbage = this.garbage.get(id);
    if (garbage === undefined) return undefined;
    this.garbage.delete(id);
    this.#digest ^= blockDigest(id, garbage.checksum);
    return garbage;
  }

  /**
   * Digest of what `node` should have: all blocks but those it lacks, and garbage, of which it may have deleted some; nothing
   * if it is no holder. Made as data nodes make theirs, so equal ones mean equal inventories.
   */
  expectedDigest(node: NodeId): number {
    if (!this.isHolder(node)) return 0;
    return (this.#digest ^ (this.missing.get(node)?.digest ?? 0)) >>> 0;
  }

  /** `node` has a verified copy. */
  held(node: NodeId, id: string): void {
    if (this.#found(node, id)) this.lost.delete(id);
  }

  /** `node` turned out not to have it. */
  lacking(node: NodeId, id: string, nowMs: number): void {
    if (!this.blocks.has(id) || !this.isHolder(node)) return;
    this.#found(node, id);
    this.#miss(node, id, nowMs);
    this.suspectLoss = true;
  }

  /** `node` has come with an empty disk. */
  wiped(node: NodeId, nowMs: number): void {
    this.dropping.delete(node);
    if (this.former.delete(node)) this.missing.delete(node);
    else if (this.isHolder(node)) this.#missAll(node, nowMs);
    else return;
    this.suspectLoss = true;
  }

  /** `node` is back with what it had when it was given up: that is not lost after all. */
  returned(node: NodeId): void {
    if (this.lost.size === 0 || !this.isHolder(node)) return;
    for (const id of this.lost) if (!this.lacks(node, id)) this.lost.delete(id);
  }

  beginMove(to: NodeId, nowMs: number): void {
    this.joining = [...this.joining, to];
    // A former owner's copy is as good as any: only what it lacks must be copied.
    if (!this.former.delete(to)) this.#missAll(to, nowMs);
  }

  commitMove(from: NodeId, to: NodeId, nowMs: number): void {
    this.replicas = this.replicas.map((node) => (node === from ? to : node));
    this.joining = this.joining.filter((node) => node !== to);
    this.former.set(from, nowMs);
    this.movedMs = nowMs;
  }

  cancelMove(to: NodeId, nowMs: number): void {
    this.joining = this.joining.filter((node) => node !== to);
    this.former.set(to, nowMs);
  }

  beginDrop(node: NodeId): void {
    if (!this.former.delete(node)) return;
    this.missing.delete(node);
    this.dropping.add(node);
    this.suspectLoss = true;
  }

  /** `node` has left for good, with whatever it held as a former owner. */
  forget(node: NodeId): void {
    this.dropping.delete(node);
    if (!this.former.delete(node)) return;
    this.missing.delete(node);
    this.suspectLoss = true;
  }

  lacks(node: NodeId, id: string): boolean {
    return this.missing.get(node)?.has(id) === true;
  }

  /** The first of what `node` lacks for good by `nowMs`: since when, undefined if it is complete. */
  incompleteSince(node: NodeId, nowMs: number): number | undefined {
    const missing = this.missing.get(node);
    if (missing === undefined) return undefined;
    for (const [id, dueMs] of missing) if (dueMs <= nowMs && !this.lost.has(id)) return dueMs;
    return undefined;
  }

  /** What a repair of `node` must bring by `nowMs`, in the order of ids. */
  needs(node: NodeId, nowMs: number): BlockRef[] {
    const needed: BlockRef[] = [];
    for (const [id, dueMs] of this.missing.get(node) ?? []) {
      const block = this.blocks.get(id);
      if (block !== undefined && dueMs <= nowMs && !this.lost.has(id)) needed.push(block);
    }
    return needed.sort((a, b) => byName(a.id, b.id));
  }

  /** What a node lacks, as it stands in a snapshot. */
  restoreMissing(node: NodeId, missing: readonly (readonly [id: string, dueMs: number])[]): void {
    for (const [id, dueMs] of missing) this.#miss(node, id, dueMs);
  }

  #miss(node: NodeId, id: string, dueMs: number): void {
    let missing = this.missing.get(node);
    if (missing === undefined) {
      missing = new MissingBlocks();
      this.missing.set(node, missing);
    }
    if (!missing.has(id)) missing.digest ^= this.#share(id);
    missing.set(id, dueMs);
  }

  #missAll(node: NodeId, nowMs: number): void {
    this.missing.delete(node);
    for (const id of this.sortedIds()) this.#miss(node, id, nowMs);
  }

  #share(id: string): number {
    return blockDigest(id, this.blocks.get(id)?.checksum ?? 0);
  }

  #found(node: NodeId, id: string): boolean {
    const missing = this.missing.get(node);
    if (missing === undefined || !missing.delete(id)) return false;
    if (missing.size === 0) this.missing.delete(node);
    else missing.digest ^= this.#share(id);
    return true;
  }
}
