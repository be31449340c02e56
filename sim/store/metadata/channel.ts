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
import { isMetadataReply, isReadRequest, type MetadataReply, type MetadataRequest } from '../messages/metadata.ts';
import { PeerRotation } from '../peer-rotation.ts';

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
  /** Who is asked what changes nothing: the leader (default), or all members in turn, which spreads the load and costs a question more. */
  readonly metadataReads?: 'leader' | 'any' | undefined;
}

/** Pays for repeated requests. */
export interface RetryAllowance {
  /** A request that is not itself a retry is being sent. */
  earn(): void;
  /** Takes one retry, if there is one. */
  spend(): boolean;
}

const BACKOFF_DOUBLINGS = 4;

/** A member that could not answer a read is passed over for so long, then one read tries it again: see `PassiveHealth`. */
const PASSED_OVER = { maxFails: 1, failTimeoutMs: 2_000, countTimeouts: true };

/**
 * The caller's side of the metadata service: keeps to the member that answered last, follows leader hints, also to members
 * that joined since the start, and asks the others when one refuses, falls silent or does not lead. Requests that change something carry a token, so asking
 * twice is safe; a request is given up at its deadline.
 */
export class MetadataChannel {
  readonly host: Host;
  readonly config: ChannelConfig;
  readonly jitter: RandomStream;
  /** Undefined where retries are free. */
  readonly retries: RetryAllowance | undefined;
  #leader: NodeId;
  /** Whose turn it is to be read from; undefined where that is the leader alone. */
  readonly #readers: PeerRotation | undefined;

  /** @throws RangeError if there are no members. */
  constructor(host: Host, config: ChannelConfig, retries?: RetryAllowance) {
    const [first] = config.metadata;
    if (first === undefined) throw new RangeError('metadata: found no members, accepted: at least one');
    this.#leader = first;
    this.host = host;
    this.config = config;
    this.retries = retries;
    this.jitter = host.random.stream('metadata-backoff');
    this.#readers = config.metadataReads === 'any' ? new PeerRotation(config.metadata, PASSED_OVER, 0) : undefined;
  }

  /** Asks, and keeps asking until `deadlineMs` on the local monotonic clock. */
  ask(request: MetadataRequest, deadlineMs: number, handler: MetadataHandler, tag: number): MetadataCall {
    const call = new MetadataCall(this, request, deadlineMs, handler, tag);
    this.retries?.earn();
    call.attempt();
    return call;
  }

  /** The member to ask now. */
  memberFor(request: MetadataRequest): NodeId {
    if (this.#readers === undefined || !isReadRequest(request)) return this.#leader;
    return this.#readers.next(this.host.clock.nowMs()).id;
  }

  /** `member` said what it was asked. */
  answered(member: NodeId): void {
    const reader = this.#readers?.get(member);
    if (reader !== undefined) this.#readers?.health.answered(reader);
  }

  /** `member` gave no answer, or could not find one: reads pass it over for a while. */
  failed(member: NodeId, failure: CallFailure): void {
    const reader = this.#readers?.get(member);
    if (reader !== undefined) this.#readers?.health.failed(reader, failure, this.host.clock.nowMs());
  }

  /** `member` does not lead: go to the one it named, else to the next. */
  moveOn(member: NodeId, hint: NodeId | undefined): void {
    if (member !== this.#leader) return;
    const { metadata } = this.config;
    // A leader that is not in the list has no place there; whoever follows it begins with the first.
    const next = metadata[(metadata.indexOf(member) + 1) % metadata.length];
    if (hint !== undefined && hint !== member) this.#leader = hint;
    else if (next !== undefined) this.#leader = next;
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
  /** Members that attempts may have cost work, in vain. */
  readonly #troubled: NodeId[] = [];

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

  /** Asks the member that is thought to lead, or for a read whoever's turn it is. */
  attempt(): void {
    const { host, config } = this.#channel;
    const remainingMs = this.#deadlineMs - host.clock.nowMs();
    if (remainingMs <= 0) {
      // Never report from within `ask`: the caller may not have stored this call yet.
      if (this.#tries === 0) this.#pause(0);
      else this.#fail();
      return;
    }
    const member = this.#channel.memberFor(this.#request);
    if (!this.#mayAsk(member)) {
      // Somebody else may lead by now; else others may earn what this costs before its time is up.
      this.#channel.moveOn(member, undefined);
      this.#retry();
      return;
    }
    this.#tries += 1;
    this.#state = 'calling';
    this.#asked = member;
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
    if (
      !isMetadataReply(response) ||
      response.kind === 'metadata.unavailable' ||
      response.kind === 'metadata.unknown'
    ) {
      if (response.kind !== 'metadata.unavailable') this.#mayTakeEffect = true;
      this.#troubled.push(this.#asked);
      this.#channel.failed(this.#asked, 'refused');
      this.#channel.moveOn(this.#asked, undefined);
      this.#retry();
    } else if (response.kind === 'metadata.not-leader') {
      this.#channel.moveOn(this.#asked, response.hint);
      this.#retry();
    } else {
      this.#state = 'done';
      this.#channel.answered(this.#asked);
      this.#handler.onMetadata(this.#tag, response);
    }
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    if (failure !== 'refused') {
      this.#mayTakeEffect = true;
      this.#troubled.push(this.#asked);
    }
    this.#channel.failed(this.#asked, failure);
    this.#channel.moveOn(this.#asked, undefined);
    this.#retry();
  }

  onTimer(): void {
    if (this.#deadlineMs - this.#channel.host.clock.nowMs() <= 0) this.#fail();
    else this.attempt();
  }

  /**
   * A retry must be paid for where it may double somebody's work: at a member that was troubled before, and wherever all
   * members do the same work. Asking another who leads costs next to nothing, and nobody is spared by not asking.
   */
  #mayAsk(member: NodeId): boolean {
    const { retries, config } = this.#channel;
    if (retries === undefined || this.#troubled.length === 0) return true;
    const alike = config.metadataReads === 'any' && isReadRequest(this.#request);
    return !(alike || this.#troubled.includes(member)) || retries.spend();
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
