import type { NodeId } from '../../../host.ts';

/** Why nodes that are down for long enough are not given up, as of the last round: for their status. */
export class Holdups {
  readonly #byNode = new Map<NodeId, string>();

  get(node: NodeId): string | undefined {
    return this.#byNode.get(node);
  }

  set(node: NodeId, why: string): void {
    this.#byNode.set(node, why);
  }

  delete(node: NodeId): void {
    this.#byNode.delete(node);
  }

  clear(): void {
    this.#byNode.clear();
  }
}
