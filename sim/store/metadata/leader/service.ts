import type { Exchange, Message, Service } from '../../../host.ts';
import type { MetadataReply, MetadataRequest } from '../../messages/metadata.ts';
import type { LogFailure, ProposalHandler, ReadHandler } from '../log/replicated-log.ts';
import type { Command, CommandResult } from '../state/commands.ts';
import type { Announcer } from './announcer.ts';
import type { Leader } from './leader.ts';
import type { NodeIntake } from './node-intake.ts';
import { faultInRequest, isMetadataRequest } from './validation.ts';
import { WaitingRoom } from './waiting-room.ts';

/**
 * Answers requests while this member leads. Everything is checked before it is proposed; changes are answered when they are
 * durable and applied, reads when the log says that the state is current.
 */
export class MetadataService implements Service, ProposalHandler<CommandResult>, ReadHandler {
  readonly #leader: Leader;
  readonly #intake: NodeIntake;
  readonly #announcer: Announcer;
  readonly #waiting = new WaitingRoom();

  constructor(leader: Leader, intake: NodeIntake, announcer: Announcer) {
    this.#leader = leader;
    this.#intake = intake;
    this.#announcer = announcer;
  }

  onRequest(request: Message, exchange: Exchange): void {
    if (!isMetadataRequest(request)) {
      exchange.reply(badRequest(`kind: found ${request.kind}, accepted: a request to metadata`));
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
    exchange.reply(this.#read(request));
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

  #begin(request: MetadataRequest, exchange: Exchange): void {
    switch (request.kind) {
      case 'object.lookup':
      case 'object.list':
      case 'admin.status':
        this.#leader.log.read(this, this.#waiting.enter(request, exchange));
        break;
      case 'map.get':
        this.#announcer.watch(exchange.from);
        this.#leader.log.read(this, this.#waiting.enter(request, exchange));
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
      default:
        if (this.#leader.state.created) this.#propose(this.#commandFor(request), request, exchange);
        else exchange.reply(this.#noMap());
    }
  }

  #propose(command: Command, request: MetadataRequest, exchange: Exchange): void {
    this.#leader.log.propose(command, this, this.#waiting.enter(request, exchange));
  }

  #commandFor(
    request: Extract<
      MetadataRequest,
      { kind: 'object.commit' | 'object.delete' | 'blocks.confirmed' | 'admin.drain' | 'admin.weight' }
    >,
  ): Command {
    const atMs = this.#leader.clock.nowMs();
    switch (request.kind) {
      case 'object.commit': {
        const { kind, key, sizeBytes, blocks, acked, condition, token } = request;
        return { kind, atMs, key, sizeBytes, blocks, acked, condition, token };
      }
      case 'object.delete': {
        const { kind, key, condition, token } = request;
        return { kind, atMs, key, condition, token };
      }
      case 'blocks.confirmed':
        return { kind: 'blocks.confirm', atMs, confirmed: request.confirmed };
      case 'admin.drain':
        return {
          kind: 'node.membership',
          atMs,
          node: request.node,
          membership: 'draining',
          why: 'asked to leave',
          epoch: request.epoch,
        };
      case 'admin.weight':
        return { kind: 'node.weight', atMs, node: request.node, weight: request.weight, epoch: request.epoch };
    }
  }

  #read(request: MetadataRequest): MetadataReply {
    const { state } = this.#leader;
    switch (request.kind) {
      case 'object.lookup': {
        const version = state.objects.get(request.key);
        return version === undefined ? { kind: 'object.missing', key: request.key } : { kind: 'object.found', version };
      }
      case 'object.list': {
        const { entries, next } = state.objects.list(request.prefix, request.limit, request.after);
        let controlBytes = 16;
        for (const { key } of entries) controlBytes += key.length + 16;
        return { kind: 'object.page', entries, next, revision: this.#leader.log.revision, controlBytes };
      }
      case 'map.get':
        if (!state.created) return this.#noMap();
        if (request.knownEpoch >= state.map.epoch) return { kind: 'map.unchanged', epoch: state.map.epoch };
        return { kind: 'map', map: state.map, controlBytes: this.#mapBytes() };
      default:
        return {
          kind: 'admin.state',
          map: state.map,
          objects: state.objects.size,
          openMoves: state.moves.size,
          controlBytes: this.#mapBytes(),
        };
    }
  }

  #outcome(request: MetadataRequest, result: CommandResult): MetadataReply {
    const admin = request.kind === 'admin.drain' || request.kind === 'admin.weight';
    if (result.kind === 'refused')
      return admin ? { kind: 'admin.refused', detail: result.detail } : badRequest(result.detail);
    if (admin) return { kind: 'admin.done', epoch: this.#leader.state.map.epoch };
    if (request.kind === 'node.register') return this.#intake.registered(request.node);
    if (request.kind === 'node.heartbeat') return this.#intake.answer(request);
    return result.kind === 'done' || result.kind === 'moves' ? { kind: 'blocks.noted' } : result;
  }

  #failed(failure: LogFailure): MetadataReply {
    if (failure === 'not-leader') return { kind: 'metadata.not-leader', hint: this.#leader.log.leader };
    return {
      kind: 'metadata.unavailable',
      detail: failure === 'unknown' ? 'the log did not answer' : 'the log takes no entries now',
    };
  }

  #noMap(): MetadataReply {
    const { state, settings } = this.#leader;
    const expected = settings.expectedNodes ?? settings.replication;
    return {
      kind: 'metadata.unavailable',
      detail: `no map yet: ${state.nodes.size} of ${expected} expected nodes have registered`,
    };
  }

  /** Names in the map are numbers on the wire. */
  #mapBytes(): number {
    const { nodes, partitions, replication } = this.#leader.state.map;
    return 64 * nodes.length + (4 + 2 * replication) * partitions.length;
  }
}

function badRequest(detail: string): MetadataReply {
  return { kind: 'metadata.bad-request', detail };
}
