import type { Exchange, Message, NodeId, Service } from '../../../host.ts';
import type { MetadataReply } from '../../messages/metadata.ts';

/** What the service of a member asks of its log. */
export interface MemberLog {
  readonly isLeader: boolean;
  readonly leader: NodeId | undefined;
  receive(message: Message): boolean;
}

/**
 * The door of one member: what members say to each other goes to the log; requests go to the leader's service while this
 * member leads, and are otherwise answered with who does, as far as that is known.
 */
export class MemberService implements Service {
  readonly #log: MemberLog;
  /** What answers requests while this member leads. */
  leading: Service | undefined;

  constructor(log: MemberLog) {
    this.#log = log;
  }

  onRequest(request: Message, exchange: Exchange): void {
    if (this.#log.isLeader && this.leading !== undefined) {
      this.leading.onRequest(request, exchange);
      return;
    }
    const reply: MetadataReply = { kind: 'metadata.not-leader', hint: this.#log.leader };
    exchange.reply(reply);
  }

  onMessage(message: Message, from: NodeId): void {
    if (!this.#log.receive(message)) this.leading?.onMessage(message, from);
  }
}
