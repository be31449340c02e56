import type { NodeId } from '../../../host.ts';
import type { Placement, PlacementNode } from '../../placement/placement.ts';
import { createPlacement } from '../../placement/registry.ts';
import type { MetadataSettings } from '../config.ts';
import { isMember, type NodeRecord } from '../state/node-table.ts';

/** Whom placement gives each partition with the present members; computed anew only when they or a weight change. */
export class PlacementTargets {
  readonly #settings: MetadataSettings;
  #members = '';
  #targets: readonly (readonly NodeId[])[] = [];
  /** What placement could not keep apart in the first partition where it could not; undefined where all are in distinct zones. */
  degraded: 'zone' | 'rack' | 'host' | undefined;

  constructor(settings: MetadataSettings) {
    this.#settings = settings;
  }

  /** By partition; empty if there are fewer members than replicas. */
  for(records: readonly NodeRecord[]): readonly (readonly NodeId[])[] {
    const nodes = records.filter(isMember).map(toPlacementNode);
    const members = JSON.stringify(nodes);
    if (members !== this.#members) {
      this.#members = members;
      this.#targets = this.#compute(nodes);
    }
    return this.#targets;
  }

  #compute(nodes: readonly PlacementNode[]): readonly (readonly NodeId[])[] {
    const { placement, replication, partitions } = this.#settings;
    this.degraded = undefined;
    if (nodes.length < replication) return [];
    const algorithm: Placement = createPlacement(placement.name, placement.options, nodes);
    return Array.from({ length: partitions }, (_, partition) => {
      const set = algorithm.replicas(partition, replication);
      this.degraded ??= set.degraded;
      return set.nodes;
    });
  }
}

function toPlacementNode({ description: { id, zone, rack, host }, weight }: NodeRecord): PlacementNode {
  return { id, weight, zone, rack, host };
}
