import type { DiskHandler, DiskResult, FileInfo, RandomStream, TimerHandler, TimerId } from '../../host.ts';
import type { BlockEntry } from './block-index.ts';
import type { DiskHealth } from './disk-health.ts';
import type { BlockLog } from './log.ts';
import { verifiedBody } from './record-format.ts';
import { ScrubCheckpoint } from './scrub-checkpoint.ts';
import { recordBytes, type ScrubBatch, ScrubPass } from './scrub-pass.ts';
import type { TurnHandler, UpkeepPace } from './upkeep-pace.ts';

/**
 * Reads and verifies every block time and again, since rot in what nobody asks for is found in no other way, and is
 * harmless only as long as another copy is good (Schwarz et al., "Disk scrubbing in large archival storage systems",
 * MASCOTS 2004). It begins at a random time and place, so that the nodes do not look at the same things at the same time;
 * it goes on where it was after a restart; it keeps to its pace. What it finds is quarantined and reported; metadata
 * has it replaced from a good copy.
 */
export class Scrubber implements TimerHandler, TurnHandler, DiskHandler {
  readonly #log: BlockLog;
  readonly #health: DiskHealth;
  readonly #pace: UpkeepPace;
  readonly #checkpoint: ScrubCheckpoint;
  readonly #stream: RandomStream;
  #state: 'off' | 'resting' | 'waiting' | 'reading' = 'off';
  #timer: TimerId = 0;
  #pass: ScrubPass | undefined;
  #batch: ScrubBatch | undefined;
  /** Blocks of a batch that could not be read as a whole: read one by one. */
  #single: BlockEntry[] = [];
  #notedMs = 0;
  /** Somebody wants a pass of all that is here now, and the one under way may have missed some of it. */
  #again = false;

  constructor(log: BlockLog, health: DiskHealth, pace: UpkeepPace, files: readonly FileInfo[]) {
    this.#log = log;
    this.#health = health;
    this.#pace = pace;
    this.#checkpoint = new ScrubCheckpoint(log.host.disk, files);
    this.#stream = log.host.random.stream('scrub');
  }

  get state(): string {
    return this.#state;
  }

  /** From now on passes follow each other. */
  start(): void {
    const { config } = this.#log;
    if (config.scrub === 'off') return;
    this.#checkpoint.read((progress) => {
      // An order may have come first.
      if (this.#state !== 'off') return;
      if (progress === undefined) this.#rest(config.scrubPassMs * this.#stream.next());
      else this.#begin(ScrubPass.resume(this.#log, progress));
    });
  }

  /** A whole pass, as soon as possible: at once, or after the one under way. Also where the scrub is off. */
  scrubNow(): void {
    if (this.#pass !== undefined) {
      this.#again = true;
      return;
    }
    this.#log.host.timers.cancel(this.#timer);
    this.#begin(this.#newPass());
  }

  onTimer(): void {
    if (this.#state === 'resting') this.#begin(this.#newPass());
  }

  onTurn(): void {
    if (this.#state !== 'waiting' || this.#pass === undefined) return;
    const batch = this.#nextBatch(this.#pass);
    if (batch === undefined) {
      this.#end(this.#pass);
      return;
    }
    this.#state = 'reading';
    this.#batch = batch;
    this.#pace.pay(batch.chargedBytes);
    const { segment, offset, lengthBytes, chargedBytes } = batch;
    this.#log.host.disk.read(segment.file, offset, lengthBytes, chargedBytes, this, 0);
  }

  onDisk(_tag: number, result: DiskResult): void {
    const batch = this.#batch;
    const pass = this.#pass;
    if (this.#state !== 'reading' || batch === undefined || pass === undefined) return;
    if (result.ok) this.#verify(pass, batch, result.bytes ?? new Uint8Array(0));
    else if (batch.entries.length > 1) this.#single = [...batch.entries].reverse();
    else {
      const [entry] = batch.entries;
      const stands = entry !== undefined && this.#stands(entry, batch.segment, batch.offset);
      if (stands && this.#health.readFailed(this.#log, entry, result.error, 'scrub')) pass.corrupt += 1;
    }
    if (this.#single.length === 0) this.#note(pass);
    this.#queue();
  }

  #verify(pass: ScrubPass, batch: ScrubBatch, bytes: Uint8Array): void {
    let at = 0;
    for (const entry of batch.entries) {
      const lengthBytes = recordBytes(entry);
      const record = bytes.subarray(at, at + lengthBytes);
      const stands = this.#stands(entry, batch.segment, batch.offset + at);
      at += lengthBytes;
      if (!stands) continue;
      pass.blocks += 1;
      if (verifiedBody(record, entry) !== undefined) this.#health.readWell(entry);
      else {
        pass.corrupt += 1;
        this.#health.quarantine(this.#log, entry, 'scrub');
      }
    }
  }

  /** Is this block still where it was when it was read? If not it was removed, or was verified when it was moved. */
  #stands(entry: BlockEntry, segment: BlockEntry['segment'], offset: number): boolean {
    const isCurrent = this.#log.index.get(entry.partition, entry.id) === entry;
    return isCurrent && !entry.quarantined && entry.segment === segment && entry.offset === offset;
  }

  #nextBatch(pass: ScrubPass): ScrubBatch | undefined {
    for (let entry = this.#single.pop(); entry !== undefined; entry = this.#single.pop()) {
      const { segment, offset } = entry;
      if (!this.#stands(entry, segment, offset)) continue;
      const charge = recordBytes(entry) - entry.lengthBytes + entry.sizeBytes;
      return { segment, offset, lengthBytes: recordBytes(entry), chargedBytes: charge, entries: [entry] };
    }
    return pass.next(this.#log.config.scrubWindowBytes);
  }

  #newPass(): ScrubPass {
    return ScrubPass.begin(this.#log, (bound) => this.#stream.below(bound));
  }

  #begin(pass: ScrubPass): void {
    this.#pass = pass;
    this.#notedMs = this.#log.host.clock.nowMs();
    this.#queue();
  }

  #queue(): void {
    this.#state = 'waiting';
    this.#pace.awaitTurn(this);
  }

  #end(pass: ScrubPass): void {
    const { blocks, corrupt, beganMs } = pass;
    const { host, config } = this.#log;
    this.#pass = undefined;
    // Nothing to look at is nothing to tell of.
    if (!pass.isEmpty) {
      this.#health.emit({ kind: 'scrub-pass', blocks, corrupt });
      this.#checkpoint.write(undefined);
    }
    if (this.#again) {
      this.#again = false;
      this.#begin(this.#newPass());
    } else if (config.scrub === 'off') this.#state = 'off';
    else this.#rest(Math.max(0, beganMs + config.scrubPassMs - host.clock.nowMs()));
  }

  #rest(ms: number): void {
    this.#state = 'resting';
    this.#timer = this.#log.host.timers.after(ms, this, 0);
  }

  #note(pass: ScrubPass): void {
    const nowMs = this.#log.host.clock.nowMs();
    if (nowMs - this.#notedMs < this.#log.config.scrubCheckpointMs) return;
    this.#notedMs = nowMs;
    this.#checkpoint.write(pass.progress);
  }
}
