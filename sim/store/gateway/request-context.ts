import type { Exchange } from '../../host.ts';
import type { GatewayError, GatewayReply, GatewayRequest } from '../messages/gateway.ts';
import { isPassing } from './errors.ts';

/** Something that sees the answer to a request on its way out. */
export interface ResponseModifier {
  /** Returns the answer, or another in its place. Called once for each request that it let in. */
  modifyResponse?(context: RequestContext, reply: GatewayReply): GatewayReply;
}

/** Told of each answer as it is sent. */
export interface AnswerObserver {
  onAnswer(reply: GatewayReply): void;
}

/** One request on its way through the gateway: the middleware that it has passed, and the exchange that wants an answer. */
export class RequestContext {
  readonly request: GatewayRequest;
  readonly exchange: Exchange;
  /** When it arrived, on the gateway's monotonic clock; only for layers that have noted it. */
  arrivedMs = 0;
  /** How many layers have been entered; the answer passes back through exactly these. */
  depth = 0;
  readonly #layers: readonly ResponseModifier[];
  readonly #observer: AnswerObserver;
  #answered = false;

  constructor(
    request: GatewayRequest,
    exchange: Exchange,
    layers: readonly ResponseModifier[],
    observer: AnswerObserver,
  ) {
    this.request = request;
    this.exchange = exchange;
    this.#layers = layers;
    this.#observer = observer;
  }

  get answered(): boolean {
    return this.#answered;
  }

  /** Passes `reply` back through the layers that were entered, innermost first, and sends it. @throws Error when called twice. */
  answer(reply: GatewayReply): void {
    if (this.#answered) throw new Error(`${this.request.kind}: a request was answered twice`);
    this.#answered = true;
    let final = reply;
    for (let layer = Math.min(this.depth, this.#layers.length) - 1; layer >= 0; layer--) {
      final = this.#layers[layer]?.modifyResponse?.(this, final) ?? final;
    }
    this.#observer.onAnswer(final);
    this.exchange.reply(final);
  }

  /** Answers with an error; `retryAfterMs` is said where the same request may fare better later. */
  refuse(error: GatewayError, attempts: number, epoch: number, retryAfterMs: number): void {
    this.answer({
      kind: 'gateway.error',
      error,
      attempts,
      epoch,
      retryAfterMs: isPassing(error) ? retryAfterMs : undefined,
    });
  }
}
