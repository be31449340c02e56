import type { NodeId } from '../../../host.ts';
import type { MetadataSettings } from '../config.ts';

/** How full a node is: `no-backfill` ones are no target, `read-only` ones take no new blocks. */
export type Fullness = 'ok' | 'near-full' | 'no-backfill' | 'read-only';

interface Usage {
  readonly usedBytes: number;
  readonly capacityBytes: number;
}

/** Disk space of the data nodes as of their last heartbeats. In the leader's memory. */
export class NodeUsage {
  readonly #ratios: MetadataSettings['capacity'];
  readonly #byNode = new Map<NodeId, Usage>();

  constructor(ratios: MetadataSettings['capacity']) {
    this.#ratios = ratios;
  }

  /** @returns the fullness before and after. */
  report(
    node: NodeId,
    usedBytes: number,
    capacityBytes: number,
  ): { readonly before: Fullness; readonly after: Fullness } {
    const before = this.fullness(node, 0);
    this.#byNode.set(node, { usedBytes, capacityBytes });
    return { before, after: this.fullness(node, 0) };
  }

  isKnown(node: NodeId): boolean {
    return this.#byNode.has(node);
  }

  usedBytes(node: NodeId): number {
    return this.#byNode.get(node)?.usedBytes ?? 0;
  }

  /** How full it would be with `extraBytes` more; `ok` if it has not beaten yet. */
  fullness(node: NodeId, extraBytes: number): Fullness {
    const usage = this.#byNode.get(node);
    if (usage === undefined || usage.capacityBytes <= 0) return 'ok';
    const ratio = (usage.usedBytes + extraBytes) / usage.capacityBytes;
    if (ratio >= this.#ratios.readOnly) return 'read-only';
    if (ratio >= this.#ratios.noBackfill) return 'no-backfill';
    return ratio >= this.#ratios.nearFull ? 'near-full' : 'ok';
  }

  /** Whether a move or repair may still put `extraBytes` there. Not before its first beat to this leader. */
  accepts(node: NodeId, extraBytes: number): boolean {
    if (!this.#byNode.has(node)) return false;
    const fullness = this.fullness(node, extraBytes);
    return fullness === 'ok' || fullness === 'near-full';
  }
}
