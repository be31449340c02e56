import type { DiskHandler, DiskResult, Host } from '../../host.ts';
import type { CommitWaiter } from './commit-queue.ts';
import type { Segment } from './segment.ts';
import type { SpaceBudget } from './space-budget.ts';

/** The log, as far as a write needs it. */
export interface WrittenLog {
  readonly host: Host;
  readonly space: SpaceBudget;
}

/**
 * Something that is being appended to the log. It is told once: `onStored` when it survives a crash (or, with
 * `fsync: 'never'`, when it is written), `onNoSpace` when the disk was full and the log is as it was before.
 */
export abstract class LogWrite implements DiskHandler, CommitWaiter {
  #state: 'idle' | 'appending' | 'appended' | 'failed' = 'idle';
  #log: WrittenLog | undefined;
  #segment: Segment | undefined;
  #offset = 0;
  #lengthBytes = 0;
  #chargedBytes = 0;
  #syncs = false;

  protected abstract onStored(): void;
  protected abstract onNoSpace(): void;
  /** Takes back what the log noted of this write when it was issued. */
  protected abstract undo(): void;

  /** Called by the log as it issues the append; `syncs` if a commit will follow. */
  begin(
    log: WrittenLog,
    segment: Segment,
    offset: number,
    lengthBytes: number,
    chargedBytes: number,
    syncs: boolean,
  ): void {
    this.#state = 'appending';
    this.#log = log;
    this.#segment = segment;
    this.#offset = offset;
    this.#lengthBytes = lengthBytes;
    this.#chargedBytes = chargedBytes;
    this.#syncs = syncs;
  }

  /** The append has ended. */
  onDisk(_tag: number, result: DiskResult): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    if (result.ok) {
      this.#state = 'appended';
      if (!this.#syncs) this.onStored();
      return;
    }
    this.#state = 'failed';
    if (result.error !== 'no-space') {
      this.#log?.host.abort(`append to ${segment.file} failed: ${result.error}`);
      return;
    }
    this.#log?.space.onNoSpace();
    segment.chargedBytes -= this.#chargedBytes;
    // Unless a later append has set it right already.
    if (segment.lengthBytes === this.#offset + this.#lengthBytes) segment.lengthBytes = this.#offset;
    this.undo();
    if (!this.#syncs) this.onNoSpace();
  }

  /** The sync that covers the append has ended. */
  onDurable(): void {
    if (this.#state === 'failed') this.onNoSpace();
    else this.onStored();
  }
}
