import type { Exchange, Host, Message, NodeId, TimerHandler } from '../../../host.ts';
import { type GroupRequest, isGroupRequest, type MetadataReply } from '../../messages/metadata.ts';
import type { MetadataSettings } from '../config.ts';
import { faultInRequest, isMetadataRequest } from '../leader/validation.ts';
import type { LogFailure, ProposalHandler } from '../log/replicated-log.ts';
import type { MetadataState } from '../state/state.ts';

/** A log whose members can change. */
export interface Group {
  readonly leader: NodeId | undefined;
  changeMember(
    change: 'add' | 'remove',
    node: NodeId,
    handler: ProposalHandler<undefined>,
    tag: number,
  ): string | undefined;
  handOver(node: NodeId): string | undefined;
}

/**
 * Carries out what an operator wants of the group that keeps the log, on the leader: members come and go one by one,
 * leadership is handed over. Each request is answered when it is done, or refused with the reason.
 */
export class GroupDesk implements ProposalHandler<undefined>, TimerHandler {
  readonly #host: Host;
  readonly #settings: MetadataSettings;
  readonly #machine: { readonly state: MetadataState };
  readonly #group: Group | undefined;
  readonly #changes = new Map<number, Exchange>();
  #lastTag = 0;
  #handover: { readonly to: NodeId; readonly exchange: Exchange; readonly untilMs: number } | undefined;

  /** @param group - Undefined where there is one member. */
  constructor(
    host: Host,
    settings: MetadataSettings,
    machine: { readonly state: MetadataState },
    group: Group | undefined,
  ) {
    this.#host = host;
    this.#settings = settings;
    this.#machine = machine;
    this.#group = group;
  }

  /** Answers a request now or later if it is about the group; false if it is not. */
  take(request: Message, exchange: Exchange): boolean {
    if (!isMetadataRequest(request) || !isGroupRequest(request)) return false;
    const fault = faultInRequest(request, this.#settings);
    if (fault !== undefined) reply(exchange, { kind: 'metadata.bad-request', detail: fault });
    else this.#begin(request, exchange);
    return true;
  }

  onApplied(tag: number): void {
    this.#answer(tag, this.#done());
  }

  onProposalFailed(tag: number, failure: LogFailure): void {
    const detail = 'leadership was lost meanwhile';
    this.#answer(tag, { kind: failure === 'unknown' ? 'metadata.unknown' : 'metadata.unavailable', detail });
  }

  onTimer(): void {
    const handover = this.#handover;
    if (handover === undefined) return;
    const { to, exchange, untilMs } = handover;
    const done = this.#group?.leader === to;
    if (!done && this.#host.clock.nowMs() < untilMs) {
      this.#watch();
      return;
    }
    this.#handover = undefined;
    reply(exchange, done ? this.#done() : refused(`to: found ${to}, which did not take over in time`));
  }

  #begin(request: GroupRequest, exchange: Exchange): void {
    const { epoch } = this.#machine.state.map;
    const group = this.#group;
    if (request.epoch !== 'any' && request.epoch !== epoch)
      reply(exchange, refused(`epoch: found ${request.epoch}, accepted: ${epoch} or 'any'`));
    else if (group === undefined) reply(exchange, refused('the log has one member and is not replicated'));
    else if (request.kind === 'admin.lead') this.#handOver(group, request.to, exchange);
    else {
      this.#lastTag += 1;
      const why = group.changeMember(request.change, request.member, this, this.#lastTag);
      if (why === undefined) this.#changes.set(this.#lastTag, exchange);
      else reply(exchange, refused(why));
    }
  }

  #handOver(group: Group, to: NodeId, exchange: Exchange): void {
    const { tickMs, electionTicks } = this.#settings.raft;
    const why = this.#handover === undefined ? group.handOver(to) : 'leadership is being handed over';
    if (why !== undefined) {
      reply(exchange, refused(why));
      return;
    }
    this.#handover = { to, exchange, untilMs: this.#host.clock.nowMs() + 2 * electionTicks * tickMs };
    this.#watch();
  }

  #watch(): void {
    this.#host.timers.after(this.#settings.raft.tickMs / 2, this, 0);
  }

  #answer(tag: number, answer: MetadataReply): void {
    const exchange = this.#changes.get(tag);
    this.#changes.delete(tag);
    if (exchange !== undefined) reply(exchange, answer);
  }

  #done(): MetadataReply {
    return { kind: 'admin.done', epoch: this.#machine.state.map.epoch };
  }
}

function reply(exchange: Exchange, answer: MetadataReply): void {
  exchange.reply(answer);
}

function refused(detail: string): MetadataReply {
  return { kind: 'admin.refused', detail };
}
