import type { NodeId } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { StoreClient } from '../store/client/client.ts';
import { type ClientConfig, clientConfigSchema } from '../store/client/config.ts';
import { dataNodeConfigSchema } from '../store/datanode/config.ts';
import { type DataNode, dataNode } from '../store/datanode/data-node.ts';
import { gatewayConfigSchema } from '../store/gateway/config.ts';
import { type GatewayView, gateway } from '../store/gateway/gateway.ts';
import { metadataConfigSchema } from '../store/metadata/config.ts';
import { metadataNode } from '../store/metadata/metadata-node.ts';
import type { MetadataView } from '../store/metadata/view.ts';
import { type TraceListener, World } from '../world/world.ts';
import { type Machine, machineOf, type Role } from './machines.ts';
import type { ClusterSpec, Scenario } from './scenario.ts';
import { parseSettings } from './settings.ts';

/** A node as the recorder lists it. */
export interface ClusterNode {
  readonly id: NodeId;
  readonly role: Role;
  readonly zone: string;
  readonly rack: string;
  readonly weight: number;
  /** Not started until an operation does so. */
  readonly standby: boolean;
}

/** The real components of a scenario, booted into a simulated world. */
export class Cluster {
  readonly world: World;
  readonly nodes: readonly ClusterNode[];
  /** Those that found the metadata service; operations may add and remove members. */
  readonly metadataIds: readonly NodeId[];
  readonly gatewayIds: readonly NodeId[];
  /** The clients' current processes, by position; replaced when a client restarts. */
  readonly clients: StoreClient[] = [];
  readonly #gatewayViews = new Map<NodeId, GatewayView[]>();
  readonly #dataNodes = new Map<NodeId, DataNode>();
  readonly #metadataViews = new Map<NodeId, MetadataView>();

  constructor(kernel: Kernel, scenario: Scenario, trace: TraceListener) {
    const { cluster } = scenario;
    const { network } = cluster;
    this.world = new World(
      kernel,
      { latency: network.latency, bandwidthBytesPerS: network.bandwidthPerS, lossRate: network.lossRate },
      trace,
    );
    this.nodes = layOut(cluster);
    this.metadataIds = this.#ids('metadata').slice(0, cluster.metadata.count);
    this.gatewayIds = this.#ids('gateway');
    for (const node of this.nodes) this.#add(node, cluster);
  }

  /** Starts everything but what stands by. */
  start(): void {
    for (const { id, standby } of this.nodes) if (!standby) this.world.start(id);
  }

  /** Do all clients know the map and all gateways serve, so that traffic can begin? */
  get ready(): boolean {
    const gateways = this.#ids('gateway');
    return (
      this.clients.length > 0 &&
      this.clients.every((client) => client.ready) &&
      gateways.every((id) => this.world.node(id).service !== undefined)
    );
  }

  /** The clients that can be given work: neither down nor paused. */
  get livingClients(): readonly StoreClient[] {
    const ids = this.#ids('client');
    return this.clients.filter((_, position) => this.world.node(ids[position] ?? '').state === 'up');
  }

  /** By gateway: what can be read off each of its processes, the present or last one last. Each counts from its start. */
  get gatewayViews(): ReadonlyMap<NodeId, readonly GatewayView[]> {
    return this.#gatewayViews;
  }

  /** The data nodes' present or last processes; of one that has ended only the disk is left, not what it shows. */
  get dataNodes(): ReadonlyMap<NodeId, DataNode> {
    return this.#dataNodes;
  }

  /** What can be read off the metadata nodes' present or last processes. */
  get metadataViews(): ReadonlyMap<NodeId, MetadataView> {
    return this.#metadataViews;
  }

  /** Those that data nodes may name when they register. */
  #dataZones(): string[] {
    return [...new Set(this.nodes.flatMap((node) => (node.role === 'data' ? node.zone : [])))];
  }

  #ids(role: Role): readonly NodeId[] {
    return this.nodes.filter((node) => node.role === role).map(({ id }) => id);
  }

  #add(node: ClusterNode, cluster: ClusterSpec): void {
    const { id, role, zone, rack } = node;
    const host = cluster.data.overrides[id]?.host;
    const place = {
      id,
      role,
      zone,
      rack: `${zone}/${rack}`,
      ...(role === 'data' && host !== undefined ? { host } : {}),
    };
    const boot = this.#bootOf(node, cluster);
    this.world.addNode({ ...place, ...machineFor(node, cluster) }, boot);
  }

  #bootOf(node: ClusterNode, cluster: ClusterSpec) {
    const { id, zone, rack, weight } = node;
    // Whoever may become a member is known to all from the start.
    const metadata = [...this.#ids('metadata')];
    const { settings } = cluster;
    switch (node.role) {
      case 'data':
        return dataNode(
          parseSettings('cluster.settings.dataNode', dataNodeConfigSchema, settings.dataNode, {
            zone,
            rack,
            host: cluster.data.overrides[id]?.host ?? id,
            weight,
            metadata,
          }),
          (started) => this.#dataNodes.set(id, started),
        );
      case 'gateway':
        return gateway(
          parseSettings('cluster.settings.gateway', gatewayConfigSchema, settings.gateway, {
            metadata,
            zone,
            balancer: cluster.balancer,
            gateways: this.nodes.flatMap((other) =>
              other.role === 'gateway' ? [{ id: other.id, zone: other.zone }] : [],
            ),
            writeQuorum: cluster.writeQuorum,
          }),
          (view) => this.#gatewayViews.set(id, [...(this.#gatewayViews.get(id) ?? []), view]),
        );
      case 'metadata':
        return metadataNode(
          parseSettings('cluster.settings.metadata', metadataConfigSchema, settings.metadata, {
            members: [...this.metadataIds],
            partitions: cluster.partitions,
            replication: cluster.replication,
            writeQuorum: cluster.writeQuorum,
            placement: cluster.placement,
            rebalancer: cluster.rebalancer,
            expectedNodes: cluster.data.count,
            zones: this.#dataZones(),
          }),
          (view) => this.#metadataViews.set(id, view),
        );
      case 'client':
        return this.#clientBoot(
          id,
          parseSettings('cluster.settings.client', clientConfigSchema, clientSettings(cluster), {
            metadata,
            gateways: [...this.#ids('gateway')],
          }),
        );
    }
  }

  #clientBoot(id: NodeId, config: ClientConfig) {
    const position = this.#ids('client').indexOf(id);
    return (host: ConstructorParameters<typeof StoreClient>[0]) => {
      const client = new StoreClient(host, config);
      this.clients[position] = client;
      client.start();
    };
  }
}

/** What a scenario says of its clients, in the component's words; `settings`, which has these already, has the last one. */
function clientSettings({ client = {}, settings }: ClusterSpec): Readonly<Record<string, unknown>> {
  const { staleWithin, reads, ...rest } = client;
  return { ...rest, staleWithinMs: staleWithin, metadataReads: reads, ...settings.client };
}

/** Names and places: nodes of a role go round the zones, then round the racks of each zone. */
function layOut(cluster: ClusterSpec): readonly ClusterNode[] {
  const { zones, racksPerZone, data, gateways, metadata, clients } = cluster;
  const place = (position: number) => ({
    zone: zones[position % zones.length] ?? '',
    rack: `r${(Math.floor(position / zones.length) % racksPerZone) + 1}`,
  });
  const group = (role: Role, count: number): ClusterNode[] =>
    Array.from({ length: count }, (_, i) => ({ id: `${role}-${i + 1}`, role, ...place(i), weight: 1, standby: false }));
  const dataNodes = group('data', data.count + data.standby).map((node, i) => {
    const { weight = data.weight, zone = node.zone, rack = node.rack } = data.overrides[node.id] ?? {};
    return { ...node, weight, zone, rack, standby: i >= data.count };
  });
  const metadataNodes = group('metadata', metadata.count + metadata.standby).map((node, i) => ({
    ...node,
    standby: i >= metadata.count,
  }));
  return [...metadataNodes, ...dataNodes, ...group('gateway', gateways.count), ...group('client', clients.count)];
}

function machineFor({ id, role }: ClusterNode, cluster: ClusterSpec): Machine {
  switch (role) {
    case 'data':
      return machineOf(role, cluster.data, cluster.data.overrides[id] ?? {});
    case 'gateway':
      return machineOf(role, cluster.gateways);
    case 'metadata':
      return machineOf(role, cluster.metadata);
    case 'client':
      return machineOf(role);
  }
}
