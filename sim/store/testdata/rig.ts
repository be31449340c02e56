import type { CallFailure, CallHandler, Exchange, Host, Message, NodeId, Service, TimerHandler } from '../../host.ts';
import { Kernel } from '../../kernel/kernel.ts';
import type { NetworkSpec, NodeSpec } from '../../world/spec.ts';
import { World } from '../../world/world.ts';
import { StoreClient } from '../client/client.ts';
import { clientConfigSchema } from '../client/config.ts';
import type { Outcome, OutcomeHandler } from '../client/outcome.ts';
import type { StoreEvent } from '../events.ts';
import { gatewayConfigSchema } from '../gateway/config.ts';
import { gateway } from '../gateway/gateway.ts';
import { crc32c } from '../hash.ts';
import type { DataReply, DataRequest } from '../messages/block.ts';
import type { GatewayReply, GatewayRequest } from '../messages/gateway.ts';
import type { MetadataReply, MetadataRequest } from '../messages/metadata.ts';
import type { BlockRef, ClusterMap, Liveness, ObjectVersion } from '../model.ts';

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
      this.#add(id, (host) => host.network.serve(fake));
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

/** A map of eight partitions; each has the first three nodes as replicas. */
export function mapOf(nodes: number, liveness: Readonly<Record<string, Liveness>> = {}): ClusterMap {
  const ids = Array.from({ length: nodes }, (_, i) => `data-${i + 1}`);
  const replicas = ids.slice(0, 3);
  return {
    epoch: 1,
    replication: replicas.length,
    nodes: ids.map((id) => ({
      id,
      zone: 'a',
      rack: '1',
      host: id,
      weight: 1,
      liveness: liveness[id] ?? 'up',
      membership: 'active',
    })),
    partitions: Array.from({ length: 8 }, () => ({ replicas, joining: [] })),
  };
}

/** What a caller of a gateway has heard. */
export class Answer implements CallHandler {
  readonly #kernel: Kernel;
  call = 0;
  reply: GatewayReply | undefined;
  failure: CallFailure | undefined;
  endedMs = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get ended(): boolean {
    return this.reply !== undefined || this.failure !== undefined;
  }

  onReply(_tag: number, response: Message): void {
    this.reply = response as GatewayReply;
    this.endedMs = this.#kernel.nowMs;
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    this.failure = failure;
    this.endedMs = this.#kernel.nowMs;
  }
}

/** Outcomes that a client has told, in order. */
export class Heard implements OutcomeHandler {
  readonly outcomes: Outcome[] = [];

  onOutcome(_tag: number, outcome: Outcome): void {
    this.outcomes.push(outcome);
  }
}

/** What a scripted node does with a request: an answer, no answer at all, or what it does without a script. */
export type Scripted<Reply> = Reply | 'silent' | undefined;

/** Answers after a delay, and counts the aborts that reach it. */
abstract class FakeServer<Request extends Message, Reply extends Message> implements Service {
  readonly heard: Request[] = [];
  /** Until when callers wait, as the exchanges of the requests heard say. */
  readonly deadlinesMs: number[] = [];
  script: (request: Request) => Scripted<Reply> = () => undefined;
  delayMs = 0;
  aborts = 0;
  host: Host | undefined;

  boot(host: Host): void {
    this.host = host;
    host.network.serve(this);
  }

  onRequest(message: Message, exchange: Exchange): void {
    const request = message as Request;
    this.heard.push(request);
    this.deadlinesMs.push(exchange.deadlineMs);
    const scripted = this.script(request);
    const abort = { onAborted: () => this.#onAborted(exchange) };
    exchange.onAbort(abort);
    if (scripted === 'silent') return;
    const reply = scripted ?? this.serve(request, exchange);
    if (this.delayMs === 0 || this.host === undefined) exchange.reply(reply);
    else this.host.timers.after(this.delayMs, new LateReply(exchange, reply), 0);
  }

  onMessage(): void {}

  protected abstract serve(request: Request, exchange: Exchange): Reply;

  #onAborted(_exchange: Exchange): void {
    this.aborts += 1;
  }
}

class LateReply implements TimerHandler {
  readonly #exchange: Exchange;
  readonly #reply: Message;

  constructor(exchange: Exchange, reply: Message) {
    this.#exchange = exchange;
    this.#reply = reply;
  }

  onTimer(): void {
    if (!this.#exchange.aborted) this.#exchange.reply(this.#reply);
  }
}

/** Keeps blocks in memory. */
export class FakeDataNode extends FakeServer<DataRequest, DataReply> {
  readonly id: NodeId;
  readonly blocks = new Map<string, TestBlock>();
  /** Writes under an older epoch are fenced off; every refusal tells of it. */
  epoch = 1;

  constructor(id: NodeId) {
    super();
    this.id = id;
  }

  refusal(refusal: Extract<DataReply, { kind: 'block.refused' }>['refusal']): DataReply {
    return { kind: 'block.refused', refusal, epoch: this.epoch, detail: '' };
  }

  protected serve(request: DataRequest): DataReply {
    if (request.kind === 'block.add') {
      if (request.epoch < this.epoch) return this.refusal('stale-epoch');
      const existed = this.blocks.has(request.block.id);
      this.blocks.set(request.block.id, { ref: request.block, bytes: request.body.bytes });
      return { kind: 'block.stored', generation: 1, existed };
    }
    if (request.kind !== 'block.read') return this.refusal('bad-request');
    const block = this.blocks.get(request.id);
    if (block === undefined) return this.refusal('absent');
    const { startBytes = 0, lengthBytes = block.ref.sizeBytes } = request.range ?? {};
    const whole = block.bytes.length < block.ref.sizeBytes;
    const bytes = whole ? block.bytes : block.bytes.subarray(startBytes, startBytes + lengthBytes);
    return { kind: 'block.data', body: { sizeBytes: lengthBytes, bytes }, checksum: crc32c(bytes), generation: 1 };
  }
}

/** Knows a map and objects; a repeated token gives the first answer. */
export class FakeMetadata extends FakeServer<MetadataRequest, MetadataReply> {
  map: ClusterMap;
  readonly objects = new Map<string, ObjectVersion>();
  readonly confirmed: string[] = [];
  readonly #answers = new Map<string, MetadataReply>();
  #generation = 0;

  constructor(map: ClusterMap) {
    super();
    this.map = map;
  }

  /** Tells of the map's epoch, as metadata does after a change. */
  announce(...to: readonly NodeId[]): void {
    for (const id of to) this.host?.network.send(id, { kind: 'map.changed', epoch: this.map.epoch } as Message);
  }

  heardKinds(): string[] {
    return this.heard.map(({ kind }) => kind);
  }

  serve(request: MetadataRequest): MetadataReply {
    switch (request.kind) {
      case 'map.get':
        if (request.knownEpoch >= this.map.epoch) return { kind: 'map.unchanged', epoch: this.map.epoch };
        return { kind: 'map', map: this.map, controlBytes: 100 };
      case 'object.lookup': {
        const version = this.objects.get(request.key);
        return version === undefined ? { kind: 'object.missing', key: request.key } : { kind: 'object.found', version };
      }
      case 'object.commit':
      case 'object.delete': {
        const answer = this.#answers.get(request.token) ?? this.#change(request);
        this.#answers.set(request.token, answer);
        return answer;
      }
      case 'object.list': {
        const keys = [...this.objects.keys()].filter((key) => key.startsWith(request.prefix) && key > request.after);
        const entries = keys.sort().flatMap((key) => this.objects.get(key) ?? []);
        return { kind: 'object.page', entries, next: undefined, revision: this.#generation, controlBytes: 10 };
      }
      case 'blocks.confirmed':
        for (const { id, node } of request.confirmed) this.confirmed.push(`${id} on ${node}`);
        return { kind: 'blocks.noted' };
      default:
        return { kind: 'metadata.bad-request', detail: request.kind };
    }
  }

  #change(request: Extract<MetadataRequest, { kind: 'object.commit' | 'object.delete' }>): MetadataReply {
    const { key, condition } = request;
    const generation = this.objects.get(key)?.generation ?? 0;
    const wanted = condition.kind === 'if-generation' ? condition.generation : 0;
    if (condition.kind !== 'none' && wanted !== generation) return { kind: 'object.precondition-failed', generation };
    this.#generation += 1;
    if (request.kind === 'object.delete')
      return { kind: 'object.deleted', generation: this.#generation, existed: this.objects.delete(key) };
    const { sizeBytes, blocks } = request;
    this.objects.set(key, { key, generation: this.#generation, sizeBytes, blocks });
    return { kind: 'object.committed', generation: this.#generation };
  }
}

/** A gateway that says what the test wants. */
export class FakeGateway extends FakeServer<GatewayRequest, GatewayReply> {
  protected serve({ kind }: GatewayRequest): GatewayReply {
    throw new Error(`${kind}: this gateway has no script`);
  }
}

export interface TestBlock {
  readonly ref: BlockRef;
  readonly bytes: Uint8Array;
}

/** Bytes that follow from a name. */
export function bytesOf(name: string, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let state = crc32c(Buffer.from(name));
  for (let i = 0; i < lengthBytes; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function testBlock(id = 'b1', lengthBytes = 40, partition = 0): TestBlock {
  const bytes = bytesOf(id, lengthBytes);
  return { ref: { id, partition, sizeBytes: lengthBytes, checksum: crc32c(bytes) }, bytes };
}

export function getRequest({ ref }: TestBlock): Extract<GatewayRequest, { kind: 'gateway.get' }> {
  return { kind: 'gateway.get', key: 'k', block: ref, epoch: 0 };
}

export function putRequest({ ref, bytes }: TestBlock): Extract<GatewayRequest, { kind: 'gateway.put' }> {
  return { kind: 'gateway.put', key: 'k', block: ref, epoch: 0, body: { sizeBytes: ref.sizeBytes, bytes } };
}
