import type { CallFailure, CallHandler, Host, Message, NodeId, Service, TimerHandler, TraceEvent } from '../../../host.ts';
import { Kernel } from '../../../kernel/kernel.ts';
import { smallNetwork, smallNode } from '../../../world/testing.ts';
import { World } from '../../../world/world.ts';
import type { MetadataReply, MetadataRequest } from '../../messages/metadata.ts';
import { blockDigest } from '../../datanode/block-digest.ts';
import type { Heartbeat, NodeCommand, NodeInventory, TransferReport } from '../../messages/node.ts';
import type { BlockRef } from '../../model.ts';
import type { MetadataConfig } from '../config.ts';
import { metadataNode } from '../metadata-node.ts';
import type { MetadataView } from '../view.ts';

/** For tests: a cluster of one metadata node and scripted data nodes that keep nothing but lists of ids. */
export class TestCluster {
  readonly kernel: Kernel;
  readonly world: World;
  readonly events: TraceEvent[] = [];
  readonly nodes = new Map<NodeId, FakeDataNode>();
  /** All blocks that were ever written, by id. */
  readonly blocks = new Map<string, BlockRef>();
  readonly client = new FakeClient();
  /** What can be read off the metadata node. */
  view: MetadataView | undefined;
  readonly #answers = new Map<number, MetadataReply | CallFailure>();
  #tag = 0;
  #block = 0;

  constructor(config: Partial<MetadataConfig> = {}, seed = 'metadata') {
    this.kernel = new Kernel(seed);
    this.world = new World(this.kernel, smallNetwork, (_node, event) => {
      this.events.push(event);
    });
    const settings: MetadataConfig = {
      members: ['metadata-1'],
      partitions: 8,
      settleMs: 500,
      dropGraceMs: 1_000,
      garbageGraceMs: 3_000,
      ...config,
    };
    const boot = metadataNode(settings, (view) => {
      this.view = view;
    });
    this.world.addNode(smallNode('metadata-1'), boot);
    this.world.addNode(smallNode('client-1'), (host) => this.client.boot(host, this.#answers));
    this.world.start('metadata-1');
    this.world.start('client-1');
  }

  addNode(
    id: NodeId,
    zone: string,
    more: { readonly weight?: number; readonly capacityBytes?: number } = {},
  ): FakeDataNode {
    const has = (from: NodeId, block: string) =>
      this.nodes.get(from)?.blocks.has(block) === true && this.world.node(from).running;
    const node = new FakeDataNode(id, zone, more.weight ?? 1, more.capacityBytes ?? 1e9, has, this.blocks);
    this.nodes.set(id, node);
    this.world.addNode(smallNode(id, { zone }), (host) => node.boot(host));
    this.world.start(id);
    return node;
  }

  run(ms: number): void {
    this.kernel.run(this.kernel.nowMs + ms);
  }

  /** Sends a request from the client; the answer is found under the tag that is returned. */
  send(request: MetadataRequest): number {
    this.#tag += 1;
    this.client.call(request, this.#tag);
    return this.#tag;
  }

  answer(tag: number): MetadataReply | CallFailure | undefined {
    return this.#answers.get(tag);
  }

  /** Sends a request and waits for its answer. */
  ask(request: MetadataRequest): MetadataReply | CallFailure {
    const tag = this.send(request);
    for (let i = 0; i < 100 && !this.#answers.has(tag); i++) this.run(20);
    return this.#answers.get(tag) ?? 'timeout';
  }

  map() {
    const reply = this.ask({ kind: 'map.get', knownEpoch: 0 });
    if (typeof reply === 'string' || reply.kind !== 'map') throw new Error(`no map: ${JSON.stringify(reply)}`);
    return reply.map;
  }

  /** Writes an object of one block on the owners (or on `on`) and commits it. */
  put(
    key: string,
    options: { readonly partition?: number; readonly on?: readonly NodeId[]; readonly token?: string } = {},
  ): MetadataReply | CallFailure {
    const { request } = this.write(key, options);
    return this.ask(request);
  }

  /** The same without the commit. */
  write(
    key: string,
    options: { readonly partition?: number; readonly on?: readonly NodeId[]; readonly token?: string } = {},
  ) {
    this.#block += 1;
    const partition = options.partition ?? 0;
    const entry = this.map().partitions[partition];
    const block: BlockRef = { id: `b${this.#block}`, partition, sizeBytes: 1_000, checksum: 7 };
    const on =
      options.on ?? [...(entry?.replicas ?? []), ...(entry?.joining ?? [])].filter((id) => this.world.node(id).running);
    this.blocks.set(block.id, block);
    for (const id of on) this.nodes.get(id)?.blocks.add(block.id);
    const request: Extract<MetadataRequest, { kind: 'object.commit' }> = {
      kind: 'object.commit',
      key,
      sizeBytes: block.sizeBytes,
      blocks: [block],
      acked: [on],
      condition: { kind: 'none' },
      token: options.token ?? `client-1.1.${this.#block}`,
    };
    return { block, request };
  }

  /** Events of one kind, as the store emits them. */
  eventsOf(kind: string): readonly Record<string, unknown>[] {
    return this.events.filter((event) => event.kind === kind).map((event) => ({ ...event }));
  }
}

/** Sends what the test wants and keeps the answers. */
class FakeClient implements CallHandler, Service {
  readonly notices: Message[] = [];
  #host: Host | undefined;
  #answers = new Map<number, MetadataReply | CallFailure>();

  boot(host: Host, answers: Map<number, MetadataReply | CallFailure>): void {
    this.#host = host;
    this.#answers = answers;
    host.network.serve(this);
  }

  call(request: MetadataRequest, tag: number): void {
    this.#host?.network.call('metadata-1', request, 5_000, this, tag);
  }

  onReply(tag: number, response: Message): void {
    if (isReply(response)) this.#answers.set(tag, response);
  }

  onCallFailed(tag: number, failure: CallFailure): void {
    this.#answers.set(tag, failure);
  }

  onMessage(message: Message): void {
    this.notices.push(message);
  }

  onRequest(): void {}
}

/** All answers in these tests come from the metadata node. */
function isReply(message: Message): message is MetadataReply {
  return message.kind !== '';
}

const tagRegister = 1;
const tagBeat = 2;
const tagInventory = 3;

/** Registers, beats, and carries out commands at once; its disk is a set of ids that outlives its process. */
export class FakeDataNode implements CallHandler, TimerHandler {
  readonly id: NodeId;
  readonly zone: string;
  readonly weight: number;
  readonly capacityBytes: number;
  readonly blocks = new Set<string>();
  diskId = 'disk-1';
  usedBytes = 0;
  /** Commands that it has heard of. */
  readonly heard: NodeCommand[] = [];
  readonly refusals: string[] = [];
  /** Blocks that it will report as corrupt. */
  corrupt: { readonly id: string; readonly partition: number }[] = [];
  /** What it says of its disk, and of its peers. */
  diskFailing = false;
  unreachable: readonly NodeId[] = [];
  /** Hears of transfers and does nothing. */
  lazy = false;
  #registered = false;
  #host: Host | undefined;
  #done = new Set<number>();
  #reports = new Map<number, TransferReport>();
  #sent: Heartbeat | undefined;
  /** When each block was first seen here. */
  readonly #sinceMs = new Map<string, number>();
  /** An inventory that is to be sent, and the command for it. */
  #inventory: NodeInventory | undefined;
  readonly #has: (from: NodeId, block: string) => boolean;
  readonly #refs: ReadonlyMap<string, BlockRef>;

  constructor(
    id: NodeId,
    zone: string,
    weight: number,
    capacityBytes: number,
    has: (from: NodeId, block: string) => boolean,
    refs: ReadonlyMap<string, BlockRef>,
  ) {
    this.#refs = refs;
    this.id = id;
    this.zone = zone;
    this.weight = weight;
    this.capacityBytes = capacityBytes;
    this.#has = has;
  }

  boot(host: Host): void {
    this.#host = host;
    this.#registered = false;
    this.#done = new Set();
    this.#reports = new Map();
    this.onTimer();
  }

  onTimer(): void {
    const host = this.#host;
    if (host === undefined) return;
    host.timers.after(1_000, this, 0);
    const { id, diskId, zone, weight, capacityBytes } = this;
    if (!this.#registered) {
      const node = { id, diskId, incarnation: host.incarnation, zone, rack: '1', host: id, weight, capacityBytes };
      const register: MetadataRequest = { kind: 'node.register', node };
      host.network.call('metadata-1', register, 900, this, tagRegister);
      return;
    }
    for (const block of this.blocks) if (!this.#sinceMs.has(block)) this.#sinceMs.set(block, host.clock.nowMs());
    this.#sent = {
      kind: 'node.heartbeat',
      id,
      incarnation: host.incarnation,
      epoch: 0,
      usedBytes: this.usedBytes,
      capacityBytes,
      inFlight: 0,
      diskErrors: 0,
      diskFailing: this.diskFailing,
      readOnly: false,
      quarantined: 0,
      unreachable: this.unreachable,
      corrupt: this.corrupt,
      transfers: [...this.#reports.values()],
      doneCommands: [...this.#done],
      digests: this.#digests(),
      controlBytes: 0,
    };
    host.network.call('metadata-1', this.#sent, 900, this, tagBeat);
  }

  onReply(_tag: number, response: Message): void {
    if (!isReply(response)) return;
    const reply = response;
    if (reply.kind === 'node.registered') this.#registered = true;
    else if (reply.kind === 'node.unknown') this.#registered = false;
    else if (reply.kind === 'inventory.noted') this.#done.add(this.#inventory?.commandId ?? 0);
    else if (reply.kind === 'metadata.bad-request') this.refusals.push(reply.detail);
    else if (reply.kind === 'node.beat') this.#onBeat(reply.commands);
  }

  onCallFailed(): void {}

  #onBeat(commands: readonly NodeCommand[]): void {
    this.corrupt = [];
    for (const id of this.#sent?.doneCommands ?? []) this.#done.delete(id);
    for (const { transferId } of this.#sent?.transfers ?? []) this.#reports.delete(transferId);
    for (const command of commands) {
      this.heard.push(command);
      if (command.kind === 'inventory') {
        this.#tell(command.commandId, command.partition);
        continue;
      }
      this.#done.add(command.commandId);
      if (command.kind === 'drop-partition') {
        for (const id of this.blocks) if (this.#refs.get(id)?.partition === command.partition) this.blocks.delete(id);
      }
      if (command.kind === 'delete-blocks') for (const { id } of command.blocks) this.blocks.delete(id);
      if (command.kind === 'transfer' && !this.lazy) this.#copy(command);
    }
  }

  /** By partition, of the blocks that are known by more than their id. */
  #digests(): Heartbeat['digests'] {
    const digests = new Map<number, readonly [number, number]>();
    for (const id of this.blocks) {
      const block = this.#refs.get(id);
      if (block === undefined) continue;
      const [digest, count] = digests.get(block.partition) ?? [0, 0];
      digests.set(block.partition, [(digest ^ blockDigest(id, block.checksum)) >>> 0, count + 1]);
    }
    return [...digests].map(([partition, [digest, count]]) => [partition, digest, count]);
  }

  #tell(commandId: number, partition: number): void {
    const host = this.#host;
    if (host === undefined) return;
    const blocks = [...this.blocks].flatMap((id) => {
      const block = this.#refs.get(id);
      if (block?.partition !== partition) return [];
      const ageMs = host.clock.nowMs() - (this.#sinceMs.get(id) ?? host.clock.nowMs());
      return [{ id, sizeBytes: block.sizeBytes, checksum: block.checksum, ageMs }];
    });
    const { incarnation } = host;
    this.#inventory = { kind: 'node.inventory', id: this.id, incarnation, commandId, partition, blocks, controlBytes: 0 };
    host.network.call('metadata-1', this.#inventory, 900, this, tagInventory);
  }

  #copy({ transferId, partition, blocks, sources }: Extract<NodeCommand, { kind: 'transfer' }>): void {
    const verified: string[] = [];
    let copiedBytes = 0;
    for (const block of blocks) {
      const here = this.blocks.has(block.id);
      if (!here && !sources.some((source) => this.#has(source, block.id))) continue;
      if (!here) copiedBytes += block.sizeBytes;
      this.blocks.add(block.id);
      verified.push(block.id);
    }
    const state = verified.length === blocks.length ? 'done' : 'failed';
    this.#reports.set(transferId, {
      transferId,
      partition,
      state,
      verified,
      copiedBlocks: verified.length,
      copiedBytes,
      detail: state,
    });
  }
}
