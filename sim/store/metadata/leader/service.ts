import type { Exchange, Message, Service } from '../../../host.ts';
import {
  type GroupRequest,
  isGroupRequest,
  isReadRequest,
  type MetadataReply,
  type MetadataRequest,
  type ReadRequest,
} from '../../messages/metadata.ts';
import type { LogFailure, ProposalHandler, ReadHandler } from '../log/replicated-log.ts';
import type { Command, CommandResult } from '../state/commands.ts';
import { type AdminDesk, isAdminQuestion } from './admin-desk.ts';
import type { Leader } from './leader.ts';
import type { NodeIntake } from './node-intake.ts';
import { commandFor } from './proposals.ts';
import { faultInRequest, isMetadataRequest } from './validation.ts';
import { WaitingRoom } from './waiting-room.ts';

/** What only the leader answers. The rest is taken at the door, on any member (`../member`). */
type LeaderRequest = Exclude<MetadataRequest, ReadRequest | GroupRequest>;

/**
 * Answers requests while this member leads. Everything is checked before it is proposed; changes are answered when they are
 * durable and applied.
 */
export class MetadataService implements Service, ProposalHandler<CommandResult>, ReadHandler {
  readonly #leader: Leader;
  readonly #intake: NodeIntake;
  readonly #desk: AdminDesk;
  readonly #waiting = new WaitingRoom();

  constructor(leader: Leader, intake: NodeIntake, desk: AdminDesk) {
    this.#leader = leader;
    this.#intake = intake;
    this.#desk = desk;
  }

  onRequest(request: Message, exchange: Exchange): void {
    if (!isMetadataRequest(request) || isReadRequest(request) || isGroupRequest(request)) {
      exchange.reply(badRequest(`kind: found ${request.kind}, accepted: a request to the leader of metadata`));
      return;
    }
    const fault = faultInRequest(request, this.#leader.settings);
    if (fault !== undefined) exchange.reply(badRequest(fault));
    else if (this.#leader.log.isLeader) this.#begin(request, exchange);
    else exchange.reply(this.#failed('not-leader'));
  }

  /** Nothing is told to metadata one-way. */
  onMessage(): void {}

  onReadable(tag: number): void {
    const request = this.#waiting.request(tag);
    const exchange = this.#waiting.leave(tag);
    if (isAdminQuestion(request)) exchange.reply(this.#desk.answer(request));
  }

  onReadFailed(tag: number, failure: LogFailure): void {
    this.#waiting.leave(tag).reply(this.#failed(failure));
  }

  onApplied(tag: number, result: CommandResult): void {
    const request = this.#waiting.request(tag);
    this.#waiting.leave(tag).reply(this.#outcome(request, result));
  }

  onProposalFailed(tag: number, failure: LogFailure): void {
    this.#waiting.leave(tag).reply(this.#failed(failure));
  }

  #begin(request: LeaderRequest, exchange: Exchange): void {
    switch (request.kind) {
      case 'admin.status':
      case 'admin.plan':
      case 'admin.trace':
      case 'admin.lost':
      case 'admin.scrub':
        this.#leader.log.read(this, this.#waiting.enter(request, exchange));
        break;
      case 'health.report':
        this.#intake.onHealthReport(exchange.from, request);
        exchange.reply({ kind: 'health.noted' });
        break;
      case 'node.heartbeat': {
        const heard = this.#intake.hear(request);
        if (heard === 'unknown') exchange.reply({ kind: 'node.unknown' });
        else if (heard === undefined) exchange.reply(this.#intake.answer(request));
        else this.#propose(heard, request, exchange);
        break;
      }
      case 'node.register': {
        const command = this.#intake.admit(request.node);
        if (typeof command === 'string') exchange.reply(badRequest(command));
        else this.#propose(command, request, exchange);
        break;
      }
      case 'node.inventory':
        exchange.reply(this.#intake.onInventory(request));
        break;
      case 'node.leave': {
        const leave = this.#intake.leave(request);
        if (leave === 'unknown') exchange.reply({ kind: 'node.unknown' });
        else if (leave === undefined) exchange.reply(this.#intake.leaving(request.id));
        else this.#propose(leave, request, exchange);
        break;
      }
      case 'admin.weight': {
        const command = this.#intake.reweigh(request);
        if (typeof command === 'string') exchange.reply(refused(command));
        else this.#propose(command, request, exchange);
        break;
      }
      default:
        if (this.#leader.state.created)
          this.#propose(commandFor(request, this.#leader.clock.nowMs()), request, exchange);
        else exchange.reply(this.#noMap());
    }
  }

  #propose(command: Command, request: LeaderRequest, exchange: Exchange): void {
    this.#leader.log.propose(command, this, this.#waiting.enter(request, exchange));
  }

  #outcome(request: MetadataRequest, result: CommandResult): MetadataReply {
    const admin = request.kind.startsWith('admin.') || request.kind === 'node.leave';
    if (result.kind === 'refused') return admin ? refused(result.detail) : badRequest(result.detail);
    if (request.kind === 'node.leave') return this.#intake.leaving(request.id);
    if (admin) return { kind: 'admin.done', epoch: this.#leader.state.map.epoch };
    if (request.kind === 'node.register') return this.#intake.registered(request.node);
    if (request.kind === 'node.heartbeat') return this.#intake.answer(request);
    if (request.kind === 'object.commit' && result.kind === 'object.committed') this.#intake.onCommitted(request);
    const silent = result.kind === 'done' || result.kind === 'moves' || result.kind === 'condemned';
    return silent ? { kind: 'blocks.noted' } : result;
  }

  #failed(failure: LogFailure): MetadataReply {
    if (failure === 'not-leader') return { kind: 'metadata.not-leader', hint: this.#leader.log.leader };
    return failure === 'unknown'
      ? { kind: 'metadata.unknown', detail: 'the log lost sight of it' }
      : { kind: 'metadata.unavailable', detail: 'the log takes no entries now' };
  }

  #noMap(): MetadataReply {
    const { state, settings } = this.#leader;
    const expected = settings.expectedNodes ?? settings.replication;
    return {
      kind: 'metadata.unavailable',
      detail: `no map yet: ${state.nodes.size} of ${expected} expected nodes have registered`,
    };
  }
}

function badRequest(detail: string): MetadataReply {
  return { kind: 'metadata.bad-request', detail };
}

function refused(detail: string): MetadataReply {
  return { kind: 'admin.refused', detail };
}
