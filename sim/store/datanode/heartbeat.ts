import type { Host, TimerHandler, TimerId } from '../../host.ts';
import type { MetadataReply } from '../messages/metadata.ts';
import type { Heartbeat } from '../messages/node.ts';
import type { MetadataCall, MetadataChannel, MetadataHandler } from '../metadata/channel.ts';
import type { BlockService } from './block-service.ts';
import type { CommandExecutor } from './command-executor.ts';
import type { PeerHealth } from './peer-health.ts';

const FIXED_BYTES = 64;
const BYTES_PER_ENTRY = 16;
const BYTES_PER_REPORT = 64;

export interface BeatListener {
  /** Answered. `sentAtMs` is when the beat was first sent. */
  onBeat(reply: MetadataReply, sentAtMs: number): void;
}

/**
 * Tells the metadata leader regularly how this node does, and hears its orders. At most one beat is open; what it told is
 * told again until one is acknowledged.
 */
export class HeartbeatLoop implements TimerHandler, MetadataHandler {
  readonly #host: Host;
  readonly #channel: MetadataChannel;
  readonly #service: BlockService;
  readonly #executor: CommandExecutor;
  readonly #peers: PeerHealth;
  readonly #listener: BeatListener;
  #state: 'stopped' | 'resting' | 'beating' = 'stopped';
  #intervalMs = 0;
  #timer: TimerId = 0;
  #call: MetadataCall | undefined;
  #beat: Heartbeat | undefined;
  #sentAtMs = 0;
  /** There is news that the open beat does not tell. */
  #again = false;

  constructor(
    host: Host,
    channel: MetadataChannel,
    service: BlockService,
    executor: CommandExecutor,
    peers: PeerHealth,
    listener: BeatListener,
  ) {
    this.#host = host;
    this.#channel = channel;
    this.#service = service;
    this.#executor = executor;
    this.#peers = peers;
    this.#listener = listener;
  }

  /** Beats now and then every `intervalMs`. */
  start(intervalMs: number): void {
    this.stop();
    this.#intervalMs = intervalMs;
    this.#send();
  }

  stop(): void {
    this.#host.timers.cancel(this.#timer);
    this.#call?.cancel();
    this.#call = undefined;
    this.#state = 'stopped';
  }

  /** Does not wait for the next turn. */
  beatNow(): void {
    if (this.#state === 'beating') this.#again = true;
    if (this.#state !== 'resting') return;
    this.#host.timers.cancel(this.#timer);
    this.#send();
  }

  onTimer(): void {
    if (this.#state === 'resting') this.#send();
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    const beat = this.#beat;
    if (this.#state !== 'beating' || beat === undefined) return;
    this.#state = 'resting';
    if (reply.kind === 'node.beat') {
      this.#service.health.unreported.splice(0, beat.corrupt.length);
      this.#executor.acknowledged(beat.doneCommands.length, beat.transfers);
    }
    this.#rest();
    this.#listener.onBeat(reply, this.#sentAtMs);
  }

  onMetadataFailed(): void {
    if (this.#state === 'beating') this.#send();
  }

  #rest(): void {
    const dueMs = this.#again ? 0 : this.#sentAtMs + this.#intervalMs - this.#host.clock.nowMs();
    this.#again = false;
    this.#timer = this.#host.timers.after(Math.max(0, dueMs), this, 0);
  }

  #send(): void {
    const nowMs = this.#host.clock.nowMs();
    this.#state = 'beating';
    this.#again = false;
    this.#sentAtMs = nowMs;
    const beat = this.#compose();
    this.#beat = beat;
    // A beat that found no leader for a whole interval is out of date: the next one takes its place.
    this.#call = this.#channel.ask(beat, nowMs + this.#intervalMs, this, 0);
  }

  #compose(): Heartbeat {
    const { log, health, fence, inFlight } = this.#service;
    const digests = log.index
      .inventories()
      .filter(({ blocks }) => blocks > 0)
      .map(({ partition, digest, blocks }) => [partition, digest, blocks] as const);
    const corrupt = [...health.unreported];
    const transfers = this.#executor.reports;
    const unreachable = this.#peers.unreachable;
    const doneCommands = [...this.#executor.unreported];
    const verified = transfers.reduce((sum, report) => sum + report.verified.length, 0);
    const entries = digests.length + corrupt.length + unreachable.length + doneCommands.length + verified;
    return {
      kind: 'node.heartbeat',
      id: this.#host.id,
      incarnation: this.#host.incarnation,
      epoch: fence.known,
      usedBytes: this.#host.disk.usedBytes,
      capacityBytes: this.#host.disk.capacityBytes,
      inFlight,
      diskErrors: health.errors,
      diskFailing: health.failing,
      readOnly: log.space.readOnly,
      quarantined: log.index.quarantined,
      unreachable,
      corrupt,
      transfers,
      doneCommands,
      digests,
      controlBytes: FIXED_BYTES + BYTES_PER_ENTRY * entries + BYTES_PER_REPORT * transfers.length,
    };
  }
}
