import type { NodeId } from '../../../host.ts';
import { AlgorithmError } from '../../algorithm.ts';
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

  /** Why placement would not take these nodes as its members (of weights it may know none); undefined where it would. */
  refusal(records: readonly NodeRecord[]): string | undefined {
    const nodes = records.filter(isMember).map(toPlacementNode);
    const built = nodes.length === 0 ? undefined : this.#build(nodes);
    return typeof built === 'string' ? built : undefined;
  }

  #compute(nodes: readonly PlacementNode[]): readonly (readonly NodeId[])[] {
    const { replication, partitions } = this.#settings;
    this.degraded = undefined;
    if (nodes.length < replication) return [];
    const algorithm = this.#build(nodes);
    // Two changes that are fine each on its own may be refused together: then nobody is moved until that is mended.
    if (typeof algorithm === 'string') return [];
    return Array.from({ length: partitions }, (_, partition) => {
      const set = algorithm.replicas(partition, replication);
      this.degraded ??= set.degraded;
      return set.nodes;
    });
  }

  #build(nodes: readonly PlacementNode[]): Placement | string {
    const { name, options } = this.#settings.placement;
    try {
      return createPlacement(name, options, nodes);
    } catch (error) {
      if (error instanceof AlgorithmError) return error.message;
      throw error;
    }
  }
}

function toPlacementNode({ description: { id, zone, rack, host }, weight }: NodeRecord): PlacementNode {
  return { id, weight, zone, rack, host };
}
