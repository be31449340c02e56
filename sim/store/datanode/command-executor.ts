import type { NodeCommand, TransferReport } from '../messages/node.ts';
import type { MetadataChannel } from '../metadata/channel.ts';
import { type InventoryListener, InventoryReport } from './inventory-report.ts';
import { Removal, type RemovalListener, type RemovalReason } from './removal.ts';
import { Transfer, type TransferCommand, type TransferCore, type TransferListener } from './transfer.ts';

/** What orders are carried out with. */
export interface ExecutorCore extends TransferCore {
  readonly scrubber: { scrubNow(): void };
}

export interface ExecutorListener {
  /** Something has ended that metadata waits for. */
  onNews(): void;
}

/**
 * Carries out what the metadata leader orders. Orders are repeated until they are reported done, so each is looked up
 * by its number first: one that is under way or done is only reported, not carried out again. A done one is
 * remembered for as long as it keeps coming.
 */
export class CommandExecutor implements TransferListener, RemovalListener, InventoryListener {
  readonly #core: ExecutorCore;
  readonly #channel: MetadataChannel;
  readonly #listener: ExecutorListener;
  /** By transfer: under way, or ended and not yet acknowledged. */
  readonly #transfers = new Map<number, Transfer>();
  readonly #underWay = new Set<number>();
  readonly #done = new Set<number>();
  #paceBytesPerSecond = Number.POSITIVE_INFINITY;
  /** To be told with the next heartbeat, in the order in which they ended. */
  readonly unreported: number[] = [];

  constructor(core: ExecutorCore, channel: MetadataChannel, listener: ExecutorListener) {
    this.#core = core;
    this.#channel = channel;
    this.#listener = listener;
  }

  get transfers(): readonly Transfer[] {
    return [...this.#transfers.values()];
  }

  get reports(): readonly TransferReport[] {
    return this.transfers.map((transfer) => transfer.report);
  }

  execute(commands: readonly NodeCommand[]): void {
    const repeated = new Set(commands.map((command) => command.commandId));
    for (const id of this.#done) if (!repeated.has(id) && !this.unreported.includes(id)) this.#done.delete(id);
    for (const command of commands) {
      const { commandId } = command;
      if (this.#underWay.has(commandId)) continue;
      if (!this.#done.has(commandId)) this.#carryOut(command);
      else if (!this.unreported.includes(commandId)) this.unreported.push(commandId);
    }
  }

  /** A heartbeat with these was acknowledged: they need not be told again. */
  acknowledged(commands: number, reports: readonly TransferReport[]): void {
    this.unreported.splice(0, commands);
    for (const report of reports) {
      if (report.state !== 'copying') this.#transfers.delete(report.transferId);
    }
  }

  onTransferEnded(_transfer: Transfer): void {
    this.#listener.onNews();
  }

  onRemovalEnded(commandId: number, removed: boolean): void {
    this.#underWay.delete(commandId);
    // What found no space is not done: the order comes again.
    if (removed) this.#finish(commandId);
  }

  onInventoryEnded(commandId: number, noted: boolean): void {
    this.#underWay.delete(commandId);
    if (noted) this.#finish(commandId);
  }

  #carryOut(command: NodeCommand): void {
    switch (command.kind) {
      case 'transfer':
        this.#transfer(command);
        return;
      case 'cancel-transfer':
        this.#cancel(command.transferId);
        this.#finish(command.commandId);
        return;
      case 'delete-blocks':
        this.#remove(command.commandId, command.blocks, command.why ?? 'deleted');
        return;
      case 'drop-partition':
        this.#drop(command.commandId, command.partition, command.epoch);
        return;
      case 'pace-transfers':
        this.#pace(command.bytesPerSecond);
        this.#finish(command.commandId);
        return;
      case 'inventory':
        this.#underWay.add(command.commandId);
        new InventoryReport(this.#core.log, this.#channel, command.commandId, command.partition, this).start();
        return;
      case 'scrub':
        this.#core.scrubber.scrubNow();
        this.#finish(command.commandId);
        return;
    }
  }

  #transfer(command: TransferCommand): void {
    // Accepted is as good as done: from here on the transfer's own report tells.
    this.#finish(command.commandId);
    if (this.#transfers.has(command.transferId)) return;
    this.#core.fence.claim(this.#core.log.index.partition(command.partition));
    const transfer = new Transfer(command, this.#core, this.#paceBytesPerSecond, this);
    this.#transfers.set(command.transferId, transfer);
    transfer.start();
  }

  #pace(bytesPerSecond: number): void {
    // A rate that is none would stop repairs for good.
    if (!(bytesPerSecond > 0)) return;
    this.#paceBytesPerSecond = bytesPerSecond;
    for (const transfer of this.transfers) transfer.pace(bytesPerSecond);
  }

  #cancel(transferId: number): void {
    this.#transfers.get(transferId)?.cancel();
    this.#transfers.delete(transferId);
  }

  #drop(commandId: number, partition: number, epoch: number): void {
    const inventory = this.#core.log.index.partition(partition);
    if (!this.#core.fence.admitDrop(inventory, epoch)) {
      this.#finish(commandId);
      return;
    }
    for (const transfer of this.transfers) {
      if (transfer.command.partition === partition) this.#cancel(transfer.command.transferId);
    }
    this.#remove(commandId, [...inventory.entries.values()], 'dropped');
  }

  #remove(
    commandId: number,
    blocks: readonly { readonly id: string; readonly partition: number }[],
    why: RemovalReason,
  ): void {
    const { log, health } = this.#core;
    this.#underWay.add(commandId);
    new Removal(log, commandId, blocks, why, health, this).start();
  }

  #finish(commandId: number): void {
    this.#done.add(commandId);
    this.unreported.push(commandId);
  }
}
