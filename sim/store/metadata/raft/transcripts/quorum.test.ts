import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { committedIndex, jointCommittedIndex, jointVoteResult, voteResult } from '../quorum.ts';
import { type Block, option, parseTranscript } from './format.ts';

const folder = '../shared/external/etcd-raft/quorum/testdata';
const reason = existsSync(folder) ? '' : ` (skipped: ${folder} is not there)`;

const verdicts = { won: 'VoteWon', lost: 'VoteLost', pending: 'VotePending' };

/** The values of an option, dealt to the voters in the order in which they are named; `_` is nothing yet. */
function dealt<T>(ids: readonly string[], values: readonly string[], read: (text: string) => T): Map<string, T> {
  const deal = new Map<string, T>();
  for (const [position, id] of [...new Set(ids)].entries()) {
    const value = values[position] ?? '_';
    if (value !== '_') deal.set(id, read(value));
  }
  return deal;
}

/** Draws each voter's index behind a bar as long as the number of voters that are behind it. */
function drawn(ids: readonly string[], acknowledged: ReadonlyMap<string, number>): readonly string[] {
  if (ids.length === 0) return ['<empty majority quorum>'];
  const ascending = [...ids].sort((a, b) => Number(a) - Number(b));
  const known = (id: string) => acknowledged.get(id) ?? 0;
  const bars = ascending.map((id) => {
    const behind = ascending.filter((other) => known(other) < known(id)).length;
    const bar = acknowledged.has(id) ? `${'x'.repeat(behind)}>` : '?';
    const index = String(known(id)).padStart(5);
    return `${bar.padEnd(ids.length + 1)} ${index}    (id=${id})`;
  });
  return [`${' '.repeat(ids.length)}    idx`, ...bars];
}

function outcome(block: Block): readonly string[] {
  const incoming = option(block, 'cfg') ?? [];
  const second = option(block, 'cfgj');
  const outgoing = second?.[0] === 'zero' ? [] : (second ?? []);
  const ids = [...incoming, ...outgoing];
  if (block.command === 'vote') {
    const votes = dealt(ids, option(block, 'votes') ?? [], (text) => text === 'y');
    const ballot = (id: string) => votes.get(id);
    if (second === undefined) return [verdicts[voteResult(incoming, ballot)]];
    // Whichever half is called the first.
    expect(jointVoteResult(outgoing, incoming, ballot)).toBe(jointVoteResult(incoming, outgoing, ballot));
    return [verdicts[jointVoteResult(incoming, outgoing, ballot)]];
  }
  const acknowledged = dealt(ids, option(block, 'idx') ?? [], Number);
  const known = (id: string) => acknowledged.get(id);
  const index = second === undefined ? committedIndex(incoming, known) : jointCommittedIndex(incoming, outgoing, known);
  if (second !== undefined) expect(jointCommittedIndex(outgoing, incoming, known)).toBe(index);
  const text = index === Number.POSITIVE_INFINITY ? '∞' : String(index);
  const lines = drawn([...new Set(ids)], acknowledged);
  return ids.length === 0 ? [lines.join('') + text] : [...lines, text];
}

describe.skipIf(reason !== '')(`quorums are counted as etcd's raft counts them${reason}`, () => {
  let blocks = 0;
  for (const name of ['majority_commit', 'majority_vote', 'joint_commit', 'joint_vote']) {
    it(name, () => {
      for (const block of parseTranscript(readFileSync(`${folder}/${name}.txt`, 'utf8'))) {
        blocks += 1;
        const where = `block ${blocks}: ${JSON.stringify(block.options)}`;
        expect(outcome(block), where).toEqual(block.expected);
      }
    });
  }

  it('127 blocks in all', () => {
    expect(blocks).toBe(127);
  });
});
