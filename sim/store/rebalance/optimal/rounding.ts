import type { Layout, LayoutNode, LayoutPartition } from '../layout.ts';
import { type Arc, MinCostFlow } from './min-cost-flow.ts';
import type { Piece } from './relaxation.ts';
import { ZoneLimits } from './zone-limits.ts';

const tiny = 1e-9;

/** A place for one whole replica, and whose pieces fill it. */
interface Slot {
  filled: number;
  readonly pieces: Piece[];
}

/** Who should own each partition that had pieces. */
export type WholeReplicas = ReadonlyMap<LayoutPartition, readonly LayoutNode[]>;

/**
 * Makes whole replicas of pieces, at no more bytes of copies than the pieces took, and with no node further from what its pieces
 * weigh than its largest one: pieces of each node fill slots of one replica each, the largest first, and each replica
 * goes to a slot that has a piece of it.
 *
 * Source: Shmoys and Tardos, "An approximation algorithm for the generalized assignment problem" (1993); zones
 * keep it a flow.
 */
export function roundUp(layout: Layout, given: readonly Piece[]): WholeReplicas {
  const zones = new ZoneLimits(layout);
  const owners = new Map<LayoutPartition, LayoutNode[]>(given.map(({ partition }) => [partition, []]));
  for (const piece of given) if (isWhole(piece)) owners.get(piece.partition)?.push(piece.node);
  // What is whole stays as it is, and the rest is a problem of its own.
  const pieces = given.filter((piece) => !isWhole(piece));
  const partitions = [...new Set(pieces.map(({ partition }) => partition))];
  const numberOf = new Map(partitions.map((partition, number) => [partition, number]));
  const slots = layout.members().flatMap((node) => slotsOf(pieces.filter((piece) => piece.node === node)));
  const pieceAt = new Map(pieces.map((piece, at) => [piece, at]));
  const firstPiece = partitions.length * (1 + zones.names.length);
  const firstSlot = firstPiece + pieces.length;
  const sink = firstSlot + slots.length;
  const flow = new MinCostFlow(sink + 1);
  const hub = (partition: LayoutPartition, zone: number) =>
    partitions.length + (numberOf.get(partition) ?? 0) * zones.names.length + zone;
  let replicas = 0;
  for (const [number, partition] of partitions.entries()) {
    const settled = owners.get(partition) ?? [];
    flow.addSurplus(number, partition.owners.length - settled.length);
    replicas += partition.owners.length - settled.length;
    zones.staying(partition).forEach((count, zone) => {
      const taken = settled.filter((node) => zones.of(node) === zone).length;
      flow.addArc(number, hub(partition, zone), Math.max(count, zones.most(partition)) - taken, 0);
    });
  }
  const arcs = pieces.map(({ partition, node }, at): Arc => {
    const cost = partition.owners.includes(node) ? 0 : partition.bytes;
    return flow.addArc(hub(partition, zones.of(node) ?? 0), firstPiece + at, 1, cost);
  });
  slots.forEach((slot, at) => {
    for (const piece of slot.pieces) flow.addArc(firstPiece + (pieceAt.get(piece) ?? 0), firstSlot + at, 1, 0);
    if (slot.filled > 1 - tiny) {
      flow.addSurplus(firstSlot + at, -1);
      replicas -= 1;
    } else flow.addArc(firstSlot + at, sink, 1, 0);
  });
  flow.addSurplus(sink, -replicas);
  flow.solve();
  pieces.forEach(({ partition, node }, at) => {
    if (flow.added(arcs[at] ?? 0, 1) > 0.5) owners.get(partition)?.push(node);
  });
  return owners;
}

function isWhole({ fraction }: Piece): boolean {
  return fraction > 1 - tiny;
}

/** Fills slots with the pieces of one node, the largest partitions first; a piece may lie in two. */
function slotsOf(pieces: readonly Piece[]): Slot[] {
  const slots: Slot[] = [];
  const largestFirst = [...pieces].sort(
    (a, b) => b.partition.bytes - a.partition.bytes || a.partition.number - b.partition.number,
  );
  for (const piece of largestFirst) {
    for (let left = piece.fraction; left > tiny; ) {
      let slot = slots.at(-1);
      if (slot === undefined || slot.filled > 1 - tiny) {
        slot = { filled: 0, pieces: [] };
        slots.push(slot);
      }
      const part = Math.min(left, 1 - slot.filled);
      slot.pieces.push(piece);
      slot.filled += part;
      left -= part;
    }
  }
  return slots;
}
