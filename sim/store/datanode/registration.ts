import type { Host, TimerHandler } from '../../host.ts';
import type { MetadataReply } from '../messages/metadata.ts';
import type { NodeDescription } from '../messages/node.ts';
import type { MetadataChannel, MetadataHandler } from '../metadata/channel.ts';

export type Registered = Extract<MetadataReply, { kind: 'node.registered' }>;

export interface RegistrationListener {
  onRegistered(reply: Registered, sentAtMs: number): void;
}

/** Asks the metadata leader to admit this node, until it does. */
export class Registration implements MetadataHandler, TimerHandler {
  readonly #host: Host;
  readonly #channel: MetadataChannel;
  readonly #node: NodeDescription;
  readonly #timeoutMs: number;
  readonly #listener: RegistrationListener;
  #state: 'idle' | 'asking' | 'pausing' = 'idle';
  #sentAtMs = 0;

  constructor(
    host: Host,
    channel: MetadataChannel,
    node: NodeDescription,
    timeoutMs: number,
    listener: RegistrationListener,
  ) {
    this.#host = host;
    this.#channel = channel;
    this.#node = node;
    this.#timeoutMs = timeoutMs;
    this.#listener = listener;
  }

  get state(): string {
    return this.#state;
  }

  /** Does nothing if it is under way already. */
  start(): void {
    if (this.#state === 'idle') this.#ask();
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    if (reply.kind === 'node.registered') {
      this.#state = 'idle';
      this.#listener.onRegistered(reply, this.#sentAtMs);
      return;
    }
    // Refused, as a node of this name with another disk is: an operator may resolve it, so ask again later.
    this.#state = 'pausing';
    this.#host.timers.after(this.#timeoutMs, this, 0);
  }

  onMetadataFailed(): void {
    this.#ask();
  }

  onTimer(): void {
    this.#ask();
  }

  #ask(): void {
    const nowMs = this.#host.clock.nowMs();
    this.#state = 'asking';
    this.#sentAtMs = nowMs;
    this.#channel.ask({ kind: 'node.register', node: this.#node }, nowMs + this.#timeoutMs, this, 0);
  }
}
