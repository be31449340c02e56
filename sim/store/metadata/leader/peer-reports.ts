import type { NodeId } from '../../../host.ts';
import type { HealthReport, NodeHealth } from '../../messages/metadata.ts';
import type { MetadataSettings } from '../config.ts';
import { byName } from '../state/order.ts';
import { HoldingTime } from './holding-time.ts';
import { isHot } from './load-share.ts';

/**
 * Which nodes their peers cannot reach, though they may reach metadata: what gateways and data nodes report, as of lately. A
 * node is suspected on the word of several; one peer may itself be cut off, and one that accuses most nodes surely is (Dadgar
 * et al., "Lifeguard", 2018).
 */
export class PeerReports {
  readonly #settings: MetadataSettings['suspicion'];
  readonly #held: HoldingTime;
  /** By node and accuser, when it was last accused. */
  readonly #accusations = new Map<NodeId, Map<NodeId, number>>();
  readonly #suspects = new Map<NodeId, string>();

  constructor(settings: MetadataSettings) {
    this.#settings = settings.suspicion;
    this.#held = new HoldingTime(settings.suspicion.holdMs, settings.flapForgetMs);
  }

  /** A data node could not fetch copies from `unreachable`. */
  noteUnreachable(peer: NodeId, unreachable: readonly NodeId[], nodes: number, nowMs: number): void {
    if (2 * unreachable.length > Math.max(2, nodes)) return;
    for (const node of unreachable) if (node !== peer) this.#accuse(node, peer, nowMs);
  }

  /** A gateway tells how its attempts went. */
  noteReport(gateway: NodeId, report: HealthReport, nodes: number, nowMs: number): void {
    let accused = 0;
    for (const health of report.nodes) if (neverAnswered(health)) accused += 1;
    if (accused === 0 || 2 * accused > Math.max(2, nodes)) return;
    for (const health of report.nodes) {
      if (neverAnswered(health) && !isHot(health, report.nodes)) this.#accuse(health.node, gateway, nowMs);
    }
  }

  /** Why the node is suspect although it may beat; undefined if it is not. */
  verdict(node: NodeId, nowMs: number): string | undefined {
    if (this.#accusations.size === 0 && this.#suspects.size === 0) return undefined;
    const accusers = this.#accusersOf(node, nowMs);
    const suspect = this.#suspects.get(node);
    if (accusers.length >= this.#settings.peers) {
      const why = `${accusers.length} peers cannot reach it: ${accusers.join(', ')}`;
      if (suspect === undefined) this.#held.begin(node, nowMs);
      this.#suspects.set(node, why);
      return why;
    }
    if (suspect !== undefined && this.#held.leftMs(node, nowMs) > 0) return suspect;
    this.#suspects.delete(node);
    return undefined;
  }

  /** How long a suspicion that nobody renews still stands. */
  leftMs(node: NodeId, nowMs: number): number {
    return this.#suspects.has(node) ? this.#held.leftMs(node, nowMs) : 0;
  }

  /** The node has a new process: what was said of the old one is void. */
  clear(node: NodeId): void {
    this.#accusations.delete(node);
    this.#suspects.delete(node);
  }

  #accuse(node: NodeId, accuser: NodeId, nowMs: number): void {
    let accusers = this.#accusations.get(node);
    if (accusers === undefined) {
      accusers = new Map();
      this.#accusations.set(node, accusers);
    }
    accusers.set(accuser, nowMs);
  }

  #accusersOf(node: NodeId, nowMs: number): readonly NodeId[] {
    const accusers = this.#accusations.get(node);
    if (accusers === undefined) return [];
    for (const [accuser, saidMs] of accusers) {
      if (nowMs - saidMs > this.#settings.windowMs) accusers.delete(accuser);
    }
    if (accusers.size === 0) this.#accusations.delete(node);
    return [...accusers.keys()].sort(byName);
  }
}

/** One attempt may be all there is, for a gateway soon stops trying. A node that refuses can be reached. */
function neverAnswered({ attempts, timeouts }: NodeHealth): boolean {
  return attempts > 0 && timeouts === attempts;
}
