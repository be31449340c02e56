import type { Host, NodeId } from '../../host.ts';
import { Kernel } from '../../kernel/kernel.ts';
import type { NetworkSpec, NodeSpec } from '../../world/spec.ts';
import { World } from '../../world/world.ts';
import { StoreClient } from '../client/client.ts';
import { clientConfigSchema } from '../client/config.ts';
import type { Outcome, OutcomeHandler } from '../client/outcome.ts';
import type { StoreEvent } from '../events.ts';
import { gatewayConfigSchema } from '../gateway/config.ts';
import { gateway } from '../gateway/gateway.ts';
import type { GatewayReply, GatewayRequest } from '../messages/gateway.ts';
import type { ClusterMap } from '../model.ts';
import { FakeDataNode } from './fake-data-node.ts';
import { FakeGateway } from './fake-gateway.ts';
import { FakeMetadata } from './fake-metadata.ts';
import { Answer, Heard } from './hearers.ts';
import { mapOf } from './test-map.ts';

export { Heard } from './hearers.ts';
export { bytesOf, getRequest, putRequest, testBlock } from './test-blocks.ts';
export { mapOf } from './test-map.ts';

/**
 * For tests: real clients and gateways among scripted data nodes and a scripted metadata service, on a network where each
 * message takes {@link HOP_MS} and nothing else takes any time.
 */

export const HOP_MS = 1;

const HOP = { kind: 'fixed', meanMs: HOP_MS } as const;
const NETWORK: NetworkSpec = {
  latency: { local: HOP, rack: HOP, zone: HOP, 'cross-zone': HOP },
  bandwidthBytesPerS: 1e300,
  lossRate: 0,
};

export interface RigOptions {
  readonly nodes?: number;
  readonly gateways?: number;
  readonly gateway?: Readonly<Record<string, unknown>>;
  readonly client?: Readonly<Record<string, unknown>>;
  readonly map?: Partial<ClusterMap>;
  /** Starts only these kinds of nodes, so that a client faces scripted gateways; all by default. */
  readonly fakeGateways?: boolean;
  readonly seed?: string;
}

export class Rig {
  readonly kernel: Kernel;
  readonly world: World;
  readonly metadata: FakeMetadata;
  readonly data: FakeDataNode[] = [];
  readonly fakeGateways: FakeGateway[] = [];
  readonly events: StoreEvent[] = [];
  readonly #clients: StoreClient[] = [];
  readonly #callers: Host[] = [];

  constructor(options: RigOptions = {}) {
    const { nodes = 3, gateways = 1 } = options;
    this.kernel = new Kernel(options.seed ?? 'rig');
    this.world = new World(this.kernel, NETWORK, (_node, event) => {
      if (isStoreEvent(event)) this.events.push(event);
    });
    this.metadata = new FakeMetadata({ ...mapOf(nodes), ...options.map });
    this.#add('metadata-1', (host) => this.metadata.boot(host));
    for (let n = 1; n <= nodes; n++) {
      const node = new FakeDataNode(`data-${n}`);
      this.data.push(node);
      this.#add(node.id, (host) => node.boot(host));
    }
    const names = Array.from({ length: gateways }, (_, i) => `gateway-${i + 1}`);
    for (const id of names) this.#addGateway(id, options);
    this.#add('caller', (host) => {
      this.#callers[0] = host;
    });
    const config = clientConfigSchema.parse({ metadata: ['metadata-1'], gateways: names, ...options.client });
    this.#add('client-1', (host) => {
      const client = new StoreClient(host, config);
      this.#clients[0] = client;
      client.start();
    });
    for (const node of this.world.nodes()) this.world.start(node.id);
    this.run(10);
    this.events.length = 0;
    this.metadata.heard.length = 0;
  }

  get client(): StoreClient {
    const client = this.#clients[0];
    if (client === undefined) throw new Error('the client never started');
    return client;
  }

  get caller(): Host {
    const host = this.#callers[0];
    if (host === undefined) throw new Error('the caller never started');
    return host;
  }

  get nowMs(): number {
    return this.kernel.nowMs;
  }

  run(ms: number): void {
    this.kernel.run(this.kernel.nowMs + ms);
  }

  node(position: number): FakeDataNode {
    const node = this.data[position - 1];
    if (node === undefined) throw new Error(`there is no data-${position}`);
    return node;
  }

  /** Sends a request to a gateway; what comes stands in the result. */
  send(request: GatewayRequest, timeoutMs = 2_000, to: NodeId = 'gateway-1'): Answer {
    const answer = new Answer(this.kernel);
    answer.call = this.caller.network.call(to, request, timeoutMs, answer, 0);
    return answer;
  }

  /** Sends a request and runs until it is answered. */
  ask(request: GatewayRequest, timeoutMs = 2_000): GatewayReply {
    const answer = this.send(request, timeoutMs);
    this.kernel.runUntil(() => answer.ended, this.nowMs + 60_000);
    if (answer.reply === undefined) throw new Error(`${request.kind}: ${answer.failure ?? 'never ended'}`);
    return answer.reply;
  }

  /** Runs an operation of the client to its end. */
  perform(begin: (client: StoreClient, handler: OutcomeHandler) => void): Outcome {
    const heard = new Heard();
    begin(this.client, heard);
    this.kernel.runUntil(() => heard.outcomes.length > 0, this.nowMs + 60_000);
    const [outcome] = heard.outcomes;
    if (outcome === undefined) throw new Error('the operation never ended');
    return outcome;
  }

  /** Replaces the map and tells nobody. */
  changeMap(change: Partial<ClusterMap>): void {
    this.metadata.map = { ...this.metadata.map, epoch: this.metadata.map.epoch + 1, ...change };
  }

  eventsOf<K extends StoreEvent['kind']>(kind: K): Extract<StoreEvent, { kind: K }>[] {
    return this.events.flatMap((event) => (isKind(event, kind) ? [event] : []));
  }

  /** Data nodes in the order in which a gateway tried them. */
  tried(): string[] {
    return this.eventsOf('attempt').map(({ backend }) => backend);
  }

  #addGateway(id: NodeId, options: RigOptions): void {
    if (options.fakeGateways === true) {
      const fake = new FakeGateway();
      this.fakeGateways.push(fake);
      this.#add(id, (host) => fake.boot(host));
      return;
    }
    const config = gatewayConfigSchema.parse({
      metadata: ['metadata-1'],
      zone: 'a',
      balancer: { name: 'round-robin' },
      ...options.gateway,
    });
    this.#add(id, gateway(config));
  }

  #add(id: NodeId, boot: (host: Host) => void): void {
    this.world.addNode(spec(id), boot);
  }
}

function isStoreEvent(event: { readonly kind: string }): event is StoreEvent {
  return !event.kind.startsWith('process-');
}

function isKind<K extends StoreEvent['kind']>(event: StoreEvent, kind: K): event is Extract<StoreEvent, { kind: K }> {
  return event.kind === kind;
}

function spec(id: NodeId): NodeSpec {
  return {
    id,
    role: id.replace(/-\d+$/, ''),
    zone: 'a',
    rack: '1',
    cpu: { cores: 1, speed: 1, costs: { default: { kind: 'fixed', meanMs: 0 } } },
    disk: { capacityBytes: 1e9, seekMs: 0, bandwidthBytesPerS: 1e9, syncMs: 0, queueDepth: 1 },
  };
}
