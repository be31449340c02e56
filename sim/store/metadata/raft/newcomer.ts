import type { Host, Message, NodeId, TimerHandler } from '../../../host.ts';
import { isRaftMessage, type JoinRequest, type RaftMessage } from './messages.ts';

/**
 * A node that has nothing to go by: its disk is empty, or holds what may not be used any more. It asks the members that it
 * knows of to be let in, promises nobody anything, and begins when a leader speaks to it under its new name.
 */
export class Newcomer implements TimerHandler {
  readonly member: NodeId;
  readonly #host: Host;
  readonly #peers: readonly NodeId[];
  readonly #everyMs: number;
  #waits = true;

  /** @param member - A name that nobody ever had. */
  constructor(host: Host, member: NodeId, peers: readonly NodeId[], everyMs: number) {
    this.#host = host;
    this.member = member;
    this.#peers = peers.filter((peer) => peer !== host.id);
    this.#everyMs = everyMs;
  }

  start(): void {
    this.onTimer();
  }

  /** A leader speaks to this node as to a member. */
  isAddressedBy(message: Message): message is RaftMessage {
    if (!isRaftMessage(message) || message.to !== this.member) return false;
    return message.kind === 'raft.append' || message.kind === 'raft.heartbeat';
  }

  /** It has been let in. */
  stop(): void {
    this.#waits = false;
  }

  onTimer(): void {
    if (!this.#waits) return;
    const request: JoinRequest = { kind: 'raft.join', member: this.member };
    for (const peer of this.#peers) this.#host.network.send(peer, request);
    this.#host.timers.after(this.#everyMs, this, 0);
  }
}
