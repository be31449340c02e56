import type { NodeId } from '../../../host.ts';
import type { NodeDescription } from '../../messages/node.ts';
import type { Fullness, Liveness, MapNode, Membership } from '../../model.ts';
import { byName } from './order.ts';

/** Why something is as it is, and since when in cluster time. */
export interface Reason {
  readonly why: string;
  readonly sinceMs: number;
}

/** What there is a reason for. */
export type NodeAspect = 'liveness' | 'membership' | 'gray' | 'fullness';

/** What the metadata service knows for certain of a data node. */
export interface NodeRecord {
  readonly description: NodeDescription;
  readonly weight: number;
  readonly liveness: Liveness;
  readonly membership: Membership;
  /** Cluster time at which it went down; 0 unless it is down. */
  readonly downSinceMs: number;
  /** Given up for now: its replicas are being rebuilt elsewhere. */
  readonly replaced: boolean;
  readonly gray: boolean;
  readonly fullness: Fullness;
  /** How often it has gone down of late, as counted when it last did, and when that was: outlasts its return. */
  readonly falls: number;
  readonly fellMs: number;
  /** When it last registered. */
  readonly registeredMs: number;
  readonly because: Readonly<Record<NodeAspect, Reason>>;
}

/** A node that has just registered for the first time. */
export function newNodeRecord(description: NodeDescription, liveness: Liveness, nowMs: number): NodeRecord {
  const registered: Reason = { why: 'registered', sinceMs: nowMs };
  const inspected: Reason = { why: '', sinceMs: nowMs };
  return {
    description,
    weight: description.weight,
    liveness,
    membership: 'joining',
    downSinceMs: 0,
    replaced: false,
    gray: false,
    fullness: 'ok',
    falls: 0,
    fellMs: 0,
    registeredMs: nowMs,
    because: { liveness: registered, membership: registered, gray: inspected, fullness: inspected },
  };
}

/** The record with another reason for one aspect. */
export function because(record: NodeRecord, aspect: NodeAspect, why: string, sinceMs: number): NodeRecord['because'] {
  return { ...record.because, [aspect]: { why, sinceMs } };
}

/** The data nodes by id, always visited in the order of ids. */
export class NodeTable {
  readonly #byId = new Map<NodeId, NodeRecord>();
  #sorted: readonly NodeId[] = [];

  get size(): number {
    return this.#byId.size;
  }

  get(id: NodeId): NodeRecord | undefined {
    return this.#byId.get(id);
  }

  put(record: NodeRecord): void {
    const { id } = record.description;
    if (!this.#byId.has(id)) this.#sorted = [...this.#sorted, id].sort(byName);
    this.#byId.set(id, record);
  }

  all(): NodeRecord[] {
    return this.#sorted.flatMap((id) => this.#byId.get(id) ?? []);
  }

  isUp(id: NodeId): boolean {
    return this.#byId.get(id)?.liveness === 'up';
  }

  toMap(): MapNode[] {
    return this.all().map((record) => {
      const { id, zone, rack, host } = record.description;
      const { weight, liveness, membership, gray, fullness } = record;
      return { id, zone, rack, host, weight, liveness, membership, gray, fullness };
    });
  }
}

/** Whether placement may count on the node: it belongs, is not on its way out, and was not given up. */
export function isMember(record: NodeRecord): boolean {
  return (record.membership === 'joining' || record.membership === 'active') && !record.replaced;
}
