import { LOSS, type Mutant } from './mutant.ts';

/** A planted defect that the checks do not find. */
export interface Hole extends Mutant {
  /** What is known of why not. */
  readonly known: string;
}

const DATA = 'sim/store/datanode';

/** Planted defects that nothing has found yet. One that is found belongs to the others. */
export const HOLES: readonly Hole[] = [
  {
    id: 'data-compaction-removes-early',
    description: 'a segment is removed before the copies of its live blocks are durable',
    edits: [
      {
        file: `${DATA}/compaction.ts`,
        find: "this.#state = 'syncing';\n    this.#log.settle(this);\n  }\n\n  onReadFailed",
        replace: "this.#state = 'syncing';\n    this.onDurable();\n  }\n\n  onReadFailed",
      },
    ],
    expects: [...LOSS, 'I8-answers', 'exception'],
    because: 'a crash of the machine takes the copies, and the originals are gone',
    focus: 'compaction',
    known:
      'not in 73 trials: presumably since the power must fail between the removal and the next sync of the log, milliseconds later',
  },
  {
    id: 'data-drops-tombstones-early',
    description:
      'compaction drops tombstones while records of the deleted blocks are still there: they are back after a restart',
    edits: [
      {
        file: `${DATA}/tombstone-ledger.ts`,
        find: 'return segment !== undefined && segment.number <= lastCovered;',
        replace: 'return false;',
      },
    ],
    expects: ['I8-leftovers', 'I16', 'I18'],
    because: 'what was deleted is there again, and is told of as an orphan or never',
    focus: 'leftovers',
    known:
      'not in 38 trials: ids are never used twice, so no client sees what is back, and presumably orphans are collected before anybody minds',
  },
  {
    id: 'gateway-counts-one-as-quorum',
    description: 'a write is answered when the first replica has it, as if all had',
    edits: [
      {
        file: 'sim/store/gateway/write-fanout.ts',
        find: 'if (this.#votes >= writeQuorum) this.#answer();',
        replace:
          'if (this.#votes >= 1) {\n      this.#acked = this.#targets.map(({ id }) => id);\n      this.#answer();\n    }',
      },
    ],
    expects: ['I1', 'I2-linearizable', 'I8-answers'],
    because: 'fewer than W disks need to go for it to be lost, or stragglers never get it',
    focus: 'lost-disks',
    known:
      'not in 50 trials: presumably since the disk of the one must be lost before the others, which are sent the block all the same, have it',
  },
];
