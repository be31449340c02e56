import type { NodeId } from '../../host.ts';
import type { MoveCause } from '../model.ts';
import { fairShares } from './fair-shares.ts';
import type { PlannedMove, RebalanceNode, RebalanceView } from './rebalancer.ts';

/** A node while a plan is made: what it would hold if everything open and planned so far were done. */
export interface LayoutNode {
  readonly id: NodeId;
  readonly zone: string;
  readonly rack: string;
  readonly weight: number;
  /** Joining or active: what stands on other nodes has to leave them. */
  readonly belongs: boolean;
  readonly accepts: boolean;
  readonly joining: boolean;
  /** Share of all replicas' bytes that it should hold, as `fairShares` gives it; 0 if it does not belong. */
  readonly share: number;
  readonly capacityBytes: number;
  readonly usedBytes: number;
  /** Declared bytes of its partitions; while all are empty, each counts 1. */
  bytes: number;
  replicas: number;
}

/** A partition while a plan is made. */
export interface LayoutPartition {
  readonly number: number;
  /** Declared bytes of one replica; 1 while all partitions are empty. */
  readonly bytes: number;
  readonly movedMs: number;
  readonly target: readonly NodeId[];
  readonly owners: LayoutNode[];
  /** Whether it may be moved in this plan: nothing is under way in it, and it is not in the plan yet. */
  open: boolean;
}

/** A replica that might change hands. */
export interface Step {
  readonly partition: LayoutPartition;
  readonly from: LayoutNode;
  readonly to: LayoutNode;
}

/**
 * A copy of the view on which a rebalancer tries its moves out, and the plan that comes of it. Open moves count as done, so that
 * a plan made while an earlier one is carried out does not plan the same again.
 */
export class Layout {
  /** In the order of the view; behind them those that own replicas and are no longer in it. */
  readonly nodes: readonly LayoutNode[];
  readonly partitions: readonly LayoutPartition[];
  readonly moves: PlannedMove[] = [];
  readonly #holdMs: number;

  /** @param holdMs - A partition that moved less than this ago is moved for balance only later. */
  constructor(view: RebalanceView, holdMs: number) {
    this.#holdMs = holdMs;
    const members = view.nodes.filter(belongs);
    const shares = fairShares(members, view.replication);
    const nodes = new Map(view.nodes.map((node) => [node.id, layoutNode(node, shares.get(node.id) ?? 0)]));
    const filled = view.partitions.some(({ bytes }) => bytes > 0);
    const nodeOf = (id: NodeId): LayoutNode => {
      const known = nodes.get(id) ?? departed(id);
      nodes.set(id, known);
      return known;
    };
    this.partitions = view.partitions.map(({ number, replicas, joining, leaving, target, bytes, movedMs }) => {
      const owners = [...replicas.filter((id) => id !== leaving), ...joining].map(nodeOf);
      const size = filled ? bytes : 1;
      for (const owner of owners) take(owner, size);
      return { number, bytes: size, movedMs, target, owners, open: joining.length === 0 };
    });
    this.nodes = [...nodes.values()];
  }

  /** Those that belong, in the order of the view. */
  members(): LayoutNode[] {
    return this.nodes.filter((node) => node.belongs);
  }

  /** What may leave the node in this plan, in the order of numbers. */
  openOn(node: LayoutNode): LayoutPartition[] {
    return this.partitions.filter(({ open, owners }) => open && owners.includes(node));
  }

  /** Whether the step keeps the contract: towards a node that accepts and has room, and into no fewer zones. */
  allows(step: Step): boolean {
    return this.#fits(step) && zonesAfter(step) >= zonesNow(step.partition);
  }

  /** As `allows`, for what has to leave its node whatever that does to the spread over zones. */
  allowsEvacuation(step: Step): boolean {
    return this.#fits(step);
  }

  /** Takes the step into the plan. */
  plan(step: Step, why: string): void {
    const { partition, from, to } = step;
    take(from, -partition.bytes, -1);
    take(to, partition.bytes);
    partition.owners[partition.owners.indexOf(from)] = to;
    partition.open = false;
    const cause = causeOf(step);
    const forGood = cause === 'drain' || cause === 'leave';
    const notBeforeMs = forGood ? undefined : partition.movedMs + this.#holdMs;
    this.moves.push({ partition: partition.number, from: from.id, to: to.id, cause, notBeforeMs, why });
  }

  #fits({ partition, to }: Step): boolean {
    if (!partition.open || !to.accepts || !to.belongs || partition.owners.includes(to)) return false;
    return to.bytes + partition.bytes <= to.capacityBytes;
  }
}

/** In how many zones the partition stands. */
export function zonesNow({ owners }: LayoutPartition): number {
  return new Set(owners.map(({ zone }) => zone)).size;
}

/** In how many zones it would stand after the step. */
export function zonesAfter({ partition, from, to }: Step): number {
  return new Set(partition.owners.map((owner) => (owner === from ? to.zone : owner.zone))).size;
}

function take(node: LayoutNode, bytes: number, replicas = 1): void {
  node.bytes += bytes;
  node.replicas += replicas;
}

function belongs({ membership }: RebalanceNode): boolean {
  return membership === 'joining' || membership === 'active';
}

function layoutNode(node: RebalanceNode, share: number): LayoutNode {
  const { id, zone, rack, weight, accepts, usedBytes, capacityBytes, membership } = node;
  const place = { id, zone, rack, weight, accepts, belongs: belongs(node), joining: membership === 'joining' };
  return { ...place, share, usedBytes, capacityBytes, bytes: 0, replicas: 0 };
}

/** A node that owns replicas though the view does not list it. */
function departed(id: NodeId): LayoutNode {
  const place = { id, zone: '', rack: '', weight: 0, accepts: false, belongs: false, joining: false };
  return { ...place, share: 0, usedBytes: 0, capacityBytes: 0, bytes: 0, replicas: 0 };
}

function causeOf({ from, to }: Step): MoveCause {
  if (!from.belongs) return from.weight > 0 ? 'drain' : 'leave';
  return to.joining ? 'join' : 'load';
}
