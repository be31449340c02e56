import { murmur3, writeUtf8 } from '../hash.ts';
import { pointCount } from '../placement/hash-ring.ts';
import type { Backend, PickRequest } from './balancer.ts';
import { md5 } from './md5.ts';

/** What a backend's number of points is a share of. */
export interface TableWeight {
  readonly backends: number;
  readonly totalWeight: number;
}

/** How backends and keys are hashed onto a ring. */
export interface RingPoints {
  /**
   * The points of one backend.
   *
   * @param virtualNodes - Points of a backend of mean weight.
   */
  pointsOf(backend: Backend, table: TableWeight, virtualNodes: number): Iterable<number>;
  /** The key's own point. */
  keyPoint(request: PickRequest): number;
}

/** MurmurHash3 of the id, the number of the virtual node as seed; a key stands at its `keyHash`. */
const murmur3Points: RingPoints = {
  *pointsOf(backend, table, virtualNodes) {
    const count = pointCount(backend.weight, table.totalWeight / table.backends, virtualNodes);
    for (let replica = 0; replica < count; replica++) yield murmur3(backend.id, replica);
  },
  keyPoint: (request) => request.keyHash,
};

const digest = new Uint32Array(4);
let scratch = new Uint8Array(4096);

function md5Of(text: string): void {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(text.length * 6);
  md5(scratch, writeUtf8(text, scratch), digest);
}

/**
 * libketama's continuum: four points of each MD5 digest of `<id>-<k>`; a key stands at the first word of its own.
 *
 * Source: R. Jones, libketama, `ketama.c`. The number of digests is computed with its single-precision steps,
 * without which some weights get one digest more or fewer.
 */
const ketamaPoints: RingPoints = {
  *pointsOf(backend, table, virtualNodes) {
    const share = Math.fround(Math.fround(backend.weight) / Math.fround(table.totalWeight));
    const digests = Math.floor(Math.fround(share * (virtualNodes / 4) * table.backends));
    for (let k = 0; k < digests; k++) {
      md5Of(`${backend.id}-${k}`);
      yield* Array.from(digest);
    }
  },
  keyPoint(request) {
    md5Of(request.key);
    return digest[0] ?? 0;
  },
};

/** The ways to hash onto a ring, by name. */
export const ringPoints = { murmur3: murmur3Points, ketama: ketamaPoints } as const;
