import type { Mutant } from './mutant.ts';

const GATEWAY = 'sim/store/gateway';

/** Defects on the way of requests: clients, gateways, the map that they go by, and the world between them. */
export const PATH_MUTANTS: readonly Mutant[] = [
  {
    id: 'gateway-acknowledges-too-early',
    description: 'a write is answered when it was sent, before any replica has it, as if all had',
    edits: [
      {
        file: `${GATEWAY}/write-fanout.ts`,
        find: 'if (this.#votes >= writeQuorum) this.#answer();',
        replace:
          'if (this.#votes < this.#targets.length) this.#acked = this.#targets.map(({ id }) => id);\n    if (writeQuorum > 0) this.#answer();',
      },
    ],
    expects: ['I1', 'I2-linearizable', 'I8-answers'],
    because: 'whoever was down or had no room never gets it, and nobody knows',
    focus: 'power-cuts',
  },
  {
    id: 'gateway-retries-without-end',
    description: 'the retry budget never runs out',
    edits: [{ file: 'sim/store/retry-budget.ts', find: 'if (this.#tokens < 1) return false;', replace: '' }],
    expects: ['I15'],
    because: 'retries grow with failures instead of with requests',
    focus: 'lost-disks',
  },
  {
    id: 'gateway-picks-strangers',
    description: 'a read is sent to any data node that is up, whether it holds the partition or not',
    edits: [
      {
        file: `${GATEWAY}/director.ts`,
        find: 'sound: keep(all, isSound),',
        replace: 'sound: keep(this.#pool.table, isSound),',
      },
    ],
    expects: ['I15'],
    because: 'picks are not among those that are eligible',
  },
  {
    id: 'map-is-asked-for-once',
    description: 'a process that missed the news of a map never asks whether there is a newer one',
    edits: [
      {
        file: 'sim/store/metadata/map-cache.ts',
        find: 'onTimer(): void {\n    this.#refresh();',
        replace: 'onTimer(): void {',
      },
    ],
    expects: ['I14'],
    because: 'a push that is lost is never repeated',
    focus: 'lossy-operations',
  },
  {
    id: 'client-hides-doubt',
    description: 'a write that nobody answered is reported as failed, though it may have been carried out',
    edits: [
      {
        file: 'sim/store/client/put.ts',
        find: 'if (this.#inDoubt) this.leaveUnknown(error, this.#checksum);\n    else this.fail(error, this.#checksum);',
        replace: 'this.fail(error, this.#checksum);',
      },
    ],
    expects: ['I1', 'I2', 'I2-linearizable', 'I11'],
    because: 'others read what was never written',
    focus: 'elections',
  },
  {
    id: 'raft-draws-from-the-machine',
    description: 'the patience of a member is drawn from a source that no seed governs',
    edits: [
      {
        file: 'sim/store/metadata/raft/member.ts',
        find: 'this.#patienceTicks = electionTicks + this.#draw.below(electionTicks);',
        replace: 'this.#patienceTicks = electionTicks + Math.floor(Math.random() * electionTicks);',
      },
    ],
    expects: ['I17'],
    because: 'the same seed takes another course the next time',
    focus: 'played-twice',
  },
  {
    id: 'world-counts-twice',
    description: 'a message that arrives is counted twice',
    edits: [{ file: 'sim/world/fabric.ts', find: 'to.messagesIn++;', replace: 'to.messagesIn += 2;' }],
    expects: ['I18'],
    because: 'more messages arrive than were sent',
  },
];
