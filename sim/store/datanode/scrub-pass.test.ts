import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockEntry } from './block-index.ts';
import { dataNodeConfigSchema } from './config.ts';
import { BlockLog } from './log.ts';
import { LogWrite } from './log-write.ts';
import { ScrubPass } from './scrub-pass.ts';
import { bareHost, testBlock } from './testdata/rig.ts';

class Write extends LogWrite {
  protected override onStored(): void {}
  protected override onNoSpace(): void {}
  protected override undo(): void {}
}

/** A log of `blocks` blocks in segments of five. */
function logOf(blocks: number): { readonly log: BlockLog; readonly entries: readonly BlockEntry[] } {
  const { kernel, host } = bareHost();
  const place = { metadata: ['m'], zone: 'z', rack: 'r', host: 'h' };
  const log = new BlockLog(host, dataNodeConfigSchema.parse({ ...place, segmentBytes: 4_900 }), 1);
  const entries = Array.from({ length: blocks }, (_, n) => {
    const { ref, bytes } = testBlock(`c.${n}`, 30, 1_000, n % 3);
    const entry = log.put(ref, 1, bytes, new Write());
    kernel.run(kernel.nowMs + 10);
    return entry;
  });
  return { log, entries };
}

function drain(pass: ScrubPass, windowBytes: number, batches = Number.POSITIVE_INFINITY): BlockEntry[] {
  const seen: BlockEntry[] = [];
  for (let n = 0; n < batches; n++) {
    const batch = pass.next(windowBytes);
    if (batch === undefined) break;
    seen.push(...batch.entries);
  }
  return seen;
}

const ids = (entries: readonly BlockEntry[]): string[] => entries.map(({ id }) => id).sort();

describe('a pass of the scrub', () => {
  const course = fc.record({
    blocks: fc.integer({ min: 1, max: 23 }),
    first: fc.nat(22),
    batches: fc.nat(12),
    windowBytes: fc.constantFrom(1, 2_200, 1e9),
    moved: fc.array(fc.nat(22), { maxLength: 6 }),
  });

  it('looks at each block once, from wherever it begins, whatever compaction moves and however often it is resumed', () => {
    fc.assert(
      fc.property(course, ({ blocks, first, batches, windowBytes, moved }) => {
        const { log, entries } = logOf(blocks);
        const pass = ScrubPass.begin(log, (bound) => first % bound);
        const before = drain(pass, windowBytes, batches);
        const wandering = new Set<BlockEntry>();
        for (const n of moved) {
          const entry = entries[n % blocks];
          if (entry === undefined || wandering.has(entry)) continue;
          wandering.add(entry);
          log.relocate(entry, new Uint8Array(80), new Write());
        }
        const { progress } = pass;
        const after = drain(pass, windowBytes);
        // What was moved is not looked at again: that was done as it was moved.
        const resting = entries.filter((entry) => !wandering.has(entry));
        expect(ids([...before, ...after].filter((entry) => !wandering.has(entry)))).toEqual(ids(resting));
        expect(after.filter((entry) => wandering.has(entry))).toEqual([]);
        const resumed = drain(ScrubPass.resume(log, progress), windowBytes);
        // One that had come to its very end looks like one that begins.
        if (after.length > 0) expect(ids(resumed.filter((e) => !wandering.has(e)))).toEqual(ids(after));
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it('reads neighbours together, up to the window', () => {
    const { log } = logOf(10);
    const pass = ScrubPass.begin(log, () => 0);
    const sizes: number[] = [];
    for (let batch = pass.next(2_200); batch !== undefined; batch = pass.next(2_200)) sizes.push(batch.entries.length);
    expect(sizes).toEqual([2, 2, 1, 2, 2, 1]);
  });

  it('leaves out what was removed or is known to be bad', () => {
    const { log, entries } = logOf(6);
    const pass = ScrubPass.begin(log, () => 0);
    const [gone, , bad] = entries;
    if (gone === undefined || bad === undefined) throw new Error('no blocks');
    log.remove([gone], new Write());
    log.index.quarantine(bad);
    expect(ids(drain(pass, 1))).toEqual(['c.1', 'c.3', 'c.4', 'c.5']);
  });
});
