import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import { type Check, seconds, Tally } from './check.ts';

/** Work that the metadata leader has before it. */
export interface OpenWork {
  readonly leader: NodeId;
  readonly repairs: number;
  readonly moves: number;
  readonly transfers: number;
}

/** A block on a data node of which metadata has nothing to say. */
export interface UnknownBlock {
  readonly id: string;
  readonly partition: number;
  /** Since it was stored, or found at the start of the process. */
  readonly ageMs: number;
}

/** What one running data node holds at the end. */
export interface NodeStock {
  readonly node: NodeId;
  readonly blocks: number;
  readonly unknown: readonly UnknownBlock[];
  /** It has orders that it has not carried out: what they tell it to delete is on its way out. */
  readonly hasOrders: boolean;
}

/** What is left when a run is over. */
export interface Leftovers {
  /** Undefined where no member leads that can be looked at. */
  readonly work: OpenWork | undefined;
  /** Of the nodes that a leader's state can be held against. */
  readonly stocks: readonly NodeStock[];
}

/** Until when what is left must be gone, and whether it can be. */
export interface LeftoversDue {
  readonly nowMs: number;
  /** When the queues had to be empty. */
  readonly workDueMs: number;
  /** Until when the cluster was disturbed, by a fault, traffic or an election, or orphans were being found. */
  readonly disturbedMs: number;
  /** Why nothing is demanded; undefined if nothing is in the way. */
  readonly obstacle: string | undefined;
  readonly canBeReached: (node: NodeId) => boolean;
}

/** I8, the part about what is left: the queues run empty, and blocks that nobody refers to are found and deleted. */
export class LeftoversCheck implements Check {
  readonly id = 'I8-leftovers';
  readonly statement: string;
  readonly kind = 'liveness';
  readonly #tally: Tally;
  readonly #orphanWithinMs: number;
  #detail = '';
  #notJudged = 'nobody looked';

  /** `orphanWithinMs`: the grace of orphans and the time to find them. */
  constructor(orphanWithinMs: number) {
    this.#orphanWithinMs = orphanWithinMs;
    this.statement = `Once the cluster had its time to heal no repair, move or transfer is open, and no data node holds a block older than ${seconds(orphanWithinMs)} that metadata knows nothing of.`;
    this.#tally = new Tally(this);
  }

  close({ work, stocks }: Leftovers, due: LeftoversDue): void {
    if (work === undefined) {
      this.#notJudged = 'no leader of the metadata could be looked at';
      return;
    }
    this.#closeWork(work, due);
    let blocks = 0;
    let young = 0;
    for (const stock of stocks) {
      if (!due.canBeReached(stock.node)) continue;
      blocks += stock.blocks;
      young += this.#closeStock(stock, due);
    }
    this.#detail = `${blocks} blocks on ${stocks.length} nodes, ${young} of them unknown and within their time`;
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(this.#detail, this.#notJudged, originMs);
  }

  #closeWork({ leader, repairs, moves, transfers }: OpenWork, { nowMs, workDueMs, obstacle }: LeftoversDue): void {
    const open = `${repairs} repairs, ${moves} moves and ${transfers} transfers`;
    if (repairs + moves + transfers === 0) return this.#tally.pass();
    if (obstacle !== undefined) this.#notJudged = `${open} are open, but ${obstacle}`;
    else if (nowMs < workDueMs) this.#notJudged = `${open} are open, but the run ended before they had to be done`;
    else
      this.#tally.fail((at) => `${at(nowMs)}: ${leader} has ${open} open; by ${at(workDueMs)} there had to be none`, {
        timeMs: nowMs,
        node: leader,
        event: 'end of the run',
      });
  }

  /** Returns how many unknown blocks have their time yet. */
  #closeStock({ node, blocks, unknown, hasOrders }: NodeStock, { nowMs, disturbedMs, obstacle }: LeftoversDue): number {
    const calm = obstacle === undefined && nowMs - disturbedMs > this.#orphanWithinMs && !hasOrders;
    const old = calm ? unknown.filter(({ ageMs }) => ageMs > this.#orphanWithinMs) : [];
    this.#tally.pass(blocks - old.length);
    for (const { id, partition, ageMs } of old) {
      this.#tally.fail(
        (at) =>
          `${at(nowMs)}: ${node} holds block ${id} of partition ${partition} for ${seconds(ageMs)}, and metadata knows nothing of it; ${seconds(this.#orphanWithinMs)} are accepted`,
        { timeMs: nowMs, node, key: id, event: 'end of the run' },
      );
    }
    return unknown.length - old.length;
  }
}
