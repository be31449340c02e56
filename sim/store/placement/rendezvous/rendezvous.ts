import { z } from 'zod';
import { hashText } from '../../hash/hash64.ts';
import { Word64 } from '../../hash/word64.ts';
import { xxh64 } from '../../hash/xxh64.ts';
import { checkEqualWeights, unequalWeights } from '../equal-weights.ts';
import { compareIds } from '../hash-ring.ts';
import { PartitionHashes } from '../partition-hashes.ts';
import type { Placement, PlacementDefinition, PlacementNode, ReplicaSet } from '../placement.ts';
import { Spread } from '../spread.ts';
import { CheapestFirst } from './cheapest-first.ts';

/**
 * The score of a node for a key, from their 64-bit hashes: the exclusive or of both, mixed by Xorshift*.
 *
 * Source: D. Gryski, go-rendezvous; the mixer is S. Vigna's, "An experimental exploration of Marsaglia's xorshift
 * generators, scrambled" (2014).
 */
export function rendezvousScore(key: Word64, node: Word64, score: Word64): void {
  score.copy(key).xor(node);
  score.xorShiftRight(12).xorShiftLeft(25).xorShiftRight(27).multiply(0x2545f491, 0x4f6cdd1d);
}

/** The nodes of highest score for a key, in descending order; the first of the list wins a tie. */
export class HighestScores {
  readonly #nodes: readonly Word64[];
  readonly #order: CheapestFirst;
  readonly #score = new Word64();

  /** @param nodes - Hashes of the nodes. */
  constructor(nodes: readonly Word64[]) {
    this.#nodes = nodes;
    this.#order = new CheapestFirst(nodes.length);
  }

  start(key: Word64): void {
    const { costs, ties } = this.#order;
    const nodes = this.#nodes;
    const score = this.#score;
    for (let place = 0; place < nodes.length; place++) {
      rendezvousScore(key, nodes[place] ?? key, score);
      costs[place] = -(score.high >>> 0);
      ties[place] = -(score.low >>> 0);
    }
    this.#order.start();
  }

  /** Place of the next node; −1 after the last. */
  next(): number {
    return this.#order.next();
  }
}

const options = z.strictObject({ unequalWeights });

/** Options of the placement `rendezvous`. */
export type RendezvousOptions = z.infer<typeof options>;

class Rendezvous implements Placement {
  readonly #scores: HighestScores;
  readonly #spread: Spread;
  readonly #hashes = new PartitionHashes();
  readonly #hash = new Word64();

  constructor(nodes: readonly PlacementNode[]) {
    const ordered = [...nodes].sort(compareIds);
    const hash = xxh64();
    this.#scores = new HighestScores(ordered.map(({ id }) => hashText(id, hash, new Word64())));
    this.#spread = new Spread(ordered);
  }

  replicas(partition: number, count: number): ReplicaSet {
    this.#hashes.start(partition);
    this.#hashes.next(this.#hash);
    this.#scores.start(this.#hash);
    return this.#spread.pick(this.#scores, count);
  }
}

export const rendezvous: PlacementDefinition<RendezvousOptions> = {
  name: 'rendezvous',
  summary: 'Highest random weight: every node has a score for the partition, and the highest ones own it.',
  source:
    'D. Thaler, C. Ravishankar, "Using name-based mappings to increase hit rates" (1998); scores as of go-rendezvous.',
  complexity: 'Look-up O(nodes); memory O(nodes).',
  weakness:
    'A look-up asks every node, which is slow for thousands of them. Knows no weights: weighted-rendezvous does.',
  options,
  create: (nodes, { unequalWeights: choice }) => {
    checkEqualWeights('rendezvous', nodes, choice);
    return new Rendezvous(nodes);
  },
};
