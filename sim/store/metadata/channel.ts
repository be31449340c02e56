import type {
  CallFailure,
  CallHandler,
  CallId,
  Host,
  Message,
  NodeId,
  RandomStream,
  TimerHandler,
  TimerId,
} from '../../host.ts';
import { isMetadataReply, type MetadataReply, type MetadataRequest } from '../messages/metadata.ts';

/** Who waits for an answer of the metadata service. Exactly one of the two is called, once. */
export interface MetadataHandler {
  onMetadata(tag: number, reply: MetadataReply): void;
  /** No member answered in time. `mayTakeEffect`: one of them may have carried the request out, or may yet; else none did. */
  onMetadataFailed(tag: number, mayTakeEffect: boolean): void;
}

/** Settings of a {@link MetadataChannel}. */
export interface ChannelConfig {
  /** All members of the metadata service, at least one. */
  readonly metadata: readonly NodeId[];
  /** How long one member may take before the next is asked. */
  readonly metadataTimeoutMs: number;
  /** First pause before a member is asked again; doubles with each try up to 16 times as long, drawn with full jitter. */
  readonly metadataBackoffMs: number;
}

const BACKOFF_DOUBLINGS = 4;

/**
 * The caller's side of the metadata service: keeps to the member that answered last, follows leader hints, and asks the
 * others when one refuses, falls silent or does not lead. Requests that change something carry a token, so asking
 * twice is safe; a request is given up at its deadline.
 */
export class MetadataChannel {
  readonly host: Host;
  readonly config: ChannelConfig;
  readonly jitter: RandomStream;
  #leader = 0;

  constructor(host: Host, config: ChannelConfig) {
    this.host = host;
    this.config = config;
    this.jitter = host.random.stream('metadata-backoff');
  }

  /** Asks, and keeps asking until `deadlineMs` on the local monotonic clock. */
  ask(request: MetadataRequest, deadlineMs: number, handler: MetadataHandler, tag: number): MetadataCall {
    const call = new MetadataCall(this, request, deadlineMs, handler, tag);
    call.attempt();
    return call;
  }

  /** The member to ask now. */
  get leader(): NodeId {
    const id = this.config.metadata[this.#leader];
    if (id === undefined) throw new RangeError('metadata: no members');
    return id;
  }

  /** `member` does not lead: go to the one it named, else to the next. */
  moveOn(member: NodeId, hint: NodeId | undefined): void {
    if (member !== this.leader) return;
    const hinted = hint === undefined ? -1 : this.config.metadata.indexOf(hint);
    this.#leader = hinted >= 0 ? hinted : (this.#leader + 1) % this.config.metadata.length;
  }
}

/** One request on its way to whichever member answers it. */
export class MetadataCall implements CallHandler, TimerHandler {
  readonly #channel: MetadataChannel;
  readonly #request: MetadataRequest;
  readonly #deadlineMs: number;
  readonly #handler: MetadataHandler;
  readonly #tag: number;
  #state: 'calling' | 'pausing' | 'done' = 'pausing';
  #asked: NodeId = '';
  #call: CallId = 0;
  #timer: TimerId = 0;
  #tries = 0;
  #mayTakeEffect = false;

  constructor(
    channel: MetadataChannel,
    request: MetadataRequest,
    deadlineMs: number,
    handler: MetadataHandler,
    tag: number,
  ) {
    this.#channel = channel;
    this.#request = request;
    this.#deadlineMs = deadlineMs;
    this.#handler = handler;
    this.#tag = tag;
  }

  /** How often a member was asked. */
  get tries(): number {
    return this.#tries;
  }

  /**
   * An attempt before the last one has no answer, or one that leaves it open: it may have been carried out, or may be when
   * it arrives late. A refusal that came after it says nothing of it.
   */
  get mayTakeEffect(): boolean {
    return this.#mayTakeEffect;
  }

  /** Asks the member that is thought to lead. */
  attempt(): void {
    const { host, config } = this.#channel;
    const remainingMs = this.#deadlineMs - host.clock.nowMs();
    if (remainingMs <= 0) {
      // Never report from within `ask`: the caller may not have stored this call yet.
      if (this.#tries === 0) this.#pause(0);
      else this.#fail();
      return;
    }
    this.#tries += 1;
    this.#state = 'calling';
    this.#asked = this.#channel.leader;
    this.#call = host.network.call(
      this.#asked,
      this.#request,
      Math.min(remainingMs, config.metadataTimeoutMs),
      this,
      0,
    );
  }

  cancel(): void {
    if (this.#state === 'calling') this.#channel.host.network.cancel(this.#call);
    if (this.#state === 'pausing') this.#channel.host.timers.cancel(this.#timer);
    this.#state = 'done';
  }

  onReply(_tag: number, response: Message): void {
    if (!isMetadataReply(response) || response.kind === 'metadata.unavailable') {
      // The log may have taken a command and lost sight of it.
      this.#mayTakeEffect = true;
      this.#channel.moveOn(this.#asked, undefined);
      this.#retry();
    } else if (response.kind === 'metadata.not-leader') {
      this.#channel.moveOn(this.#asked, response.hint);
      this.#retry();
    } else {
      this.#state = 'done';
      this.#handler.onMetadata(this.#tag, response);
    }
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    if (failure !== 'refused') this.#mayTakeEffect = true;
    this.#channel.moveOn(this.#asked, undefined);
    this.#retry();
  }

  onTimer(): void {
    if (this.#deadlineMs - this.#channel.host.clock.nowMs() <= 0) this.#fail();
    else this.attempt();
  }

  #retry(): void {
    const doublings = Math.min(this.#tries - 1, BACKOFF_DOUBLINGS);
    const ceilingMs = this.#channel.config.metadataBackoffMs * (1 << doublings);
    const remainingMs = Math.max(0, this.#deadlineMs - this.#channel.host.clock.nowMs());
    this.#pause(Math.min(this.#channel.jitter.next() * ceilingMs, remainingMs));
  }

  #pause(delayMs: number): void {
    this.#state = 'pausing';
    this.#timer = this.#channel.host.timers.after(delayMs, this, 0);
  }

  #fail(): void {
    this.#state = 'done';
    this.#handler.onMetadataFailed(this.#tag, this.#mayTakeEffect);
  }
}
