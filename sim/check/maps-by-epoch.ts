import { murmur3 } from '../store/hash.ts';
import type { ClusterMap } from '../store/model.ts';

/** Epochs whose maps are remembered. */
const REMEMBERED = 256;

/** Maps never change, and everybody is handed the same object: each is digested once. */
const digests = new WeakMap<ClusterMap, string>();

/** Which map each epoch names: the first that anybody showed by its number. */
export class MapsByEpoch {
  readonly #digests = new Map<number, string>();

  /** Is this, in all that it says, the map that is known by its epoch? */
  agrees(map: ClusterMap): boolean {
    const digest = digestOf(map);
    const known = this.#digests.get(map.epoch);
    if (known !== undefined) return known === digest;
    this.#digests.set(map.epoch, digest);
    if (this.#digests.size > REMEMBERED) this.#digests.delete(Math.min(...this.#digests.keys()));
    return true;
  }
}

function digestOf(map: ClusterMap): string {
  let digest = digests.get(map);
  if (digest === undefined) {
    const text = textOf(map);
    digest = `${murmur3(text, 1)} ${murmur3(text, 2)} ${text.length}`;
    digests.set(map, digest);
  }
  return digest;
}

/** All that a map says, field by field: what was read back from a snapshot has its fields in another order. */
function textOf({ replication, nodes, partitions }: ClusterMap): string {
  const places = nodes.map(({ id, zone, rack, host, weight, liveness, membership, gray, fullness }) =>
    [id, zone, rack, host, weight, liveness, membership, gray, fullness].join(),
  );
  const owners = partitions.map(({ replicas, joining }) => `${replicas.join()}+${joining.join()}`);
  return `${replication};${places.join(' ')};${owners.join(' ')}`;
}
