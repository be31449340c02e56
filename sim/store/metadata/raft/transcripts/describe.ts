import type { Leadership, Ready } from '../core.ts';
import type { Entry, HardState, SnapshotPoint } from '../entry.ts';
import type { RaftMessage } from '../messages.ts';
import type { Progress } from '../progress.ts';
import type { RoleName } from '../role.ts';

/** The wording of the transcripts, in which nobody is `0`. */

const roleNames: Record<RoleName, string> = {
  follower: 'StateFollower',
  'pre-candidate': 'StatePreCandidate',
  candidate: 'StateCandidate',
  leader: 'StateLeader',
};

const stateNames: Record<Progress['state'], string> = {
  probe: 'StateProbe',
  replicate: 'StateReplicate',
  snapshot: 'StateSnapshot',
};

export function describeEntry({ term, index, payload }: Entry): string {
  const at = `${term}/${index}`;
  if (payload.kind === 'membership') {
    return `${at} EntryConfChange ${payload.change.op === 'add' ? 'v' : 'r'}${payload.change.node}`;
  }
  return `${at} EntryNormal "${payload.kind === 'command' ? payload.text : ''}"`;
}

export function describeRole({ role, leader, term }: Leadership, votes: boolean): string {
  return `${roleNames[role]} (${votes ? 'Voter' : 'Non-Voter'}) Term:${term} Lead:${leader ?? '0'}`;
}

export function describeProgress(node: string, progress: Progress): string {
  const { state, match, next, pendingSnapshot, recentlyActive, inflight } = progress;
  let line = `${node}: ${stateNames[state]} match=${match} next=${next}`;
  if (progress.paused) line += ' paused';
  if (pendingSnapshot > 0) line += ` pendingSnap=${pendingSnapshot}`;
  if (!recentlyActive) line += ' inactive';
  if (inflight.count > 0) line += ` inflight=${inflight.count}${inflight.full ? '[full]' : ''}`;
  return line;
}

export function describeMessage(message: RaftMessage): readonly string[] {
  const head = `${message.from}->${message.to}`;
  const line = (type: string, logTerm: number, index: number) =>
    `${head} ${type} Term:${message.term} Log:${logTerm}/${index}`;
  const withCommit = (commit: number) => (commit === 0 ? '' : ` Commit:${commit}`);
  switch (message.kind) {
    case 'raft.vote':
      return [line(message.pre ? 'MsgPreVote' : 'MsgVote', message.lastTerm, message.lastIndex)];
    case 'raft.vote-reply': {
      const rejected = message.granted ? '' : ' Rejected (Hint: 0)';
      return [line(message.pre ? 'MsgPreVoteResp' : 'MsgVoteResp', 0, 0) + rejected];
    }
    case 'raft.append': {
      const first = line('MsgApp', message.prevTerm, message.prevIndex) + withCommit(message.commit);
      const entries = message.entries.map(describeEntry);
      if (entries.length === 0) return [first];
      if (entries.length === 1) return [`${first} Entries:[${entries[0]}]`];
      return [`${first} Entries:[`, ...entries.map((entry) => `  ${entry}`), ']'];
    }
    case 'raft.append-accepted':
      return [line('MsgAppResp', 0, message.index)];
    case 'raft.append-refused':
      return [`${line('MsgAppResp', message.hintTerm, message.index)} Rejected (Hint: ${message.hintIndex})`];
    case 'raft.heartbeat':
      return [line('MsgHeartbeat', 0, 0) + withCommit(message.commit)];
    case 'raft.heartbeat-reply':
      return [line('MsgHeartbeatResp', 0, 0)];
    case 'raft.snapshot':
      return [line('MsgSnap', 0, 0), `  Snapshot: ${describeSnapshot(message.snapshot)}`];
    case 'raft.timeout-now':
      return [line('MsgTimeoutNow', 0, 0)];
    case 'raft.read':
      return [line('MsgReadIndex', 0, 0)];
    case 'raft.read-reply':
      return [line('MsgReadIndexResp', 0, message.index)];
  }
}

export function describeReady(ready: Ready): readonly string[] {
  const lines = [`Ready MustSync=${ready.mustSync}:`];
  const { leadership, hardState, entries, snapshot, committed, messages } = ready;
  if (leadership !== undefined) lines.push(`Lead:${leadership.leader ?? '0'} State:${roleNames[leadership.role]}`);
  if (hardState !== undefined) lines.push(describeHardState(hardState));
  if (entries.length > 0) lines.push('Entries:', ...entries.map(describeEntry));
  if (snapshot !== undefined) lines.push(`Snapshot ${describeSnapshot(snapshot)}`);
  if (committed.length > 0) lines.push('CommittedEntries:', ...committed.map(describeEntry));
  if (messages.length > 0) lines.push('Messages:', ...messages.flatMap(describeMessage));
  return lines;
}

function describeHardState({ term, vote, commit }: HardState): string {
  return `HardState Term:${term}${vote === undefined ? '' : ` Vote:${vote}`} Commit:${commit}`;
}

function describeSnapshot({ index, term, voters, learners }: SnapshotPoint): string {
  const members = `Voters:[${voters.join(' ')}] VotersOutgoing:[] Learners:[${learners.join(' ')}] LearnersNext:[] AutoLeave:false`;
  return `Index:${index} Term:${term} ConfState:${members}`;
}
