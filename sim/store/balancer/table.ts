import type { NodeId } from '../../host.ts';
import type { Backend } from './balancer.ts';

/**
 * Finds a backend's place in the current table by id, so that numbers kept per backend in flat arrays, indexed
 * by `Backend.index`, follow it when the table changes.
 */
export class Table {
  #indexById = new Map<NodeId, number>();

  get size(): number {
    return this.#indexById.size;
  }

  /** Place in the current table; undefined for a backend that has left. */
  indexOf(id: NodeId): number | undefined {
    return this.#indexById.get(id);
  }

  /** Takes over a new table and returns, for each of its places, the backend's place in the old one or −1. */
  update(backends: readonly Backend[]): Int32Array {
    const origins = new Int32Array(backends.length);
    const indexById = new Map<NodeId, number>();
    for (const backend of backends) {
      origins[backend.index] = this.#indexById.get(backend.id) ?? -1;
      indexById.set(backend.id, backend.index);
    }
    this.#indexById = indexById;
    return origins;
  }
}

/** The values of backends that stayed, in their new places; 0 for those that are new. */
export function carryOver(values: Float64Array, origins: Int32Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(origins, (origin) => (origin < 0 ? 0 : (values[origin] ?? 0)));
}
