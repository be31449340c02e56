/** Settings of the algorithm. All members of a group should have the same. */
export interface RaftSettings {
  /** Ticks without a leader before an election; each member draws from here to twice as many. */
  readonly electionTicks: number;
  /** Ticks between a leader's heartbeats; fewer than `electionTicks`. */
  readonly heartbeatTicks: number;
  /** Asks before campaigning whether it could win, so that a member that comes back disturbs nobody (Ongaro's thesis, §9.6). */
  readonly preVote: boolean;
  /** A leader that hears of no majority steps down, and who hears of a leader votes for nobody (§6.2, §4.2.3). */
  readonly checkQuorum: boolean;
  /** A leader steps down once its own removal is applied. */
  readonly stepDownOnRemoval: boolean;
  /** Appends to a follower that may be unanswered: the depth of the pipeline. */
  readonly maxInflight: number;
  /** Entries of one append, in bytes; a larger entry goes alone. */
  readonly maxAppendBytes: number;
}

/** Settings that suit members in one data centre at a tick of 100 ms. */
export const defaultRaftSettings: RaftSettings = {
  electionTicks: 10,
  heartbeatTicks: 1,
  preVote: true,
  checkQuorum: true,
  stepDownOnRemoval: true,
  maxInflight: 64,
  maxAppendBytes: 256 * 1024,
};

/** Uniform integer in [0, bound). */
export interface Draw {
  below(bound: number): number;
}

/**
 * Checks settings.
 *
 * @throws RangeError naming the setting, what was found and what is accepted.
 */
export function checkRaftSettings(settings: RaftSettings): void {
  const { electionTicks, heartbeatTicks, maxInflight, maxAppendBytes } = settings;
  expectAtLeast('heartbeatTicks', heartbeatTicks, 1);
  expectAtLeast('electionTicks', electionTicks, heartbeatTicks + 1);
  expectAtLeast('maxInflight', maxInflight, 1);
  expectAtLeast('maxAppendBytes', maxAppendBytes, 1);
}

function expectAtLeast(field: string, found: number, least: number): void {
  if (!(found >= least)) throw new RangeError(`raft: ${field}: found ${found}, accepted: ${least} or more`);
}
