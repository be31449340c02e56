import { LOSS, type Mutant } from './mutant.ts';

const DATA = 'sim/store/datanode';

/** Defects of data nodes. */
export const DATA_NODE_MUTANTS: readonly Mutant[] = [
  {
    id: 'data-acknowledges-before-sync',
    description: 'a block is acknowledged when it is written, not when it is durable',
    edits: [{ file: `${DATA}/log-write.ts`, find: 'if (!this.#syncs) this.onStored();', replace: 'this.onStored();' }],
    expects: ['I1', 'exception'],
    because: 'a crash of the machine takes it back',
    focus: 'failing-syncs',
  },
  {
    id: 'data-goes-on-after-failed-sync',
    description: 'a failed sync is taken for a good one',
    edits: [
      {
        file: `${DATA}/commit-queue.ts`,
        find: "if (!result.ok && result.error !== 'not-found') {",
        replace: "if (!result.ok && result.error === 'out-of-range') {",
      },
    ],
    expects: ['I1'],
    because: 'what the disk never had is acknowledged',
    focus: 'failing-syncs',
  },
  {
    id: 'data-accepts-old-epochs',
    description: 'writers with an old map are not fenced off',
    edits: [{ file: `${DATA}/epoch-fence.ts`, find: 'if (epoch < this.oldest(inventory)) return false;', replace: '' }],
    expects: ['I1', 'I6', 'I6-fencing'],
    because: 'a replica that was moved away goes on taking writes',
    focus: 'cut-off',
  },
  {
    id: 'data-serves-without-a-lease',
    description: 'a node goes on acknowledging writes when its lease has run out',
    edits: [
      {
        file: `${DATA}/lease.ts`,
        find: 'return this.#clock.nowMs() < this.#untilMs;',
        replace: 'return this.#untilMs > Number.NEGATIVE_INFINITY;',
      },
    ],
    expects: ['I13'],
    because: 'metadata may have given it up meanwhile',
    focus: 'cut-off',
  },
  {
    id: 'data-keeps-a-torn-tail',
    description: 'what a crash left of a record stays in the file, while the log goes on as if it had been cut off',
    edits: [
      {
        file: `${DATA}/start-up.ts`,
        find: 'this.#host.disk.truncate(segment.file, readableBytes, this, TRIMMED);',
        replace: 'this.#nextSegment();',
      },
    ],
    expects: ['I1', 'I2-linearizable', 'I8', 'I8-answers', 'I18'],
    because:
      'the disk holds bytes that the log does not count, and what is written next is looked for in the wrong place',
    focus: 'failing-syncs',
  },
  {
    id: 'data-compaction-loses-blocks',
    description: 'every other live block of a segment is not copied before the segment is removed',
    edits: [
      {
        file: `${DATA}/compaction.ts`,
        find: 'this.#moved.push(entry);',
        replace: 'this.#moved.push(entry);\n    if (this.#moved.length % 2 === 0) return;',
      },
      {
        file: `${DATA}/compaction.ts`,
        find: 'if (this.#segment.liveBytes > this.#tombstoneBytes) this.#reportUnmet();',
        replace: '',
      },
    ],
    expects: [...LOSS, 'I8-answers', 'exception'],
    because: 'what was acknowledged stands nowhere any more',
    focus: 'compaction',
  },
  {
    id: 'data-repairs-from-unverified',
    description: 'a copy for another node is neither verified where it is read nor where it arrives',
    edits: [
      {
        file: `${DATA}/read-operation.ts`,
        find: 'const body = result.bytes === undefined ? undefined : verifiedBody(result.bytes, entry);',
        replace:
          'const copy = this.#key === undefined ? result.bytes?.subarray(-entry.lengthBytes) : undefined;\n    const body = copy ?? (result.bytes === undefined ? undefined : verifiedBody(result.bytes, entry));',
      },
      {
        file: `${DATA}/block-arrival.ts`,
        find: 'body.sizeBytes !== block.sizeBytes || crc32c(body.bytes) !== block.checksum',
        replace: 'body.sizeBytes !== block.sizeBytes',
      },
    ],
    expects: ['I1', 'I8-answers', 'exception'],
    because: 'a rotten copy takes the place of a good one, until none is good',
    focus: 'rot-and-moves',
  },
  {
    id: 'data-never-scrubs',
    description: 'nobody looks at what nobody reads',
    edits: [
      {
        file: `${DATA}/scrubber.ts`,
        find: "this.#state = 'waiting';\n    this.#pace.awaitTurn(this);",
        replace: "this.#state = 'waiting';",
      },
    ],
    expects: ['I11-found'],
    because: 'corruption stays where it is',
    focus: 'rot',
  },
  {
    id: 'data-deletes-nothing',
    description: 'an order to delete blocks is reported as carried out, and was not',
    edits: [
      {
        file: `${DATA}/command-executor.ts`,
        find: "this.#remove(command.commandId, command.blocks, command.why ?? 'deleted');",
        replace: 'this.#finish(command.commandId);',
      },
    ],
    expects: ['I8-leftovers'],
    because: 'blocks stay that metadata knows nothing of any more',
    focus: 'leftovers',
  },
];
