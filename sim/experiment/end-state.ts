import type { RunFacts } from '../check/checker-input.ts';
import type { Balance } from '../check/conservation.ts';
import type { GatewayCounts } from '../check/gateway.ts';
import type { Leftovers, NodeStock, OpenWork } from '../check/leftovers.ts';
import type { NodeId } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Backlog, MetadataView } from '../store/metadata/view.ts';
import type { World } from '../world/world.ts';
import type { Cluster } from './cluster.ts';

/** What the checks look at when a run is over: counters, and what lies about in the components. */
export type EndState = Required<Pick<RunFacts, 'balances' | 'gateways' | 'leftovers'>>;

/** Looks at everything, and changes nothing. */
export function endStateOf(kernel: Kernel, cluster: Cluster): EndState {
  return {
    balances: [...messageBalances(cluster.world), eventBalance(kernel), ...diskBalances(cluster)],
    gateways: gatewayCounts(cluster),
    leftovers: leftoversOf(cluster),
  };
}

/** The network's own counters, and those of the nodes. */
function messageBalances(world: World): Balance[] {
  const { sent, delivered, inFlight, dropped } = world.messages();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  let [out, into] = [0, 0];
  for (const { messagesIn, messagesOut } of world.nodes()) {
    into += messagesIn;
    out += messagesOut;
  }
  return [
    { what: 'messages sent = delivered + dropped + in flight', left: sent, right: delivered + lost + inFlight },
    { what: 'messages sent = sent by the nodes', left: sent, right: out },
    { what: 'messages delivered = received by the nodes', left: delivered, right: into },
  ];
}

function eventBalance(kernel: Kernel): Balance {
  const { scheduled, fired, cancelled, pending } = kernel.census();
  return {
    what: 'timers and other events scheduled = fired + cancelled + pending',
    left: scheduled,
    right: fired + cancelled + pending,
  };
}

/** Disks against the logs that are on them, and logs against their blocks. */
function diskBalances({ world, dataNodes }: Cluster): Balance[] {
  return [...dataNodes].flatMap(([node, process]): Balance[] => {
    const charges = process.charges();
    const { state, disk } = world.node(node);
    if (state === 'down' || charges === undefined) return [];
    let [log, others, blocks] = [0, 0, 0];
    for (const { name, lengthBytes } of disk.files()) {
      const charged = charges.get(name);
      if (charged === undefined) others += lengthBytes;
      // A rotten header hides the declared size that the disk charges for: of such a file the log can't know.
      else log += disk.rottenBytes(name) ?? charged;
    }
    for (const { diskBytes } of process.inventory()) blocks += diskBytes;
    return [
      { what: 'bytes on disk = log + other files', left: disk.usedBytes, right: log + others, node },
      { what: 'bytes of blocks ≤ log', left: blocks, right: log, node, atMost: true },
    ];
  });
}

function gatewayCounts({ gatewayViews }: Cluster): GatewayCounts[] {
  return [...gatewayViews].flatMap(([node, processes]) =>
    processes.map(({ metrics }): GatewayCounts => {
      const { requests, data, stored, errors, attempts, retries } = metrics;
      const failed = Object.values(errors).reduce((sum, count) => sum + count, 0) - errors['bad-request'];
      return { node, requests, answers: data + stored + failed, attempts, retries };
    }),
  );
}

function leftoversOf(cluster: Cluster): Leftovers {
  const leading = leaderOf(cluster);
  if (leading === undefined) return { work: undefined, stocks: [] };
  const { node, view, backlog } = leading;
  return { work: workOf(node, backlog), stocks: stocksOf(cluster, view, backlog) };
}

/** Of several that take themselves for leaders, the one that has applied most. */
function leaderOf({ world, metadataViews }: Cluster) {
  let leading: { readonly node: NodeId; readonly view: MetadataView; readonly backlog: Backlog } | undefined;
  for (const [node, view] of metadataViews) {
    const backlog = world.node(node).state === 'up' ? view.backlog() : undefined;
    if (backlog === undefined || (leading !== undefined && leading.view.revision >= view.revision)) continue;
    leading = { node, view, backlog };
  }
  return leading;
}

function workOf(leader: NodeId, { repairs, moves, transfers }: Backlog): OpenWork {
  return { leader, repairs, moves, transfers: transfers.length };
}

function stocksOf({ world, dataNodes }: Cluster, view: MetadataView, backlog: Backlog): NodeStock[] {
  const condemned = new Set(view.condemned());
  const waiting = new Set(backlog.orders.filter((order) => order.waiting > 0).map(({ node }) => node));
  return [...dataNodes].flatMap(([node, process]): NodeStock[] => {
    if (world.node(node).state !== 'up') return [];
    const known = new Set<string>();
    for (const { id, partition } of view.copiesOn(node)) known.add(`${partition} ${id}`);
    const held = [...process.inventory()];
    const unknown = held.filter(({ id, partition }) => !known.has(`${partition} ${id}`) && !condemned.has(id));
    return [
      {
        node,
        blocks: held.length,
        unknown: unknown.map(({ id, partition, ageMs }) => ({ id, partition, ageMs })),
        hasOrders: waiting.has(node),
      },
    ];
  });
}
