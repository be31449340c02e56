import type { Disk, DiskHandler, DiskResult, FileInfo } from '../../host.ts';
import { crc32c } from '../hash.ts';

/** The file that says how far the scrub has come. */
export const SCRUB_FILE = 'scrub';

const PREFIX = 'evenkeel-scrub 1';
/** The file begins anew when it is longer. */
const LARGEST_BYTES = 4_096;

/** A place in the log. */
export interface LogPosition {
  readonly segment: number;
  readonly offset: number;
}

/** How far one pass has come. */
export interface ScrubProgress {
  /** Where the pass began: it goes round from there. */
  readonly from: LogPosition;
  /** All up to here, going round, was looked at. */
  readonly upTo: LogPosition;
  readonly blocks: number;
  readonly corrupt: number;
}

/** Before `b`? By segment, then by offset. */
export function comparePositions(a: LogPosition, b: LogPosition): number {
  return a.segment - b.segment || a.offset - b.offset;
}

/** One line of the file: a pass under way, or none. */
export function encodeProgress(progress: ScrubProgress | undefined): string {
  const { from, upTo, blocks, corrupt } = progress ?? { from: NOWHERE, upTo: NOWHERE, blocks: 0, corrupt: 0 };
  const numbers = [from.segment, from.offset, upTo.segment, upTo.offset, blocks, corrupt];
  const line = `${PREFIX} ${numbers.join(' ')}`;
  return `${line} ${checksumOf(line)}\n`;
}

/** What the last whole line says; undefined if there is none, or it says that no pass is under way. */
export function decodeProgress(text: string): ScrubProgress | undefined {
  for (const line of text.split('\n').reverse()) {
    const end = line.lastIndexOf(' ');
    const stated = line.slice(0, end);
    if (!stated.startsWith(PREFIX) || line.slice(end + 1) !== checksumOf(stated)) continue;
    const [fromSegment, fromOffset, segment, offset, blocks, corrupt] = stated
      .slice(PREFIX.length + 1)
      .split(' ')
      .map(Number);
    if (fromSegment === undefined || fromOffset === undefined || segment === undefined) return undefined;
    if (offset === undefined || blocks === undefined || corrupt === undefined || fromSegment === 0) return undefined;
    return { from: { segment: fromSegment, offset: fromOffset }, upTo: { segment, offset }, blocks, corrupt };
  }
  return undefined;
}

/** Keeps the progress of the scrub on disk. Losing it costs no more than looking at some blocks again. */
export class ScrubCheckpoint implements DiskHandler {
  readonly #disk: Disk;
  #lengthBytes: number;
  #onRead: ((progress: ScrubProgress | undefined) => void) | undefined;

  /** `files`: what was on the disk when the process began. */
  constructor(disk: Disk, files: readonly FileInfo[]) {
    this.#disk = disk;
    this.#lengthBytes = files.find(({ name }) => name === SCRUB_FILE)?.lengthBytes ?? 0;
  }

  /** Reads what the process before this one has noted. */
  read(onRead: (progress: ScrubProgress | undefined) => void): void {
    if (this.#lengthBytes === 0) {
      onRead(undefined);
      return;
    }
    this.#onRead = onRead;
    this.#disk.read(SCRUB_FILE, 0, this.#lengthBytes, this.#lengthBytes, this, 0);
  }

  write(progress: ScrubProgress | undefined): void {
    if (this.#lengthBytes > LARGEST_BYTES) {
      this.#disk.remove(SCRUB_FILE, this, 0);
      this.#lengthBytes = 0;
    }
    const line = encodeProgress(progress);
    const bytes = Uint8Array.from(line, (character) => character.charCodeAt(0));
    this.#lengthBytes += bytes.length;
    this.#disk.append(SCRUB_FILE, bytes, bytes.length, this, 0);
    this.#disk.sync(SCRUB_FILE, this, 0);
  }

  /** A note that could not be written is not missed. */
  onDisk(_tag: number, result: DiskResult): void {
    const onRead = this.#onRead;
    if (onRead === undefined) return;
    this.#onRead = undefined;
    onRead(result.ok && result.bytes !== undefined ? decodeProgress(textOf(result.bytes)) : undefined);
  }
}

const NOWHERE: LogPosition = { segment: 0, offset: 0 };

function checksumOf(line: string): string {
  return crc32c(Uint8Array.from(line, (character) => character.charCodeAt(0))).toString(16);
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
