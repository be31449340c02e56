import type { Exchange, Host, Message, Service, TimerHandler } from '../../host.ts';

/** What a scripted node does with a request: an answer, no answer at all, or what it does without a script. */
export type Scripted<Reply> = Reply | 'silent' | undefined;

/** Answers after a delay, and counts the aborts that reach it. */
export abstract class ScriptedServer<Request extends Message, Reply extends Message> implements Service {
  readonly heard: Request[] = [];
  /** Until when callers wait, as the exchanges of the requests heard say. */
  readonly deadlinesMs: number[] = [];
  script: (request: Request) => Scripted<Reply> = () => undefined;
  delayMs = 0;
  aborts = 0;
  host: Host | undefined;

  boot(host: Host): void {
    this.host = host;
    host.network.serve(this);
  }

  onRequest(message: Message, exchange: Exchange): void {
    const request = message as Request;
    this.heard.push(request);
    this.deadlinesMs.push(exchange.deadlineMs);
    const scripted = this.script(request);
    const abort = { onAborted: () => this.#onAborted(exchange) };
    exchange.onAbort(abort);
    if (scripted === 'silent') return;
    const reply = scripted ?? this.serve(request, exchange);
    if (this.delayMs === 0 || this.host === undefined) exchange.reply(reply);
    else this.host.timers.after(this.delayMs, new LateReply(exchange, reply), 0);
  }

  onMessage(): void {}

  protected abstract serve(request: Request, exchange: Exchange): Reply;

  #onAborted(_exchange: Exchange): void {
    this.aborts += 1;
  }
}

class LateReply implements TimerHandler {
  readonly #exchange: Exchange;
  readonly #reply: Message;

  constructor(exchange: Exchange, reply: Message) {
    this.#exchange = exchange;
    this.#reply = reply;
  }

  onTimer(): void {
    if (!this.#exchange.aborted) this.#exchange.reply(this.#reply);
  }
}
