import type { NodeId } from '../../../host.ts';
import { FrameWriter } from '../log/log-frame.ts';
import type { Entry, HardState, Membership, Snapshot, SnapshotPoint } from './entry.ts';

/** What a disk belongs to: who wrote it, and by whom the group was founded. Stands at the head of every log file. */
export interface Founding {
  readonly member: NodeId;
  readonly founders: readonly NodeId[];
}

/**
 * What stands in the frames of a member's log (`../log/log-frame.ts`), in the order in which it came: an entry replaces all
 * from its index on, a state replaces the one before. An entry's index is its frame's revision; the text begins with a
 * letter for the kind, and an entry's with its term.
 *
 * | text | record |
 * | --- | --- |
 * | `F{…}` | founding and format, JSON |
 * | `S{…}` | term, vote and commit index, JSON |
 * | `E7` | the empty entry of term 7 |
 * | `C7 …` | a command, as it was proposed |
 * | `M7 {…}` | a change of membership, JSON |
 */
export type LogRecord =
  | { readonly kind: 'founding'; readonly founding: Founding }
  | { readonly kind: 'state'; readonly state: HardState }
  | { readonly kind: 'entry'; readonly entry: Entry };

const format = 2;

export function writeFounding(frames: FrameWriter, founding: Founding): void {
  frames.add(0, `F${JSON.stringify({ format, ...founding })}`);
}

export function writeState(frames: FrameWriter, state: HardState): void {
  frames.add(0, `S${JSON.stringify(state)}`);
}

/** @returns the checksum of the entry's text, the same on all members. */
export function writeEntry(frames: FrameWriter, entry: Entry): number {
  return frames.add(entry.index, entryText(entry));
}

function entryText({ term, payload }: Entry): string {
  switch (payload.kind) {
    case 'empty':
      return `E${term}`;
    case 'command':
      return `C${term} ${payload.text}`;
    case 'membership':
      return `M${term} ${JSON.stringify(payload.change)}`;
  }
}

/** Undefined for what is of no known kind or format. */
export function decodeRecord(index: number, text: string): LogRecord | undefined {
  const kind = text[0];
  const body = text.slice(1);
  if (kind === 'F') {
    const founding: Founding & { readonly format: number } = JSON.parse(body);
    return founding.format === format ? { kind: 'founding', founding } : undefined;
  }
  if (kind === 'S') return { kind: 'state', state: JSON.parse(body) };
  const space = body.indexOf(' ');
  const term = Number(space < 0 ? body : body.slice(0, space));
  const rest = body.slice(space + 1);
  if (kind === 'E') return { kind: 'entry', entry: { index, term, payload: { kind: 'empty' } } };
  if (kind === 'C') return { kind: 'entry', entry: { index, term, payload: { kind: 'command', text: rest } } };
  if (kind === 'M')
    return { kind: 'entry', entry: { index, term, payload: { kind: 'membership', change: JSON.parse(rest) } } };
  return undefined;
}

export function encodeSnapshot({ index, term, voters, learners, records }: Snapshot): Uint8Array {
  const point: SnapshotPoint = { index, term, voters, learners };
  const frames = new FrameWriter();
  frames.add(index, JSON.stringify(point));
  for (const record of records) frames.add(index, record);
  frames.add(index, endMark(records.length + 1));
  return frames.take();
}

/** The snapshot that the texts of a file make, undefined if it is not whole. */
export function decodeSnapshot(texts: readonly string[]): Snapshot | undefined {
  const [first, ...rest] = texts;
  if (first === undefined || rest.pop() !== endMark(rest.length + 1)) return undefined;
  const point: SnapshotPoint = JSON.parse(first);
  return { ...point, records: rest };
}

/** What a founder begins with. */
export function foundingMembership({ founders }: Founding): Membership {
  return { voters: founders, learners: [] };
}

function endMark(texts: number): string {
  return `{"end":${texts}}`;
}
