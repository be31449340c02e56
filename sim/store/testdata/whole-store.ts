import type { Boot, NodeId } from '../../host.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { smallNetwork, smallNode } from '../../world/testing.ts';
import { World } from '../../world/world.ts';
import { StoreClient } from '../client/client.ts';
import { clientConfigSchema } from '../client/config.ts';
import type { Outcome, OutcomeHandler } from '../client/outcome.ts';
import { dataNodeConfigSchema } from '../datanode/config.ts';
import { dataNode } from '../datanode/data-node.ts';
import type { StoreEvent } from '../events.ts';
import { gatewayConfigSchema } from '../gateway/config.ts';
import { gateway } from '../gateway/gateway.ts';
import { metadataConfigSchema } from '../metadata/config.ts';
import { metadataNode } from '../metadata/metadata-node.ts';
import { bytesOf } from './test-blocks.ts';

/** For tests: a whole store of real components in a simulated world, with one client. */
export class WholeStore implements OutcomeHandler {
  readonly kernel: Kernel;
  readonly world: World;
  readonly outcomes = new Map<number, Outcome>();
  readonly events: StoreEvent[] = [];
  #tag = 0;
  readonly #clients: StoreClient[] = [];

  /** @param client - Settings of the client, over the defaults. */
  constructor(seed = 'story', lossRate = 0, client: Readonly<Record<string, unknown>> = {}) {
    this.kernel = new Kernel(seed);
    this.world = new World(this.kernel, { ...smallNetwork, lossRate }, (_node, event) => {
      if (!event.kind.startsWith('process-')) this.events.push(event as StoreEvent);
    });
    const metadata = ['metadata-1'];
    const gateways = ['gateway-1', 'gateway-2'];
    this.#add(
      'metadata-1',
      'z1',
      metadataNode(metadataConfigSchema.parse({ members: metadata, partitions: 16, expectedNodes: 4 })),
    );
    for (let n = 1; n <= 4; n++) {
      const place = { zone: `z${(n % 3) + 1}`, rack: 'r1', host: `h${n}` };
      this.#add(`data-${n}`, place.zone, dataNode(dataNodeConfigSchema.parse({ ...place, metadata })));
    }
    for (const id of gateways) {
      const balancer = { name: 'least-outstanding' };
      this.#add(id, 'z1', gateway(gatewayConfigSchema.parse({ metadata, zone: 'z1', balancer })));
    }
    const config = clientConfigSchema.parse({ metadata, gateways, blockBytes: 1_000, ...client });
    this.#add('client-1', 'z1', (host) => {
      this.#clients[0] = new StoreClient(host, config);
      this.#clients[0].start();
    });
    for (const { id } of this.world.nodes()) this.world.start(id);
    const up = this.kernel.runUntil(() => this.client.ready, 30_000);
    if (!up) throw new Error('the store never came up');
    this.run(500);
  }

  get client(): StoreClient {
    const [client] = this.#clients;
    if (client === undefined) throw new Error('the client never started');
    return client;
  }

  run(ms: number): void {
    this.kernel.run(this.kernel.nowMs + ms);
  }

  begin(call: (client: StoreClient, handler: OutcomeHandler, tag: number) => void): number {
    this.#tag += 1;
    call(this.client, this, this.#tag);
    return this.#tag;
  }

  perform(call: (client: StoreClient, handler: OutcomeHandler, tag: number) => void): Outcome {
    const tag = this.begin(call);
    this.kernel.runUntil(() => this.outcomes.has(tag), this.kernel.nowMs + 30_000);
    const outcome = this.outcomes.get(tag);
    if (outcome === undefined) throw new Error('an operation never ended');
    return outcome;
  }

  put(key: string, content: string, lengthBytes = 100): number {
    const body = { sizeBytes: lengthBytes, bytes: bytesOf(content, lengthBytes) };
    return this.begin((client, handler, tag) => client.put(key, body, handler, tag));
  }

  /** The bytes under a key, undefined if there are none; a read that a lost message spoilt is repeated. */
  read(key: string): Uint8Array | undefined {
    for (let tries = 0; tries < 5; tries++) {
      const outcome = this.perform((client, handler, tag) => client.get(key, undefined, handler, tag));
      if (outcome.status === 'ok') return outcome.result.kind === 'object' ? outcome.result.body.bytes : undefined;
    }
    throw new Error(`${key} cannot be read`);
  }

  onOutcome(tag: number, outcome: Outcome): void {
    if (this.outcomes.has(tag)) throw new Error(`operation ${tag} ended twice`);
    this.outcomes.set(tag, outcome);
  }

  eventsOf(kind: StoreEvent['kind']): StoreEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  #add(id: NodeId, zone: string, boot: Boot): void {
    this.world.addNode(smallNode(id, { zone }), boot);
  }
}
