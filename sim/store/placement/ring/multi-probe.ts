import { z } from 'zod';
import { hashText } from '../../hash/hash64.ts';
import { siphash24 } from '../../hash/siphash24.ts';
import { Word64 } from '../../hash/word64.ts';
import { checkEqualWeights, unequalWeights } from '../equal-weights.ts';
import { compareIds } from '../hash-ring.ts';
import { type OwnerStream, StreamPlacement } from '../owner-stream.ts';
import { PartitionHashes } from '../partition-hashes.ts';
import type { PlacementDefinition } from '../placement.ts';
import { ProbeRing } from './probe-ring.ts';

const options = z.strictObject({
  probes: z
    .int()
    .min(1)
    .max(1000)
    .default(21)
    .describe('Points of a key: the fullest node has about 1 + 1 / (probes − 1) times the mean.'),
  unequalWeights,
});

/** Options of the placement `multi-probe`. */
export type MultiProbeOptions = z.infer<typeof options>;

/** The nodes by their nearness to a partition's probes, which stand evenly from its first hash on by its second. */
class NearestNodes implements OwnerStream {
  readonly #ring: ProbeRing;
  readonly #probes: number;
  readonly #hashes = new PartitionHashes();
  readonly #point = new Word64();
  readonly #step = new Word64();

  constructor(ring: ProbeRing, probes: number) {
    this.#ring = ring;
    this.#probes = probes;
  }

  start(partition: number): void {
    this.#hashes.start(partition);
    this.#hashes.next(this.#point);
    this.#hashes.next(this.#step);
    for (let probe = 0; probe < this.#probes; probe++) {
      this.#ring.probe(probe, this.#point);
      this.#point.add(this.#step.high, this.#step.low);
    }
  }

  next(): number {
    return this.#ring.nearest();
  }
}

/** The hash of a node's name onto the circle, as of go-mpchash. */
const hashOfName = siphash24(new Word64(), new Word64());

export const multiProbe: PlacementDefinition<MultiProbeOptions> = {
  name: 'multi-probe',
  summary: 'Multi-probe consistent hashing: one point a node, many a key, and the nearest nodes own it.',
  source:
    'B. Appleton, M. O’Reilly, "Multi-probe consistent hashing" (2015); points of nodes as of go-mpchash. Replicas behind the first are the next nearest, as on a ring.',
  complexity: 'Look-up O(probes) a replica; memory O(nodes).',
  weakness:
    'Bounds the fullest node and not the spread: the emptiest stay well below the mean. Knows no weights; a look-up costs as many hashes as probes.',
  options,
  create: (nodes, { probes, unequalWeights: choice }) => {
    checkEqualWeights('multi-probe', nodes, choice);
    const ordered = [...nodes].sort(compareIds);
    const points = ordered.map(({ id }, place) => ({ point: hashText(id, hashOfName, new Word64()), place }));
    const limit = probes * ordered.length;
    return new StreamPlacement(ordered, new NearestNodes(new ProbeRing(points, probes), probes), limit);
  },
};
