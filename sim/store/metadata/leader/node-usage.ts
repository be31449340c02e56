import type { NodeId } from '../../../host.ts';
import type { Fullness } from '../../model.ts';
import type { MetadataSettings } from '../config.ts';

interface Usage {
  usedBytes: number;
  capacityBytes: number;
  readOnly: boolean;
  /** Committed since: the beat may not have counted it yet. */
  writtenBytes: number;
}

/** A node must be so much less full, as a share, to be taken for emptier again. */
const hysteresis = 0.01;

const levels: readonly Fullness[] = ['ok', 'near-full', 'no-backfill', 'read-only'];

/** Disk space of the data nodes as of their last heartbeats, and what was written since. In the leader's memory. */
export class NodeUsage {
  readonly #ratios: MetadataSettings['capacity'];
  readonly #byNode = new Map<NodeId, Usage>();

  constructor(ratios: MetadataSettings['capacity']) {
    this.#ratios = ratios;
  }

  report(node: NodeId, usedBytes: number, capacityBytes: number, readOnly: boolean): void {
    const usage = this.#byNode.get(node);
    if (usage === undefined) {
      this.#byNode.set(node, { usedBytes, capacityBytes, readOnly, writtenBytes: 0 });
      return;
    }
    usage.usedBytes = usedBytes;
    usage.capacityBytes = capacityBytes;
    usage.readOnly = readOnly;
    usage.writtenBytes = 0;
  }

  /** A block was committed there. */
  written(node: NodeId, bytes: number): void {
    const usage = this.#byNode.get(node);
    if (usage !== undefined) usage.writtenBytes += bytes;
  }

  isKnown(node: NodeId): boolean {
    return this.#byNode.has(node);
  }

  usedBytes(node: NodeId): number {
    return this.#byNode.get(node)?.usedBytes ?? 0;
  }

  /** How full it is by its last beat, given how full it was held to be; undefined before its first beat to this leader. */
  level(node: NodeId, before: Fullness): Fullness | undefined {
    const usage = this.#byNode.get(node);
    if (usage === undefined) return undefined;
    if (usage.readOnly) return 'read-only';
    const ratio = usage.usedBytes / usage.capacityBytes;
    const now = this.#levelOf(ratio);
    if (levels.indexOf(now) >= levels.indexOf(before)) return now;
    const cautious = this.#levelOf(ratio + hysteresis);
    return levels.indexOf(cautious) < levels.indexOf(before) ? now : before;
  }

  words(node: NodeId): string {
    const usage = this.#byNode.get(node);
    if (usage === undefined) return 'has not told yet how full it is';
    const used = `${((100 * usage.usedBytes) / usage.capacityBytes).toFixed(1)} % used`;
    return usage.readOnly ? `${used}, takes no new blocks` : used;
  }

  /**
   * Why a transfer must not put `extraBytes` more there, undefined if it may. Repairs may fill a node further than moves
   * and clients may: what lies between is their reserve.
   */
  faultInFilling(node: NodeId, extraBytes: number, isRepair: boolean): string | undefined {
    const usage = this.#byNode.get(node);
    if (usage === undefined) return `${node} has not told yet how full it is`;
    const ratio = (usage.usedBytes + usage.writtenBytes + extraBytes) / usage.capacityBytes;
    if (isRepair) {
      return ratio < this.#ratios.repair ? undefined : `${node} would be full: ${(100 * ratio).toFixed(1)} % used`;
    }
    if (usage.readOnly) return `${node} is read-only`;
    return ratio < this.#ratios.noBackfill ? undefined : `${node} would be ${this.#levelOf(ratio)}`;
  }

  #levelOf(ratio: number): Fullness {
    if (ratio >= this.#ratios.readOnly) return 'read-only';
    if (ratio >= this.#ratios.noBackfill) return 'no-backfill';
    return ratio >= this.#ratios.nearFull ? 'near-full' : 'ok';
  }
}
