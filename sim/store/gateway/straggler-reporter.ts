import type { Host, NodeId, TimerHandler } from '../../host.ts';
import { confirmationBytes } from '../messages/metadata.ts';
import type { MetadataChannel, MetadataHandler } from '../metadata/channel.ts';

interface Confirmation {
  readonly id: string;
  readonly partition: number;
  readonly node: NodeId;
}

const DEADLINE_MS = 2_000;

/**
 * Tells metadata of replicas that had a block durably only after its write was answered, many at a time. What gets lost here
 * costs a needless look by repair, nothing more.
 *
 * What is told comes at least `everyMs` after the write's answer, at most twice that or as long after the straggler: metadata
 * knows a block only from its object's commit, which the client sends when it has the answers for all blocks, and a
 * confirmation that comes before it falls on deaf ears.
 */
export class StragglerReporter implements TimerHandler, MetadataHandler {
  readonly #host: Host;
  readonly #channel: MetadataChannel;
  readonly #everyMs: number;
  /** To be told at the report after the next. */
  #fresh: Confirmation[] = [];
  /** To be told at the next report. */
  #ripe: Confirmation[] = [];
  #scheduled = false;

  constructor(host: Host, channel: MetadataChannel, everyMs: number) {
    this.#host = host;
    this.#channel = channel;
    this.#everyMs = everyMs;
  }

  /** `answeredMs`: when the client was told, on the local monotonic clock. */
  confirm(id: string, partition: number, node: NodeId, answeredMs: number): void {
    const isRipe = this.#host.clock.nowMs() - answeredMs >= this.#everyMs;
    (isRipe ? this.#ripe : this.#fresh).push({ id, partition, node });
    this.#schedule();
  }

  onTimer(): void {
    this.#scheduled = false;
    const confirmed = this.#ripe;
    this.#ripe = this.#fresh;
    this.#fresh = [];
    if (this.#ripe.length > 0) this.#schedule();
    if (confirmed.length === 0) return;
    const controlBytes = confirmationBytes(confirmed);
    const deadlineMs = this.#host.clock.nowMs() + DEADLINE_MS;
    this.#channel.ask({ kind: 'blocks.confirmed', confirmed, controlBytes }, deadlineMs, this, 0);
  }

  onMetadata(): void {}

  onMetadataFailed(): void {}

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#host.timers.after(this.#everyMs, this, 0);
  }
}
