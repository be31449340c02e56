import type { NodeId } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { StoreClient } from '../store/client/client.ts';
import { type ClientConfig, clientConfigSchema } from '../store/client/config.ts';
import { dataNodeConfigSchema } from '../store/datanode/config.ts';
import { dataNode } from '../store/datanode/data-node.ts';
import { gatewayConfigSchema } from '../store/gateway/config.ts';
import { gateway } from '../store/gateway/gateway.ts';
import { metadataConfigSchema } from '../store/metadata/config.ts';
import { metadataNode } from '../store/metadata/metadata-node.ts';
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
  readonly metadataIds: readonly NodeId[];
  readonly gatewayIds: readonly NodeId[];
  /** The clients' current processes, by position; replaced when a client restarts. */
  readonly clients: StoreClient[] = [];

  constructor(kernel: Kernel, scenario: Scenario, trace: TraceListener) {
    const { cluster } = scenario;
    const { network } = cluster;
    this.world = new World(
      kernel,
      { latency: network.latency, bandwidthBytesPerS: network.bandwidthPerS, lossRate: network.lossRate },
      trace,
    );
    this.nodes = layOut(cluster);
    this.metadataIds = this.#ids('metadata');
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
    const metadata = [...this.metadataIds];
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
        );
      case 'gateway':
        return gateway(
          parseSettings('cluster.settings.gateway', gatewayConfigSchema, settings.gateway, {
            metadata,
            zone,
            balancer: cluster.balancer,
            writeQuorum: cluster.writeQuorum,
          }),
        );
      case 'metadata':
        return metadataNode(
          parseSettings('cluster.settings.metadata', metadataConfigSchema, settings.metadata, {
            members: metadata,
            partitions: cluster.partitions,
            replication: cluster.replication,
            writeQuorum: cluster.writeQuorum,
            placement: cluster.placement,
            rebalancer: cluster.rebalancer,
            expectedNodes: cluster.data.count,
          }),
        );
      case 'client':
        return this.#clientBoot(
          id,
          parseSettings('cluster.settings.client', clientConfigSchema, settings.client, {
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
  return [
    ...group('metadata', metadata.count),
    ...dataNodes,
    ...group('gateway', gateways.count),
    ...group('client', clients.count),
  ];
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
