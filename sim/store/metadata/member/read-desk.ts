import type { Exchange, Message, NodeId } from '../../../host.ts';
import { isReadRequest, type MetadataReply, mapBytes, type ReadRequest } from '../../messages/metadata.ts';
import type { MetadataSettings } from '../config.ts';
import { faultInRequest, isMetadataRequest } from '../leader/validation.ts';
import { WaitingRoom } from '../leader/waiting-room.ts';
import type { LogFailure, ReadHandler } from '../log/replicated-log.ts';
import { listPage } from '../state/listing.ts';
import type { MetadataState } from '../state/state.ts';

/** What reads need of the log. */
export interface ReadLog {
  readonly leader: NodeId | undefined;
  readonly revision: number;
  read(handler: ReadHandler, tag: number): void;
  isFreshWithin(ms: number): boolean;
}

/** Told who wants to hear of later epochs. */
export interface Watchers {
  watch(node: NodeId): void;
}

/**
 * Answers reads on any member, leading or not: at once where the caller allows for staleness and the state is known to be
 * no older, else when the log says that the state holds all that was acknowledged before.
 */
export class ReadDesk implements ReadHandler {
  readonly #log: ReadLog;
  readonly #machine: { readonly state: MetadataState };
  readonly #settings: MetadataSettings;
  readonly #watchers: Watchers;
  readonly #waiting = new WaitingRoom();

  constructor(
    log: ReadLog,
    machine: { readonly state: MetadataState },
    settings: MetadataSettings,
    watchers: Watchers,
  ) {
    this.#log = log;
    this.#machine = machine;
    this.#settings = settings;
    this.#watchers = watchers;
  }

  /** Answers a request now or later if it is a read; false if it is none. */
  take(request: Message, exchange: Exchange): boolean {
    if (!isMetadataRequest(request) || !isReadRequest(request)) return false;
    const fault = faultInRequest(request, this.#settings);
    if (fault !== undefined) {
      const reply: MetadataReply = { kind: 'metadata.bad-request', detail: fault };
      exchange.reply(reply);
      return true;
    }
    if (request.kind === 'map.get') this.#watchers.watch(exchange.from);
    const withinMs = request.kind === 'object.lookup' ? request.staleWithinMs : undefined;
    if (withinMs !== undefined && this.#log.isFreshWithin(withinMs)) exchange.reply(this.#answer(request));
    else this.#log.read(this, this.#waiting.enter(request, exchange));
    return true;
  }

  onReadable(tag: number): void {
    const request = this.#waiting.request(tag);
    const exchange = this.#waiting.leave(tag);
    if (isReadRequest(request)) exchange.reply(this.#answer(request));
  }

  onReadFailed(tag: number, failure: LogFailure): void {
    const reply: MetadataReply =
      failure === 'not-leader'
        ? { kind: 'metadata.not-leader', hint: this.#log.leader }
        : { kind: 'metadata.unavailable', detail: 'no majority of the members confirms that the state is current' };
    this.#waiting.leave(tag).reply(reply);
  }

  #answer(request: ReadRequest): MetadataReply {
    const { state } = this.#machine;
    switch (request.kind) {
      case 'object.lookup': {
        const version = state.objects.get(request.key);
        return version === undefined ? { kind: 'object.missing', key: request.key } : { kind: 'object.found', version };
      }
      case 'object.list':
        return listPage(state, request);
      case 'map.get':
        if (!state.created) return this.#noMap(state);
        if (request.knownEpoch >= state.map.epoch) return { kind: 'map.unchanged', epoch: state.map.epoch };
        return { kind: 'map', map: state.map, controlBytes: mapBytes(state.map) };
    }
  }

  #noMap(state: MetadataState): MetadataReply {
    const expected = this.#settings.expectedNodes ?? this.#settings.replication;
    const detail = `no map yet: ${state.nodes.size} of ${expected} expected nodes have registered`;
    return { kind: 'metadata.unavailable', detail };
  }
}
