import type { NodeId } from '../../../host.ts';

/** Outcome of an election as far as the votes so far decide it. */
export type VoteResult = 'won' | 'lost' | 'pending';

/** The highest index that a voter is known to have, undefined if nothing is known. */
export type Acknowledged = (voter: NodeId) => number | undefined;

/** A voter's answer, undefined before it. */
export type Ballot = (voter: NodeId) => boolean | undefined;

/** The least number of voters of which any two groups share one. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** The highest index that a majority has. Nobody's majority has everything, which makes it neutral in a joint quorum. */
export function committedIndex(voters: readonly NodeId[], acknowledged: Acknowledged): number {
  if (voters.length === 0) return Number.POSITIVE_INFINITY;
  const ascending = voters.map((voter) => acknowledged(voter) ?? 0).sort((a, b) => a - b);
  return ascending[voters.length - majority(voters.length)] ?? 0;
}

/** Whether a majority said yes, or can no longer. Nobody's majority always has. */
export function voteResult(voters: readonly NodeId[], ballot: Ballot): VoteResult {
  if (voters.length === 0) return 'won';
  let yes = 0;
  let missing = 0;
  for (const voter of voters) {
    const vote = ballot(voter);
    if (vote === undefined) missing += 1;
    else if (vote) yes += 1;
  }
  const needed = majority(voters.length);
  if (yes >= needed) return 'won';
  return yes + missing >= needed ? 'pending' : 'lost';
}

/** Commitment while two sets of voters must both agree (Ongaro and Ousterhout, 2014, §6). */
export function jointCommittedIndex(
  incoming: readonly NodeId[],
  outgoing: readonly NodeId[],
  acknowledged: Acknowledged,
): number {
  return Math.min(committedIndex(incoming, acknowledged), committedIndex(outgoing, acknowledged));
}

/** Election while two sets of voters must both agree. */
export function jointVoteResult(incoming: readonly NodeId[], outgoing: readonly NodeId[], ballot: Ballot): VoteResult {
  const first = voteResult(incoming, ballot);
  const second = voteResult(outgoing, ballot);
  if (first === second) return first;
  return first === 'lost' || second === 'lost' ? 'lost' : 'pending';
}
