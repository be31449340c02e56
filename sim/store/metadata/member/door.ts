import type { Exchange, Message, NodeId, Service } from '../../../host.ts';
import type { MetadataReply } from '../../messages/metadata.ts';
import type { GroupDesk } from './group-desk.ts';
import type { ReadDesk } from './read-desk.ts';

/** What the door asks of the log. */
export interface DoorLog {
  readonly isLeader: boolean;
  readonly leader: NodeId | undefined;
}

/** What members of a replicated log say to each other; false for whatever is none of it. */
export interface MemberTalk {
  receive(message: Message): boolean;
  receiveCall(request: Message, exchange: Exchange): boolean;
}

/**
 * The door of one member. What members say to each other goes to the log; reads are answered here, leading or not; all else
 * is for the leader, and is answered elsewhere with who that is, as far as it is known.
 */
export class Door implements Service {
  readonly #log: DoorLog;
  readonly #talk: MemberTalk | undefined;
  readonly #reads: ReadDesk;
  readonly #group: GroupDesk;
  /** What answers requests while this member leads. */
  leading: Service | undefined;

  constructor(log: DoorLog, talk: MemberTalk | undefined, reads: ReadDesk, group: GroupDesk) {
    this.#log = log;
    this.#talk = talk;
    this.#reads = reads;
    this.#group = group;
  }

  onRequest(request: Message, exchange: Exchange): void {
    if (this.#reads.take(request, exchange)) return;
    if (this.#talk?.receiveCall(request, exchange) === true) return;
    if (!this.#log.isLeader || this.leading === undefined) {
      const reply: MetadataReply = { kind: 'metadata.not-leader', hint: this.#log.leader };
      exchange.reply(reply);
    } else if (!this.#group.take(request, exchange)) {
      this.leading.onRequest(request, exchange);
    }
  }

  onMessage(message: Message, from: NodeId): void {
    if (this.#talk?.receive(message) !== true) this.leading?.onMessage(message, from);
  }
}
