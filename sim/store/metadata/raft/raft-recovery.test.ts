import { describe, expect, it } from 'vitest';
import type { Host } from '../../../host.ts';
import { Kernel } from '../../../kernel/kernel.ts';
import { instantNetwork, smallNode } from '../../../world/testing.ts';
import { World } from '../../../world/world.ts';
import { raftFiles } from '../log/log-files.ts';
import { FrameWriter } from '../log/log-frame.ts';
import type { Entry, HardState } from './entry.ts';
import { encodeSnapshot, writeEntry, writeFounding, writeState } from './raft-files.ts';
import { RaftRecovery, type Recovered } from './raft-recovery.ts';

const founders = ['m-1', 'm-2', 'm-3'];
const membership = { voters: founders, learners: [] };
const nobody = { onDisk: () => {} };

const entry = (index: number, term = 1): Entry => ({ index, term, payload: { kind: 'command', text: `"${index}"` } });
const state = (commit: number, term = 1): HardState => ({ term, vote: 'm-2', commit });
const entries = (first: number, last: number, term = 1) =>
  Array.from({ length: last - first + 1 }, (_, i) => entry(first + i, term));

/** A log file as a member writes it. */
function log(...records: readonly (Entry | HardState)[]): Uint8Array {
  const frames = new FrameWriter();
  writeFounding(frames, { member: 'm-1', founders });
  for (const record of records) {
    if ('payload' in record) writeEntry(frames, record);
    else writeState(frames, record);
  }
  return frames.take();
}

const snapshot = (index: number) => encodeSnapshot({ index, term: 1, ...membership, records: ['"s"'] });

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const flipped = bytes.slice();
  const place = at < 0 ? bytes.length + at : at;
  flipped[place] = (flipped[place] ?? 0) ^ 4;
  return flipped;
}

/** What a start finds on a disk with these files. */
function recover(files: Readonly<Record<string, Uint8Array>>): Recovered | string {
  const kernel = new Kernel('recovery');
  const world = new World(kernel, instantNetwork, () => {});
  let found: Recovered | string = 'nothing was found';
  const write = (host: Host) => {
    for (const [name, bytes] of Object.entries(files)) {
      host.disk.append(name, bytes, bytes.length, nobody, 0);
      host.disk.sync(name, nobody, 0);
    }
  };
  const read = (host: Host) => {
    const handler = {
      onRecovered: (recovered: Recovered) => {
        found = recovered;
      },
      onDamaged: (why: string) => {
        found = why;
      },
    };
    new RaftRecovery(host, handler).start();
  };
  world.addNode(smallNode('m-1'), (host) => (host.incarnation === 1 ? write(host) : read(host)));
  world.start('m-1');
  kernel.run(100);
  world.crash('m-1', { mode: 'machine' });
  world.restart('m-1');
  kernel.run(200);
  return found;
}

describe('a start', () => {
  it('finds what was written last where entries and states were written over', () => {
    const found = recover({
      [raftFiles.log(0)]: log(state(0), ...entries(1, 5), state(1, 2), ...entries(4, 4, 2)),
    });
    expect(found).toMatchObject({ founding: { member: 'm-1', founders }, hardState: state(1, 2), snapshot: undefined });
    if (typeof found === 'string') return;
    expect(found.entries).toEqual([...entries(1, 3), entry(4, 2)]);
    expect(found.checksums.size).toBeGreaterThanOrEqual(4);
  });

  it('finds nothing on an empty disk, and says so', () => {
    expect(recover({})).toMatchObject({ founding: undefined, entries: [], files: [] });
  });

  it('goes on behind a snapshot, with what follows from the same history', () => {
    const found = recover({
      [raftFiles.log(0)]: log(state(5), ...entries(1, 7)),
      [raftFiles.snapshot(5)]: snapshot(5),
      [raftFiles.log(5)]: log(state(5), ...entries(6, 8)),
    });
    expect(found).toMatchObject({ snapshot: { index: 5 }, entries: entries(6, 8), fileIndex: 5 });
  });

  it('drops a torn tail, of which nobody was told', () => {
    const whole = log(state(2), ...entries(1, 3));
    for (const cut of [1, 10, 25]) {
      const found = recover({ [raftFiles.log(0)]: whole.subarray(0, whole.length - cut) });
      expect(found).toMatchObject({ entries: entries(1, 2) });
    }
  });

  it('falls back on an older snapshot where the newest is half written', () => {
    const newest = snapshot(9);
    const found = recover({
      [raftFiles.snapshot(5)]: snapshot(5),
      [raftFiles.log(5)]: log(state(9), ...entries(6, 9)),
      [raftFiles.snapshot(9)]: newest.subarray(0, newest.length - 3),
      [raftFiles.log(9)]: log(state(9)),
    });
    expect(found).toMatchObject({ snapshot: { index: 5 }, entries: entries(6, 9) });
  });

  it.each<[string, Readonly<Record<string, Uint8Array>>, RegExp]>([
    [
      'a flipped bit in the middle',
      { [raftFiles.log(0)]: flip(log(state(0), ...entries(1, 5)), 200) },
      /fails its checksum/,
    ],
    ['a flipped bit in the last record', { [raftFiles.log(0)]: flip(log(...entries(1, 5)), -1) }, /fails its checksum/],
    [
      'a log that ends too early, and is not the last',
      { [raftFiles.log(0)]: log(...entries(1, 5)).subarray(0, -1), [raftFiles.log(5)]: log(...entries(6, 7)) },
      /ends within a record/,
    ],
    [
      'a log that is missing between two others',
      { [raftFiles.log(0)]: log(...entries(1, 5)), [raftFiles.log(9)]: log(state(9)) },
      /no entries between 5 and 9/,
    ],
    ['a first log that is missing', { [raftFiles.log(5)]: log(...entries(6, 7)) }, /no entries between 0 and 5/],
    [
      'a snapshot that is damaged, with nothing before it',
      { [raftFiles.snapshot(5)]: flip(snapshot(5), 30), [raftFiles.log(5)]: log(...entries(6, 7)) },
      /no entries between 0 and 5/,
    ],
    ['a snapshot without its log', { [raftFiles.snapshot(5)]: snapshot(5) }, /a snapshot without the log/],
    [
      'entries that were committed and are not there',
      { [raftFiles.log(0)]: log(...entries(1, 2), state(3)) },
      /3 is committed/,
    ],
    [
      'records without a founding',
      { [raftFiles.log(0)]: log(...entries(1, 2)).subarray(log().length) },
      /no founding before the first record/,
    ],
  ])('takes for damage: %s', (_what, files, why) => {
    expect(recover(files)).toMatch(why);
  });
});
