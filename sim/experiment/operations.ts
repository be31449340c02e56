import { z } from 'zod';
import type { NodeId } from '../host.ts';
import { type ActiveFault, defineFault, type FaultKind } from '../world/faults/fault.ts';
import { FaultRegistry, WORLD_FAULTS } from '../world/faults/registry.ts';
import type { Cluster } from './cluster.ts';
import { OperatorOrders } from './operator-orders.ts';

/** The cluster that operations work on; undefined while a scenario is only being checked. */
export type ClusterSource = () => Cluster | undefined;

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
      summary:
        'asks metadata to move all data away from nodes, which then leave; taken back after the duration, if any',
      target: 'nodes',
      duration: 'optional',
      params: {},
      describe: ({ target }) => `drain ${target}`,
      start: ({ targets }) => {
        const orders = new OperatorOrders(cluster());
        for (const { id } of targets) orders.give({ kind: 'admin.drain', node: id, epoch: 'any' });
        return {
          stop: () => {
            for (const { id } of targets) orders.give({ kind: 'admin.undrain', node: id, epoch: 'any' });
          },
          effects: () => orders.accepted,
        };
      },
    }),
    defineFault({
      kind: 'set-weight',
      summary: "asks metadata to give nodes another share of the data; their machines' spec stays",
      target: 'nodes',
      duration: 'none',
      params: { weight: z.number().positive() },
      describe: ({ target, params }) => `weight of ${target} to ${params.weight}`,
      start: ({ targets, params }) =>
        each(targets, (orders, node) =>
          orders.give({ kind: 'admin.weight', node, weight: params.weight, epoch: 'any' }),
        ),
    }),
    defineFault({
      kind: 'transfer-leader',
      summary: 'asks the metadata service to be led by the target',
      target: 'nodes',
      duration: 'none',
      params: {},
      describe: ({ target }) => `transfer leadership to ${target}`,
      start: ({ targets }) => each(targets, (orders, to) => orders.give({ kind: 'admin.lead', to, epoch: 'any' })),
    }),
    defineFault({
      kind: 'leave',
      summary: 'asks nodes to leave: they have metadata move all their data away and serve on until it is',
      target: 'nodes',
      duration: 'none',
      params: {},
      describe: ({ target }) => `${target} leaves`,
      start: ({ targets }) => {
        const leavers = targets.flatMap(({ id }) => cluster()?.dataNodes.get(id) ?? []);
        for (const node of leavers) node.leave();
        return { stop: () => {}, effects: () => leavers.filter(({ stay }) => stay !== 'staying').length };
      },
    }),
    defineFault({
      kind: 'add-metadata-member',
      summary: 'switches on metadata nodes that were standing by, and has the group take them in one after the other',
      target: 'nodes',
      duration: 'none',
      params: {},
      describe: ({ target }) => `add ${target} to metadata`,
      start: ({ world, targets }) => {
        for (const { id } of targets) world.start(id);
        // Nobody is taken in who has not asked to be, which a node does once it has started.
        return each(targets, (orders, member) =>
          orders.give({ kind: 'admin.member', change: 'add', member, epoch: 'any' }, 'until accepted'),
        );
      },
    }),
    defineFault({
      kind: 'remove-metadata-member',
      summary:
        'has the metadata group go on without nodes, one after the other; their processes stay and are asked no more',
      target: 'nodes',
      duration: 'none',
      params: {},
      describe: ({ target }) => `remove ${target} from metadata`,
      start: ({ targets }) =>
        each(targets, (orders, member) =>
          orders.give({ kind: 'admin.member', change: 'remove', member, epoch: 'any' }, 'until accepted'),
        ),
    }),
    defineFault({
      kind: 'scrub',
      summary: 'has nodes verify every block on their disks now',
      target: 'nodes',
      duration: 'none',
      params: {},
      describe: ({ target }) => `scrub ${target}`,
      start: ({ targets }) => each(targets, (orders, node) => orders.give({ kind: 'admin.scrub', node })),
    }),
    defineFault({
      kind: 'pause-moves',
      summary: 'stops what the metadata leader begins by itself: moves, repairs or all; they go on after the duration',
      target: 'none',
      duration: 'optional',
      params: { what: z.enum(['rebalance', 'repair', 'all']).default('all') },
      describe: ({ params }) => `pause ${params.what === 'all' ? 'moves and repairs' : params.what}`,
      start: ({ params }) => {
        const orders = new OperatorOrders(cluster());
        orders.give({ kind: 'admin.pause', what: params.what, paused: true, epoch: 'any' });
        return {
          stop: () => orders.give({ kind: 'admin.pause', what: params.what, paused: false, epoch: 'any' }),
          effects: () => orders.accepted,
        };
      },
    }),
  ];

  function each(
    targets: readonly { readonly id: NodeId }[],
    give: (orders: OperatorOrders, node: NodeId) => void,
  ): ActiveFault {
    const orders = new OperatorOrders(cluster());
    for (const { id } of targets) give(orders, id);
    return { stop: () => {}, effects: () => orders.accepted };
  }
}

/** All kinds that a scenario's `faults` may name. */
export function faultRegistry(cluster: ClusterSource): FaultRegistry {
  return new FaultRegistry([...WORLD_FAULTS, ...operations(cluster)]);
}
