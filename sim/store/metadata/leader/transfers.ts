import type { NodeId } from '../../../host.ts';
import type { BlockRef, MoveCause } from '../../model.ts';

/** A copy that a data node was told to make: for a move, or to refill an owner that lacks blocks. */
export interface Transfer {
  readonly transferId: number;
  readonly kind: 'move' | 'refill';
  readonly partition: number;
  /** The owner to be relieved, or the first source of a refill. */
  readonly from: NodeId;
  readonly to: NodeId;
  readonly cause: MoveCause;
  /** Whom it copies from, as far as tokens are concerned. */
  source: NodeId;
  state: 'ordered' | 'done' | 'failed';
  /** Rounds in a row that brought nothing, and the present one. */
  attempts: number;
  /** What the present round was to bring. */
  ordered: readonly BlockRef[];
  commandId: number;
  /** When anything was last heard of it. */
  heardMs: number;
  /** Copied so far, and in earlier rounds: a target counts each round from nothing. */
  blocks: number;
  bytes: number;
  earlierBlocks: number;
  earlierBytes: number;
  detail: string;
}

/** The open transfers of this leader and the tokens that they hold: one in total, one at either end. */
export class TransferTable {
  readonly #open = new Map<number, Transfer>();
  readonly #load = new Map<NodeId, number>();
  readonly #counts = { repairs: 0, moves: 0 };

  get repairs(): number {
    return this.#counts.repairs;
  }

  get moves(): number {
    return this.#counts.moves;
  }

  get(transferId: number): Transfer | undefined {
    return this.#open.get(transferId);
  }

  /** In the order in which they were opened. */
  all(): Transfer[] {
    return [...this.#open.values()];
  }

  /** Transfers that end or begin at the node. */
  load(node: NodeId): number {
    return this.#load.get(node) ?? 0;
  }

  isRefilling(partition: number, node: NodeId): boolean {
    for (const transfer of this.#open.values()) {
      if (transfer.kind === 'refill' && transfer.partition === partition && transfer.to === node) return true;
    }
    return false;
  }

  open(transfer: Transfer): void {
    this.#open.set(transfer.transferId, transfer);
    this.#count(transfer, 1);
  }

  /** The transfer copies from another node now. */
  setSource(transfer: Transfer, source: NodeId): void {
    this.#count(transfer, -1);
    transfer.source = source;
    this.#count(transfer, 1);
  }

  close(transfer: Transfer): void {
    if (this.#open.delete(transfer.transferId)) this.#count(transfer, -1);
  }

  #count(transfer: Transfer, by: 1 | -1): void {
    this.#counts[transfer.cause === 'repair' ? 'repairs' : 'moves'] += by;
    this.#load.set(transfer.to, this.load(transfer.to) + by);
    this.#load.set(transfer.source, this.load(transfer.source) + by);
  }
}
