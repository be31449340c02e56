import { LOSS, type Mutant } from './mutant.ts';

const RAFT = 'sim/store/metadata/raft';

/** Defects of the replicated log. */
export const RAFT_MUTANTS: readonly Mutant[] = [
  {
    id: 'raft-minority-commits',
    description: 'an entry counts as committed as soon as one member has it',
    edits: [
      {
        file: `${RAFT}/quorum.ts`,
        find: 'return ascending[voters.length - majority(voters.length)] ?? 0;',
        replace: 'return ascending[voters.length - 1] ?? 0;',
      },
    ],
    expects: [...LOSS, 'I4', 'I5', 'I7', 'exception'],
    because: 'the next leader may lack what was acknowledged, and put something else in its place',
    focus: 'elections',
  },
  {
    id: 'raft-acknowledges-before-sync',
    description: 'a member acknowledges entries and votes that are not on its disk yet',
    edits: [
      {
        file: `${RAFT}/running-member.ts`,
        find: 'if (hardState === undefined) for (const message of messages) if (mayPrecedeSync(message)) this.#send(message);',
        replace: 'for (const message of messages) this.#send(message);',
      },
    ],
    expects: [...LOSS, 'I4', 'I5', 'I7', 'exception'],
    because: 'a crash of the machine takes back what others count on',
    focus: 'power-cuts',
  },
  {
    id: 'raft-unconfirmed-reads',
    description: 'a leader answers reads without asking whether it still leads',
    edits: [
      {
        file: `${RAFT}/read-rounds.ts`,
        find: "if (confirmed !== 'won') break;",
        replace: "if (confirmed === 'lost') break;",
      },
    ],
    expects: ['I2', 'I2-linearizable', 'I3'],
    because: 'one that was deposed without noticing answers from the past',
    focus: 'elections',
  },
  {
    id: 'raft-follower-reads-at-once',
    description: 'members answer reads from their own state, without asking the leader how far it must be (ReadIndex)',
    edits: [
      {
        file: 'sim/store/metadata/member/read-desk.ts',
        find: 'if (withinMs !== undefined && this.#log.isFreshWithin(withinMs))',
        replace: 'if (withinMs === undefined || this.#log.isFreshWithin(withinMs))',
      },
    ],
    expects: ['I2', 'I2-linearizable', 'I3', 'I14', 'I16'],
    because: 'a follower is a moment behind, or far behind when it was cut off',
    focus: 'elections',
  },
  {
    id: 'raft-votes-twice',
    description: 'a member votes for everybody who asks, twice in a term too',
    edits: [
      {
        file: `${RAFT}/member.ts`,
        find: 'this.vote === from || (this.vote === undefined && this.leader === undefined) || (pre && term > this.term);',
        replace: 'this.vote !== undefined || pre || term > 0;',
      },
    ],
    expects: [...LOSS, 'I4', 'I5', 'exception'],
    because: 'two members lead one term',
    focus: 'elections',
  },
  {
    id: 'raft-elects-the-stale',
    description: 'a candidate whose log lacks committed entries is voted for',
    edits: [
      {
        file: `${RAFT}/member.ts`,
        find: 'if (free && this.log.isUpToDate(message.lastIndex, message.lastTerm)) {',
        replace: 'if (free) {',
      },
    ],
    expects: [...LOSS, 'I4', 'I5', 'exception'],
    because: 'it leads without what was committed',
    focus: 'elections',
  },
  {
    id: 'raft-drops-pre-vote',
    description: 'a member that was cut off raises its term time and again, and deposes the leader when it returns',
    edits: [
      {
        file: `${RAFT}/member.ts`,
        find: "this.campaign(this.settings.preVote ? 'pre-vote' : 'vote');",
        replace: "this.campaign('vote');",
      },
    ],
    expects: ['I5-disruption'],
    because: 'nothing wrong is answered: what suffers is who may lead, which is all that PreVote is for',
    focus: 'elections',
  },
  {
    id: 'raft-two-changes-at-a-time',
    description: 'the members of the group are changed once more before the last change is committed',
    edits: [
      {
        file: `${RAFT}/leader.ts`,
        find: "if (this.#lastMembership > log.applied) return 'membership-changing';",
        replace: '',
      },
    ],
    expects: [...LOSS, 'I4', 'I5', 'exception'],
    because: 'majorities of the old and of the new group need not share a member',
    focus: 'lost-members',
  },
];
