import type { Move, MoveEnd } from '../state/commands.ts';
import type { Leader } from './leader.ts';
import type { OrderOutcome, TransferControl } from './transfer-control.ts';
import type { Transfer } from './transfers.ts';

/** Follows open moves and refills to their end: further rounds, hand-over, retry, cancellation. */
export class OpenTransfers {
  readonly #leader: Leader;
  readonly #control: TransferControl;

  constructor(leader: Leader, control: TransferControl) {
    this.#leader = leader;
    this.#control = control;
  }

  /** @returns the moves that end now. */
  advance(): MoveEnd[] {
    const { state, transfers } = this.#leader;
    const ends: MoveEnd[] = [];
    for (const move of state.moves.values()) {
      const transfer = transfers.get(move.transferId) ?? this.#takeOver(move);
      const end = this.#advanceMove(move, transfer);
      if (end !== undefined)
        ends.push({ ...end, transferId: move.transferId, blocks: transfer.blocks, bytes: transfer.bytes });
    }
    for (const transfer of transfers.all()) if (transfer.kind === 'refill') this.#advanceRefill(transfer);
    return ends;
  }

  /** Why the target cannot be filled any further: it has filled up otherwise since the move began. */
  #full({ to, cause }: Move): string | undefined {
    const { usage } = this.#leader;
    return usage.isKnown(to) ? usage.faultInFilling(to, 0, cause === 'repair') : undefined;
  }

  /** A move that an earlier leader began: its target goes on with what it lacks. */
  #takeOver({ transferId, partition, from, to, cause }: Move): Transfer {
    const transfer = this.#control.open(transferId, 'move', partition, from, to, cause);
    this.#control.order(transfer);
    return transfer;
  }

  #advanceMove(move: Move, transfer: Transfer): Pick<MoveEnd, 'outcome' | 'why'> | undefined {
    const { state } = this.#leader;
    const to = state.nodes.get(move.to);
    const from = state.nodes.get(move.from);
    if (to === undefined || to.liveness === 'down') return { outcome: 'failed', why: `${move.to} is down` };
    if (to.membership !== 'joining' && to.membership !== 'active') {
      return { outcome: 'cancelled', why: `${move.to} is ${to.membership}` };
    }
    const returned = from?.liveness === 'up' && (from.membership === 'joining' || from.membership === 'active');
    if (move.cause === 'repair' && returned) return { outcome: 'cancelled', why: `${move.from} has returned` };
    if (move.cause === 'drain' && from?.membership !== 'draining') {
      return { outcome: 'cancelled', why: `${move.from} stays` };
    }
    if (transfer.commandId === 0) this.#control.order(transfer);
    const outcome = this.#nextRound(transfer);
    if (outcome === 'failed') return { outcome: 'failed', why: transfer.detail };
    if (outcome === 'nothing') return { outcome: 'done', why: `${move.to} has all blocks` };
    const full = this.#full(move);
    if (full !== undefined) {
      const rejected = [{ option: move.to, why: full }];
      const subject = `partition ${move.partition} without ${move.from}`;
      this.#leader.decide({ by: 'capacity', subject, chose: 'another target', why: full, rejected });
      return { outcome: 'failed', why: full };
    }
    // What nobody alive has stays with its former owners, and is missed here until one of them returns.
    const alone = from === undefined || from.liveness !== 'suspect';
    if (outcome === 'no-source' && alone) return { outcome: 'done', why: `${move.to} has all blocks that can be had` };
    return undefined;
  }

  #advanceRefill(transfer: Transfer): void {
    const { state } = this.#leader;
    const owns = state.partition(transfer.partition)?.replicas.includes(transfer.to) === true;
    if (state.nodes.get(transfer.to)?.liveness === 'down')
      this.#endRefill(transfer, 'cancelled', `${transfer.to} is down`);
    else if (!owns) this.#endRefill(transfer, 'cancelled', `${transfer.to} is no owner any more`);
    else {
      const outcome = this.#nextRound(transfer);
      if (outcome === 'nothing') this.#endRefill(transfer, 'done', 'has all blocks');
      else if (outcome === 'no-source') this.#endRefill(transfer, 'done', 'has all blocks that can be had');
      else if (outcome === 'failed') this.#endRefill(transfer, 'failed', transfer.detail);
    }
  }

  #endRefill(transfer: Transfer, outcome: 'done' | 'cancelled' | 'failed', why: string): void {
    const { transferId, bytes, blocks } = transfer;
    this.#control.close(transfer, outcome);
    this.#leader.emit({ kind: 'move-ended', transferId, outcome, bytes, blocks, why });
  }

  /** Orders what is still lacking after a round that ended, or that nothing is heard of. */
  #nextRound(transfer: Transfer): OrderOutcome | 'failed' {
    const { clock, settings, state } = this.#leader;
    const silent = clock.nowMs() - transfer.heardMs > settings.transfers.silenceMs;
    if (transfer.state === 'ordered') {
      if (!silent) return 'ordered';
      transfer.detail = 'nothing was heard of it';
    }
    const partition = state.partition(transfer.partition);
    const fruitless =
      transfer.ordered.length > 0 && transfer.ordered.every((block) => partition?.lacks(transfer.to, block.id));
    transfer.attempts = fruitless ? transfer.attempts + 1 : 1;
    if (transfer.attempts > settings.transfers.attempts) return 'failed';
    return this.#control.order(transfer);
  }
}
