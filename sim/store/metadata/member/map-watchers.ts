import type { Host, NodeId } from '../../../host.ts';
import type { MapChanged } from '../../messages/metadata.ts';

/** Whoever has asked this member for the map: told of every later epoch as soon as it is applied here, leading or not. */
export class MapWatchers {
  readonly #host: Host;
  readonly #nodes = new Set<NodeId>();
  #epoch = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** From now on `node` is told of every new epoch. */
  watch(node: NodeId): void {
    this.#nodes.add(node);
  }

  /** The state has reached `epoch`. */
  onEpoch(epoch: number): void {
    if (epoch <= this.#epoch) return;
    this.#epoch = epoch;
    const changed: MapChanged = { kind: 'map.changed', epoch };
    for (const node of this.#nodes) this.#host.network.send(node, changed);
  }
}
