import type { Host, Message, TimerHandler } from '../../host.ts';
import { isMapChanged, type MetadataReply } from '../messages/metadata.ts';
import type { ClusterMap } from '../model.ts';
import type { MetadataChannel, MetadataHandler } from './channel.ts';

/** Told when a newer map has arrived. */
export interface MapListener {
  onMap(map: ClusterMap): void;
}

const REFRESH_DEADLINE_MS = 5_000;

/**
 * The cluster map as one process knows it. Learns of newer epochs from `map.changed`, from answers that carry an epoch, and
 * by asking every `pollMs` in case both were lost; a refresh is single-flight, however many notice at once.
 */
export class MapCache implements MetadataHandler, TimerHandler {
  readonly #host: Host;
  readonly #channel: MetadataChannel;
  readonly #listener: MapListener;
  readonly #pollMs: number;
  #map: ClusterMap | undefined;
  #seenEpoch = 0;
  #refreshing = false;

  constructor(host: Host, channel: MetadataChannel, pollMs: number, listener: MapListener) {
    this.#host = host;
    this.#channel = channel;
    this.#listener = listener;
    this.#pollMs = pollMs;
  }

  /** Undefined until the first map has arrived. */
  get map(): ClusterMap | undefined {
    return this.#map;
  }

  get epoch(): number {
    return this.#map?.epoch ?? 0;
  }

  start(): void {
    this.#refresh();
    this.#host.timers.after(this.#pollMs, this, 0);
  }

  /** Somebody knows of `epoch`: refreshes if that is news. */
  noticeEpoch(epoch: number): void {
    if (epoch <= this.epoch) return;
    if (epoch > this.#seenEpoch) this.#seenEpoch = epoch;
    this.#refresh();
  }

  /** Takes a one-way message if it is about the map; returns whether it was. */
  onMessage(message: Message): boolean {
    if (!isMapChanged(message)) return false;
    this.noticeEpoch(message.epoch);
    return true;
  }

  onTimer(): void {
    this.#refresh();
    this.#host.timers.after(this.#pollMs, this, 0);
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    this.#refreshing = false;
    if (reply.kind !== 'map') return;
    // A deposed leader or a delayed answer must never take an observer back, and is not asked again at once.
    if (reply.map.epoch <= this.epoch) return;
    this.#map = reply.map;
    this.#listener.onMap(reply.map);
    if (this.#seenEpoch > this.epoch) this.#refresh();
  }

  onMetadataFailed(): void {
    this.#refreshing = false;
    if (this.#map === undefined) this.#refresh();
  }

  #refresh(): void {
    if (this.#refreshing) return;
    this.#refreshing = true;
    this.#channel.ask(
      { kind: 'map.get', knownEpoch: this.epoch },
      this.#host.clock.nowMs() + REFRESH_DEADLINE_MS,
      this,
      0,
    );
  }
}
