import type { NodeId } from '../../../host.ts';
import type { TransferReport } from '../../messages/node.ts';
import type { BlockRef, MoveCause } from '../../model.ts';
import { byName } from '../state/order.ts';
import type { Partition } from '../state/partition.ts';
import type { Leader } from './leader.ts';
import type { Transfer } from './transfers.ts';

/** Why a transfer was not ordered: there is nothing to copy, or no live node to copy any of it from. */
export type OrderOutcome = 'ordered' | 'nothing' | 'no-source';

interface Copy {
  readonly blocks: readonly BlockRef[];
  readonly sources: readonly NodeId[];
  readonly wanted: number;
}

/** Orders transfers from data nodes and follows what they report. */
export class TransferControl {
  readonly #leader: Leader;
  /** By partition and target: how often in a row it has failed, and until when it is left alone. */
  readonly #backoffs = new Map<string, { readonly failures: number; readonly untilMs: number }>();

  constructor(leader: Leader) {
    this.#leader = leader;
  }

  /** Opens a transfer; it holds its tokens from now on. */
  open(
    transferId: number,
    kind: Transfer['kind'],
    partition: number,
    from: NodeId,
    to: NodeId,
    cause: MoveCause,
  ): Transfer {
    const transfer: Transfer = {
      transferId,
      kind,
      partition,
      from,
      to,
      cause,
      source: from,
      state: 'ordered',
      attempts: 1,
      ordered: [],
      commandId: 0,
      heardMs: this.#leader.clock.nowMs(),
      blocks: 0,
      bytes: 0,
      earlierBlocks: 0,
      earlierBytes: 0,
      detail: '',
    };
    this.#leader.transfers.open(transfer);
    return transfer;
  }

  /** Tells the target what to copy now. Several rounds may be needed, for writes go on meanwhile. */
  order(transfer: Transfer): OrderOutcome {
    const { outbox, ids, settings, state, clock, transfers } = this.#leader;
    const partition = state.partition(transfer.partition);
    const copy = partition === undefined ? undefined : this.copyFor(partition, transfer.to);
    if (copy === undefined || copy.wanted === 0) {
      transfer.state = 'done';
      return 'nothing';
    }
    const [source] = copy.sources;
    if (source === undefined) {
      transfer.state = 'done';
      return 'no-source';
    }
    transfers.setSource(transfer, source);
    outbox.remove(transfer.to, transfer.commandId);
    transfer.commandId = ids.next();
    transfer.state = 'ordered';
    transfer.heardMs = clock.nowMs();
    const { transferId, commandId, cause } = transfer;
    const { blocks, sources } = copy;
    transfer.ordered = blocks;
    transfer.earlierBlocks = transfer.blocks;
    transfer.earlierBytes = transfer.bytes;
    // What it may do at best: clients' distress slows it down by orders of its own (pacing.ts).
    const { bytesPerSecond } = settings.transfers;
    outbox.add(transfer.to, {
      kind: 'transfer',
      commandId,
      transferId,
      partition: transfer.partition,
      cause,
      blocks,
      sources,
      bytesPerSecond,
    });
    return 'ordered';
  }

  /**
   * What `to` lacks and can be had, and from whom: live holders that are known to have it, the one with most of
   * it first, then those that are not gray, then the least busy.
   */
  copyFor(partition: Partition, to: NodeId): Copy {
    const { state, clock, transfers } = this.#leader;
    const needed = partition.needs(to, clock.nowMs());
    const candidates = partition
      .holders()
      .filter((node) => node !== to && state.nodes.isUp(node))
      .map((node) => ({
        node,
        lacks: needed.filter((block) => partition.lacks(node, block.id)).length,
        gray: state.nodes.get(node)?.gray === true ? 1 : 0,
        load: transfers.load(node),
      }))
      .filter(({ lacks }) => lacks < needed.length)
      .sort((a, b) => a.lacks - b.lacks || a.gray - b.gray || a.load - b.load || byName(a.node, b.node));
    const sources = candidates.map(({ node }) => node);
    const blocks = needed.filter((block) => sources.some((node) => !partition.lacks(node, block.id)));
    return { blocks, sources, wanted: needed.length };
  }

  /** Whether one more transfer of this cause may run between the two. */
  hasTokens(cause: MoveCause, source: NodeId, to: NodeId): boolean {
    const { transfers, settings } = this.#leader;
    const { repairs, moves, perNode } = settings.transfers;
    const free = cause === 'repair' ? transfers.repairs < repairs : transfers.moves < moves;
    return free && transfers.load(source) < perNode && transfers.load(to) < perNode;
  }

  /** Called after what the report says of blocks was applied. */
  onReport(node: NodeId, report: TransferReport): void {
    const transfer = this.#leader.transfers.get(report.transferId);
    if (transfer === undefined || transfer.to !== node) return;
    transfer.heardMs = this.#leader.clock.nowMs();
    // An order that was not taken yet is newer than the report.
    for (const command of this.#leader.outbox.waiting(node)) if (command.commandId === transfer.commandId) return;
    transfer.blocks = transfer.earlierBlocks + report.copiedBlocks;
    transfer.bytes = transfer.earlierBytes + report.copiedBytes;
    transfer.detail = report.detail;
    if (report.state !== 'copying' && transfer.state === 'ordered') transfer.state = report.state;
  }

  /** The node has a new process, which knows of no transfer. */
  onRestart(node: NodeId): void {
    for (const transfer of this.#leader.transfers.all()) if (transfer.to === node) this.order(transfer);
  }

  /** Closes a transfer; its target need not go on unless it is done. */
  close(transfer: Transfer, outcome: 'done' | 'cancelled' | 'failed'): void {
    const { outbox, ids, transfers, state } = this.#leader;
    transfers.close(transfer);
    const untaken = outbox.remove(transfer.to, transfer.commandId) !== undefined;
    if (
      outcome !== 'done' &&
      !untaken &&
      transfer.commandId !== 0 &&
      state.nodes.get(transfer.to)?.liveness !== 'down'
    ) {
      outbox.add(transfer.to, { kind: 'cancel-transfer', commandId: ids.next(), transferId: transfer.transferId });
    }
    const key = backoffKey(transfer.partition, transfer.to);
    if (outcome === 'done') this.#backoffs.delete(key);
    if (outcome === 'failed') this.#backOff(key);
  }

  /** Until when the partition is not to be tried on this target again, undefined if it may. */
  backoffUntil(partition: number, to: NodeId): number | undefined {
    const backoff = this.#backoffs.get(backoffKey(partition, to));
    return backoff !== undefined && this.#leader.clock.nowMs() < backoff.untilMs ? backoff.untilMs : undefined;
  }

  #backOff(key: string): void {
    const failures = (this.#backoffs.get(key)?.failures ?? 0) + 1;
    const delayMs = this.#leader.settings.transfers.backoffMs * (1 << Math.min(failures - 1, 6));
    this.#backoffs.set(key, { failures, untilMs: this.#leader.clock.nowMs() + delayMs });
  }
}

function backoffKey(partition: number, to: NodeId): string {
  return `${partition}>${to}`;
}
