import type { MetadataReply } from '../store/messages/metadata.ts';
import type { MetadataHandler } from '../store/metadata/channel.ts';
import { defineFault, type FaultKind } from '../world/faults/fault.ts';
import { FaultRegistry, WORLD_FAULTS } from '../world/faults/registry.ts';
import type { Cluster } from './cluster.ts';

/** The cluster that operations work on; undefined while a scenario is only being checked. */
export type ClusterSource = () => Cluster | undefined;

const DEADLINE_MS = 10_000;

/** What an operator does to a cluster, told in a scenario beside its faults: things that only the store can do. */
function operations(cluster: ClusterSource): readonly FaultKind[] {
  return [
    defineFault({
      kind: 'add-nodes',
      summary: 'switches on nodes that were standing by: they register and are given their share of the data',
      target: 'nodes',
      duration: 'none',
      params: {},
      describe: ({ target }) => `add ${target}`,
      start: ({ world, targets }) => {
        const started = targets.filter((node) => world.start(node.id)).length;
        return { stop: () => {}, effects: () => started };
      },
    }),
    defineFault({
      kind: 'drain',
      summary: 'asks metadata to move all data away from nodes, which then leave',
      target: 'nodes',
      duration: 'none',
      params: {},
      describe: ({ target }) => `drain ${target}`,
      start: ({ targets }) => {
        const orders = new OperatorOrders(cluster());
        for (const { id } of targets) orders.drain(id);
        return { stop: () => {}, effects: () => orders.accepted };
      },
    }),
  ];
}

/** All kinds that a scenario's `faults` may name. */
export function faultRegistry(cluster: ClusterSource): FaultRegistry {
  return new FaultRegistry([...WORLD_FAULTS, ...operations(cluster)]);
}

/** An operator's console on the first client. */
class OperatorOrders implements MetadataHandler {
  accepted = 0;
  readonly #cluster: Cluster | undefined;

  constructor(cluster: Cluster | undefined) {
    this.#cluster = cluster;
  }

  drain(node: string): void {
    const console = this.#cluster?.clients[0];
    if (console === undefined) throw new Error('drain: no client to give the order from');
    console.metadata.ask(
      { kind: 'admin.drain', node, epoch: 'any' },
      console.host.clock.nowMs() + DEADLINE_MS,
      this,
      0,
    );
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    if (reply.kind === 'admin.done') this.accepted += 1;
  }

  onMetadataFailed(): void {}
}
