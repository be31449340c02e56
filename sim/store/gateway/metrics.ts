import type { GatewayError, GatewayReply } from '../messages/gateway.ts';
import type { AnswerObserver } from './request-context.ts';

/** What a gateway has counted since it started. Plain numbers: reading them costs nothing, writing hardly more. */
export class GatewayMetrics implements AnswerObserver {
  /** Well-formed requests that came in. */
  requests = 0;
  /** Answered with data. */
  data = 0;
  /** Answered with a write's quorum. */
  stored = 0;
  /** Answered with an error, by kind; malformed ones included. */
  readonly errors: Record<GatewayError, number> = {
    unavailable: 0,
    overloaded: 0,
    timeout: 0,
    'bad-gateway': 0,
    absent: 0,
    'no-space': 0,
    'bad-request': 0,
  };
  /** Requests refused as overloaded before any data node was asked: over a limit, or shed. */
  sheds = 0;
  /** Requests sent to data nodes that have ended. */
  attempts = 0;
  /** Those among them that repeat an earlier one of the same request. */
  retries = 0;
  timeouts = 0;
  ejections = 0;
  circuitsOpened = 0;
  panics = 0;

  onAnswer(reply: GatewayReply): void {
    switch (reply.kind) {
      case 'gateway.data':
        this.data += 1;
        return;
      case 'gateway.stored':
        this.stored += 1;
        return;
      case 'gateway.error':
        this.errors[reply.error] += 1;
        if (reply.error === 'overloaded' && reply.attempts === 0) this.sheds += 1;
    }
  }
}
