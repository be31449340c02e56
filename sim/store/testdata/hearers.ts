import type { CallFailure, CallHandler, Message } from '../../host.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Outcome, OutcomeHandler } from '../client/outcome.ts';
import type { GatewayReply } from '../messages/gateway.ts';

/** What a caller of a gateway has heard. */
export class Answer implements CallHandler {
  readonly #kernel: Kernel;
  call = 0;
  reply: GatewayReply | undefined;
  failure: CallFailure | undefined;
  endedMs = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get ended(): boolean {
    return this.reply !== undefined || this.failure !== undefined;
  }

  onReply(_tag: number, response: Message): void {
    this.reply = response as GatewayReply;
    this.endedMs = this.#kernel.nowMs;
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    this.failure = failure;
    this.endedMs = this.#kernel.nowMs;
  }
}

/** Outcomes that a client has told, in order. */
export class Heard implements OutcomeHandler {
  readonly outcomes: Outcome[] = [];

  onOutcome(_tag: number, outcome: Outcome): void {
    this.outcomes.push(outcome);
  }
}
