import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../host.ts';
import { addressOf, newcomerAt, supersedes } from './identity.ts';
import { Steward } from './steward.ts';
import { Group, Violation } from './testing/group.ts';

const founders = ['a', 'b', 'c'];
const step = fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 1023 }), fc.nat({ max: 1023 }));
const story = fc.noBias(fc.array(step, { minLength: 600, maxLength: 800 }));

/** A group whose members lose their memory, one after the other, and come back under the name that `rename` gives. */
class ForgetfulGroup {
  readonly group: Group;
  readonly #rename: (node: NodeId, time: number) => NodeId;
  readonly #names = new Map(founders.map((node) => [node, node]));
  #losses = 0;
  #proposals = 0;

  constructor(seed: number, rename: (node: NodeId, time: number) => NodeId) {
    this.group = new Group(founders, founders, seed);
    this.#rename = rename;
  }

  get losses(): number {
    return this.#losses;
  }

  /** All that there is are voters of the group under their present names, as the leader sees it. */
  get whole(): boolean {
    const voters = this.group.leader?.membership.voters ?? [];
    return [...this.#names.values()].every((name) => voters.includes(name));
  }

  play(steps: readonly (readonly [number, number, number])[]): void {
    const { group } = this;
    for (const [kind, first, second] of steps) {
      const { nodes } = group;
      const node = nodes[first % nodes.length] ?? '';
      if (kind < 34) group.deliver(second % 8, false);
      else if (kind < 36) group.deliver(second, true);
      else if (kind < 38) group.drop(second);
      else if (kind < 48) group.tick(node);
      else if (kind < 52) for (let tick = 0; tick < 6; tick++) group.tick(node);
      else if (kind < 60) group.begin(node);
      else if (kind < 84) this.#round(node);
      else if (kind < 90) group.propose(group.leader?.id ?? node, { kind: 'command', text: `p${this.#proposals++}` });
      else if (kind < 93) group.compact(node);
      else if (kind < 95) group.crash(node);
      else if (kind < 98) this.letIn();
      else if (this.whole) this.#forget(addressOf(node));
    }
  }

  /** What a leader does about those who ask to join. */
  letIn(): void {
    const { leader } = this.group;
    if (leader === undefined) return;
    const steward = new Steward(leader, Number.POSITIVE_INFINITY);
    for (const name of this.#names.values()) steward.onApplication(name, 0);
    const change = steward.due(0);
    if (change !== undefined) leader.propose({ kind: 'membership', change });
  }

  #round(node: NodeId): void {
    this.group.begin(node);
    this.group.finish(node);
  }

  #forget(node: NodeId): void {
    const name = this.#names.get(node) ?? node;
    this.#losses += 1;
    const next = this.#rename(node, this.#losses);
    this.group.destroy(name);
    this.group.add(next);
    this.#names.set(node, next);
  }
}

function heal(forgetful: ForgetfulGroup, rounds: number): void {
  const { group } = forgetful;
  for (let round = 0; round < rounds; round++) {
    group.settle();
    forgetful.letIn();
    for (const node of group.nodes) group.tick(node);
  }
}

describe('members that lose their memory', () => {
  it('do no harm under a new name, and become voters again', () => {
    let losses = 0;
    fc.assert(
      fc.property(story, fc.nat(), (steps, seed) => {
        const forgetful = new ForgetfulGroup(seed, newcomerAt);
        heal(forgetful, 20);
        forgetful.play(steps);
        heal(forgetful, 60);
        expect(forgetful.whole).toBe(true);
        losses += forgetful.losses;
      }),
      { seed: 1, numRuns: 100, endOnFailure: true },
    );
    expect(losses).toBeGreaterThan(60);
  });

  it('would lose what was acknowledged if they went on under their old one', () => {
    const found = fc.check(
      fc.property(story, fc.nat(), (steps, seed) => {
        const forgetful = new ForgetfulGroup(seed, (node) => node);
        heal(forgetful, 20);
        try {
          forgetful.play(steps);
        } catch (error) {
          // A member may notice that it lacks what it had promised, which ends the story without harm.
          if (error instanceof Violation) throw error;
        }
      }),
      { seed: 1, numRuns: 400, endOnFailure: true },
    );
    expect(found.errorInstance).toBeInstanceOf(Violation);
  });
});

describe('names of members', () => {
  it('tell the node, and which of two came later', () => {
    expect(addressOf('metadata-2')).toBe('metadata-2');
    expect(addressOf(newcomerAt('metadata-2', 7))).toBe('metadata-2');
    expect(supersedes('metadata-2~10', 'metadata-2~9')).toBe(true);
    expect(supersedes('metadata-2~9', 'metadata-2~10')).toBe(false);
    expect(supersedes('metadata-2~1', 'metadata-2')).toBe(true);
    expect(supersedes('metadata-2', 'metadata-2')).toBe(false);
    expect(supersedes('metadata-3~2', 'metadata-2')).toBe(false);
  });
});
