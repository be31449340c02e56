import type { NodeId } from '../../../host.ts';
import type { MetadataSettings } from '../config.ts';
import type { NodeRecord } from '../state/node-table.ts';

/**
 * A new leader knows only whom it has heard. After a restart of everything that is nobody for a while, and most are about to
 * return: until enough of them have, or a time is over, nothing is judged to be down, given up, repaired or collected (HDFS's
 * safe mode). After a mere change of leader it is over within a heartbeat.
 */
export class SafeMode {
  readonly #share: number;
  readonly #untilMs: number;
  readonly #awaited: Set<NodeId>;
  readonly #known: number;
  #active: boolean;

  /** @param nodes - As the log has them when leadership begins. */
  constructor(settings: MetadataSettings, nodes: readonly NodeRecord[], nowMs: number) {
    const { share, limitMs } = settings.safeMode;
    this.#share = share;
    this.#untilMs = nowMs + limitMs;
    this.#awaited = new Set();
    for (const { description, liveness, membership } of nodes) {
      if (liveness !== 'down' && membership !== 'left') this.#awaited.add(description.id);
    }
    this.#known = this.#awaited.size;
    this.#active = this.#known > 0;
  }

  get active(): boolean {
    return this.#active;
  }

  heard(node: NodeId): void {
    if (this.#active) this.#awaited.delete(node);
  }

  /** Ends it if it is time. @returns why it ended, only once. */
  end(nowMs: number): string | undefined {
    if (!this.#active) return undefined;
    const heard = this.#known - this.#awaited.size;
    const enough = heard >= this.#share * this.#known;
    if (!enough && nowMs < this.#untilMs) return undefined;
    this.#active = false;
    return enough ? this.words() : `${this.words()}, and the time is over`;
  }

  /** How far it has come. */
  words(): string {
    return `heard ${this.#known - this.#awaited.size} of ${this.#known} nodes, ${(100 * this.#share).toFixed(0)} % are enough`;
  }
}
