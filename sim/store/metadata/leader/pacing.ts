import type { NodeId } from '../../../host.ts';
import type { Leader } from './leader.ts';

/** Orders that are less than this apart, as a share, are not worth telling. */
const leastChange = 0.1;

/** Tells the nodes that are being filled how fast that may go, when it changes. */
export class Pacing {
  readonly #leader: Leader;
  /** What each node was told last. Unlimited from its start on; unknown to a new leader. */
  readonly #told = new Map<NodeId, number>();
  readonly #commands = new Map<NodeId, number>();

  constructor(leader: Leader) {
    this.#leader = leader;
  }

  /** Adapts the rate to what clients suffer. */
  round(): void {
    const { pace, host, transfers, settings } = this.#leader;
    const why = pace.step(host.clock.nowMs());
    if (why !== undefined && transfers.repairs + transfers.moves > 0) {
      const chose = `${(pace.bytesPerSecond / 1_048_576).toFixed(1)} MiB/s`;
      this.#leader.decide({ by: 'throttle', subject: 'transfers', chose, why, rejected: [] });
    }
    const full = settings.transfers.bytesPerSecond;
    for (const { to, commandId } of transfers.all()) {
      // Nothing is being copied before the first order.
      if (commandId !== 0 && this.#differs(to, pace.bytesPerSecond, full)) this.#tell(to, pace.bytesPerSecond);
    }
  }

  /** The node has a new process, which knows of no limit. */
  onRestart(node: NodeId): void {
    this.#told.set(node, this.#leader.settings.transfers.bytesPerSecond);
    this.#commands.delete(node);
  }

  #differs(node: NodeId, rate: number, full: number): boolean {
    const told = this.#told.get(node) ?? (this.#leader.log.term === 1 ? full : 0);
    if (told === rate) return false;
    return rate === full || Math.abs(rate - told) >= leastChange * told;
  }

  #tell(node: NodeId, bytesPerSecond: number): void {
    const { ids, outbox } = this.#leader;
    const commandId = ids.next();
    const earlier = this.#commands.get(node);
    if (earlier !== undefined) outbox.remove(node, earlier);
    outbox.add(node, { kind: 'pace-transfers', commandId, bytesPerSecond });
    this.#commands.set(node, commandId);
    this.#told.set(node, bytesPerSecond);
  }
}
