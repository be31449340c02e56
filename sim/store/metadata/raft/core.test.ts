import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RaftCore } from './core.ts';
import type { Payload } from './entry.ts';
import { defaultRaftSettings } from './settings.ts';
import { Group } from './testing/group.ts';

const command = (text: string): Payload => ({ kind: 'command', text });

/** What the world does next: a kind, drawn with its weight, and two numbers whose meaning depends on it. */
const step = fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 1023 }), fc.nat({ max: 1023 }));
const story = fc.noBias(fc.array(step, { minLength: 1000, maxLength: 1200 }));

let proposals = 0;

function play(group: Group, steps: readonly (readonly [number, number, number])[], membership: boolean): void {
  const { nodes } = group;
  for (const [kind, first, second] of steps) {
    const node = nodes[first % nodes.length] ?? '';
    if (kind < 34) group.deliver(second % 8, false);
    else if (kind < 38) group.deliver(second, true);
    else if (kind < 40) group.drop(second);
    else if (kind < 50) group.tick(node);
    else if (kind < 52) for (let tick = 0; tick < 6; tick++) group.tick(node);
    else if (kind < 62) group.begin(node);
    else if (kind < 86) {
      group.begin(node);
      group.finish(node);
    } else if (kind < 91)
      group.propose(second % 2 === 0 ? node : (group.leader?.id ?? node), command(`p${proposals++}`));
    else if (kind < 94) group.read(node, proposals++);
    else if (kind < 96) group.compact(node);
    else if (kind < 98) group.crash(node);
    else if (kind < 99 || !membership) group.core(node).transfer(nodes[second % nodes.length] ?? '');
    else {
      const change = {
        op: second % 2 === 0 ? 'add' : 'remove',
        node: nodes[(second >> 1) % nodes.length] ?? '',
      } as const;
      group.propose(node, { kind: 'membership', change });
    }
  }
}

/** Ticks and delivers everything for at most so many rounds, until `reached`. */
function heal(group: Group, rounds: number, reached: () => boolean): boolean {
  for (let round = 0; round < rounds; round++) {
    group.settle();
    if (reached()) return true;
    for (const node of group.nodes) group.tick(node);
  }
  return false;
}

describe('a group in an unkind world', () => {
  const three = ['a', 'b', 'c'];

  it.each([
    ['as shipped', {}],
    ['without pre-vote', { preVote: false }],
    ['without a check for a quorum', { preVote: false, checkQuorum: false }],
  ])('agrees for ever, has one leader a term and serves no old reads, %s', (_name, settings) => {
    fc.assert(
      fc.property(story, fc.nat(), (steps, seed) => {
        const group = new Group(three, three, seed, settings);
        heal(group, 50, () => group.leader !== undefined);
        play(group, steps, false);
      }),
      { seed: 1, numRuns: 100, endOnFailure: true },
    );
  });

  it('comes to life again once the world is kind', () => {
    fc.assert(
      fc.property(story, fc.nat(), (steps, seed) => {
        const group = new Group(three, three, seed);
        play(group, steps, false);
        expect(heal(group, 100, () => group.leader !== undefined)).toBe(true);
        const before = group.highestApplied;
        const done = heal(group, 100, () => {
          const { leader } = group;
          const applied = group.nodes.map((node) => group.core(node).applied);
          if (leader !== undefined && group.highestApplied === before) leader.propose(command('after'));
          return applied.every((index) => index > before && index === applied[0]);
        });
        expect(done).toBe(true);
      }),
      { seed: 2, numRuns: 100, endOnFailure: true },
    );
  });

  it('agrees while members come and go one by one', () => {
    fc.assert(
      fc.property(story, fc.nat(), (steps, seed) => {
        const group = new Group(['a', 'b', 'c', 'd', 'e'], three, seed);
        heal(group, 50, () => group.leader !== undefined);
        play(group, steps, true);
      }),
      { seed: 3, numRuns: 100, endOnFailure: true },
    );
  });

  it('is put under real strain by these stories', () => {
    let terms = 0;
    let applied = 0;
    let reads = 0;
    fc.assert(
      fc.property(story, fc.nat(), (steps, seed) => {
        const group = new Group(three, three, seed);
        heal(group, 50, () => group.leader !== undefined);
        play(group, steps, false);
        terms += group.terms;
        applied += group.highestApplied;
        reads += group.answeredReads;
      }),
      { seed: 4, numRuns: 50, endOnFailure: true },
    );
    expect(terms).toBeGreaterThan(150);
    expect(applied).toBeGreaterThan(250);
    expect(reads).toBeGreaterThan(50);
  });
});

describe('leadership', () => {
  const three = ['a', 'b', 'c'];
  const led = () => {
    const group = new Group(three, three, 7);
    heal(group, 50, () => group.leader !== undefined);
    group.settle();
    const { leader } = group;
    if (leader === undefined) throw new Error('nobody leads');
    return { group, leader, others: three.filter((node) => node !== leader.id) };
  };

  it('is handed over to a chosen member within one exchange', () => {
    const { group, leader, others } = led();
    const [heir = ''] = others;
    leader.transfer(heir);
    expect(leader.propose(command('meanwhile'))).toBe('transferring');
    group.settle();
    expect(group.leader?.id).toBe(heir);
    expect(leader.leadership.role).toBe('follower');
  });

  it('ends at a leader that hears of no majority for an election timeout', () => {
    const { group, leader } = led();
    for (let tick = 0; tick < 6; tick++) {
      group.tick(leader.id);
      group.begin(leader.id);
      group.finish(leader.id);
      group.network = [];
    }
    expect(leader.leadership).toMatchObject({ role: 'follower', leader: undefined });
    expect(leader.read(1)).toBe(false);
  });

  it('is not disturbed by a member that was cut off and comes back', () => {
    const { group, leader, others } = led();
    const [exile = ''] = others;
    const term = leader.leadership.term;
    for (let tick = 0; tick < 40; tick++) {
      for (const node of three) group.tick(node);
      for (const node of three) {
        group.begin(node);
        group.finish(node);
      }
      group.network = group.network.filter(({ from, to }) => from !== exile && to !== exile);
      for (let left = group.network.length; left > 0; left--) group.deliver(0, false);
    }
    heal(group, 20, () => false);
    expect(group.leader?.id).toBe(leader.id);
    expect(leader.leadership.term).toBe(term);
  });
});

describe('commitment', () => {
  it('counts no replicas of entries of earlier terms, which a later leader may still replace (figure 8 of the paper)', () => {
    const old = [
      { index: 1, term: 1, payload: command('x') },
      { index: 2, term: 2, payload: command('y') },
    ];
    const settings = { ...defaultRaftSettings, preVote: false };
    const start = {
      index: 0,
      term: 0,
      commit: 0,
      entries: old,
      currentTerm: 3,
      vote: undefined,
      voters: ['a', 'b', 'c'],
      learners: [],
    };
    const core = new RaftCore('a', settings, { below: () => 0 }, { records: () => [] }, start);
    const work = () => {
      for (let ready = core.ready(); ready !== undefined; ready = core.ready()) {
        for (const { index } of ready.committed) core.appliedTo(index);
        core.advance();
      }
    };
    core.campaign();
    work();
    const fromB = { from: 'b', to: 'a', term: 4 };
    core.receive({ kind: 'raft.vote-reply', pre: false, granted: true, ...fromB });
    work();
    expect(core.leadership.role).toBe('leader');
    core.receive({ kind: 'raft.append-accepted', index: 2, ...fromB });
    work();
    expect(core.hardState.commit).toBe(0);
    core.receive({ kind: 'raft.append-accepted', index: 3, ...fromB });
    work();
    expect(core.hardState.commit).toBe(3);
  });
});

describe('reads', () => {
  it('are not answered by a leader that has been deposed and does not know it yet', () => {
    const group = new Group(['a', 'b', 'c'], ['a', 'b', 'c'], 7, { checkQuorum: false, preVote: false });
    heal(group, 50, () => group.leader !== undefined);
    group.settle();
    const old = group.leader?.id ?? '';
    const others = group.nodes.filter((node) => node !== old);
    const among = () => {
      for (const node of others) {
        group.begin(node);
        group.finish(node);
      }
      group.network = group.network.filter(({ from, to }) => from !== old && to !== old);
      while (group.network.length > 0) group.deliver(0, false);
    };
    for (let round = 0; round < 40 && group.leader?.id === old; round++) {
      for (const node of others) group.tick(node);
      for (let step = 0; step < 10; step++) among();
    }
    group.leader?.propose(command('new'));
    for (let step = 0; step < 10; step++) among();
    expect(group.core(old).leadership.role).toBe('leader');
    group.read(old, 1);
    group.begin(old);
    group.finish(old);
    expect(group.answeredReads).toBe(0);
    heal(group, 3, () => false);
    expect(group.answeredReads).toBe(0);
    expect(group.core(old).leadership.role).toBe('follower');
  });

  it('of a follower are confirmed by the leader, many by one round of heartbeats', () => {
    const group = new Group(['a', 'b', 'c'], ['a', 'b', 'c'], 7);
    heal(group, 50, () => group.leader !== undefined);
    group.settle();
    const leader = group.leader?.id ?? '';
    const follower = group.nodes.find((node) => node !== leader) ?? '';
    for (let read = 1; read <= 5; read++) group.read(follower, read);
    for (let read = 6; read <= 10; read++) group.read(leader, read);
    group.begin(follower);
    group.finish(follower);
    while (group.network.length > 0) group.deliver(0, false);
    group.begin(leader);
    expect(group.network.filter((message) => message.kind === 'raft.heartbeat')).toHaveLength(2);
    group.settle();
    expect(group.answeredReads).toBe(10);
  });
});

describe('settings', () => {
  it.each([
    [{ electionTicks: 1, heartbeatTicks: 1 }, 'raft: electionTicks: found 1, accepted: 2 or more'],
    [{ heartbeatTicks: 0 }, 'raft: heartbeatTicks: found 0, accepted: 1 or more'],
    [{ maxInflight: 0 }, 'raft: maxInflight: found 0, accepted: 1 or more'],
  ])('%j are refused', (settings, error) => {
    expect(() => new Group(['a'], ['a'], 1, settings)).toThrow(error);
  });
});
