import type { NodeId } from '../../../host.ts';
import type { NodeDescription } from '../../messages/node.ts';
import type { Liveness, MapNode, Membership } from '../../model.ts';
import { byName } from './order.ts';

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
    return this.all().map(({ description: { id, zone, rack, host }, weight, liveness, membership }) => ({
      id,
      zone,
      rack,
      host,
      weight,
      liveness,
      membership,
    }));
  }
}

/** Whether placement may count on the node: it belongs, is not on its way out, and was not given up. */
export function isMember(record: NodeRecord): boolean {
  return (record.membership === 'joining' || record.membership === 'active') && !record.replaced;
}
