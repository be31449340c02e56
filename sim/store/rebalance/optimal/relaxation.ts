import type { Layout, LayoutNode, LayoutPartition } from '../layout.ts';
import { type Arc, MinCostFlow } from './min-cost-flow.ts';
import { ZoneLimits } from './zone-limits.ts';

/** How many bytes each member should have at least and at most. */
export interface Limits {
  lower(node: LayoutNode): number;
  upper(node: LayoutNode): number;
}

/** So much of one replica of a partition on a node: more than 0, at most 1. */
export interface Piece {
  readonly partition: LayoutPartition;
  readonly node: LayoutNode;
  readonly fraction: number;
}

/** Who holds what after the cheapest change, if replicas could be cut into pieces. */
export interface Relaxation {
  readonly pieces: readonly Piece[];
  /** What the change copies: no plan that reaches the limits copies less. */
  readonly movedBytes: number;
  /** How far nodes remain outside the limits, summed up: 0 if the limits can be reached. */
  readonly missedBytes: number;
}

/** Missing the limits by a byte costs more than any chain of moves. */
const penalty = 1_000_000;
/** More bytes than there are. */
const huge = 1e15;
/** Pieces this small are errors of rounding. */
const tiny = 1e-9;

interface Channel extends Omit<Piece, 'fraction'> {
  readonly arc: Arc;
  readonly capacity: number;
  /** What passes before the change. */
  readonly first: number;
}

/**
 * The least bytes that must be copied so that every node is within its limits, with whole replicas cut into pieces: a flow from
 * partitions through zones to nodes that begins at what is where, so that only changes cost. As many replicas of
 * a partition stand in each zone as an even spread over zones has, at most one on a node, and none on nodes that have to be emptied.
 * Partitions that are closed to moves count where they are.
 *
 * Source: min-cost flow for data migration; see Ahuja, Magnanti, Orlin (1993), chapter 1, for assignment as flow.
 */
export function relax(layout: Layout, limits: Limits): Relaxation {
  const zones = new ZoneLimits(layout);
  const members = layout.members();
  const movable = layout.partitions.filter(({ open, bytes }) => open && bytes > 0);
  const firstNode = movable.length * (1 + zones.names.length);
  const sink = firstNode + members.length;
  const flow = new MinCostFlow(sink + 1);
  const held = new Map(members.map((node) => [node, 0]));
  const channels: Channel[] = [];
  movable.forEach((partition, p) => {
    const { bytes, owners } = partition;
    const [least, most, staying] = [zones.least(partition), zones.most(partition), zones.staying(partition)];
    staying.forEach((count, zone) => {
      const hub = movable.length + p * zones.names.length + zone;
      flow.addArc(p, hub, Math.max(0, most - count) * bytes, 0, Math.max(0, count - least) * bytes);
    });
    flow.addSurplus(p, owners.filter((owner) => !owner.belongs).length * bytes);
    members.forEach((node, n) => {
      const zone = zones.of(node);
      const here = owners.includes(node);
      if (zone === undefined || !(here || layout.allowsEvacuation({ partition, from: node, to: node }))) return;
      if (here) held.set(node, (held.get(node) ?? 0) + bytes);
      const hub = movable.length + p * zones.names.length + zone;
      const arc = flow.addArc(hub, firstNode + n, here ? 0 : bytes, here ? 0 : 1, here ? bytes : 0);
      channels.push({ partition, node, arc, capacity: here ? 0 : bytes, first: here ? bytes : 0 });
    });
  });
  let wanted = movable.reduce((sum, { bytes, owners }) => sum + bytes * owners.length, 0);
  const misses: Arc[] = [];
  members.forEach((node, n) => {
    const now = held.get(node) ?? 0;
    const fixed = node.bytes - now;
    const lower = node.accepts ? Math.max(0, Math.floor(limits.lower(node) - fixed)) : 0;
    const upper = Math.max(lower, Math.ceil(limits.upper(node) - fixed));
    const passing = Math.min(upper, Math.max(lower, now));
    flow.addArc(firstNode + n, sink, upper - passing, 0, passing - lower);
    misses.push(flow.addArc(firstNode + n, sink, huge, penalty), flow.addArc(sink, firstNode + n, huge, penalty));
    flow.addSurplus(firstNode + n, now - passing);
    wanted -= passing;
  });
  flow.addSurplus(sink, -wanted);
  flow.solve();
  const pieces: Piece[] = [];
  let movedBytes = 0;
  for (const { partition, node, arc, capacity, first } of channels) {
    const change = flow.added(arc, capacity);
    if (first === 0) movedBytes += change;
    const fraction = (first + change) / partition.bytes;
    if (fraction > tiny) pieces.push({ partition, node, fraction });
  }
  return { pieces, movedBytes, missedBytes: misses.reduce((sum, arc) => sum + flow.added(arc, huge), 0) };
}
