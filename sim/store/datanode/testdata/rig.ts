import type { CallFailure, CallHandler, CallId, Exchange, Host, Message, NodeId, Service, TraceEvent } from '../../../host.ts';
import { Kernel } from '../../../kernel/kernel.ts';
import type { DiskOperation, DiskOverlay } from '../../../world/disk.ts';
import type { SimulatedNode } from '../../../world/node.ts';
import type { NetworkSpec, NodeSpec } from '../../../world/spec.ts';
import { World } from '../../../world/world.ts';
import type { StoreEvent } from '../../events.ts';
import { crc32c } from '../../hash.ts';
import type { DataReply, DataRequest } from '../../messages/block.ts';
import type { MetadataReply } from '../../messages/metadata.ts';
import type { Heartbeat, NodeCommand, NodeDescription, NodeInventory } from '../../messages/node.ts';
import type { BlockRef } from '../../model.ts';
import { type DataNodeConfig, dataNodeConfigSchema } from '../config.ts';
import { type DataNode, dataNode } from '../data-node.ts';

/** A data node or several on the simulated host, with a scripted metadata service and a caller. */

const DELAY = { kind: 'fixed', meanMs: 0.1 } as const;
const NETWORK: NetworkSpec = {
  latency: { local: DELAY, rack: DELAY, zone: DELAY, 'cross-zone': DELAY },
  bandwidthBytesPerS: 1e9,
  lossRate: 0,
};

export const LEASE_MS = 3_000;
export const HEARTBEAT_MS = 1_000;

export interface RigOptions {
  readonly seed?: string;
  readonly nodes?: number;
  readonly metadata?: readonly NodeId[];
  readonly config?: Partial<DataNodeConfig>;
  readonly disk?: Partial<NodeSpec['disk']>;
  /** Time that a data node's processor takes for each request. */
  readonly cpuMs?: number;
}

export class Rig {
  readonly kernel: Kernel;
  readonly world: World;
  readonly metadata: FakeMetadata;
  /** The latest process of each data node. */
  readonly processes = new Map<NodeId, DataNode>();
  readonly events: { readonly node: NodeId; readonly event: TraceEvent }[] = [];
  #caller: Host | undefined;

  constructor(options: RigOptions = {}) {
    const { nodes = 1, metadata = ['metadata-1'], config = {}, disk = {}, cpuMs = 0 } = options;
    this.kernel = new Kernel(options.seed ?? 'rig');
    this.world = new World(this.kernel, NETWORK, (node, event) => this.events.push({ node, event }));
    this.metadata = new FakeMetadata(metadata[0] ?? '');
    for (const id of metadata) this.world.addNode(spec(id, disk), (host) => this.metadata.boot(host));
    this.world.addNode(spec('caller', {}), (host) => {
      this.#caller = host;
    });
    for (let n = 1; n <= nodes; n++) {
      const place = { scrub: 'off', zone: `z${n}`, rack: 'r1', host: `h${n}`, metadata: [...metadata] };
      const settings = dataNodeConfigSchema.parse({ ...place, ...config });
      const boot = dataNode(settings, (process) => this.processes.set(`data-${n}`, process));
      this.world.addNode(spec(`data-${n}`, disk, cpuMs), boot);
    }
    for (const node of this.world.nodes()) this.world.start(node.id);
    for (let n = 1; n <= nodes; n++) this.awaitLease(`data-${n}`);
  }

  /** Runs until the node has registered and has been answered a beat. */
  awaitLease(id: NodeId): void {
    const before = this.metadata.beats.length;
    const answered = (): boolean => this.metadata.beats.slice(before).some((beat) => beat.id === id);
    if (!this.kernel.runUntil(answered, this.kernel.nowMs + 60_000)) throw new Error(`${id} never registered`);
    this.run(1);
  }

  run(ms: number): void {
    this.kernel.run(this.kernel.nowMs + ms);
  }

  node(id: NodeId = 'data-1'): SimulatedNode {
    return this.world.node(id);
  }

  restart(id: NodeId = 'data-1'): void {
    this.world.crash(id, { mode: 'process' });
    this.world.restart(id);
    this.awaitLease(id);
  }

  /** Sends a request; the answer stands in the result as soon as it has come. */
  send(request: DataRequest, to: NodeId = 'data-1'): Answer {
    const answer = new Answer();
    answer.call = this.#caller?.network.call(to, request, 60_000, answer, 0) ?? 0;
    return answer;
  }

  /** The caller gives up. */
  cancel(answer: Answer): void {
    this.#caller?.network.cancel(answer.call);
  }

  /** Sends a request and runs until it is answered. */
  ask(request: DataRequest, to: NodeId = 'data-1'): DataReply {
    const answer = this.send(request, to);
    this.kernel.runUntil(() => answer.ended, this.kernel.nowMs + 60_000);
    if (answer.reply === undefined) throw new Error(`${request.kind}: ${answer.failure ?? 'no answer'}`);
    return answer.reply;
  }

  add(block: TestBlock, to: NodeId = 'data-1', epoch = 1): DataReply {
    return this.ask(addRequest(block, epoch), to);
  }

  read(block: TestBlock, to: NodeId = 'data-1'): DataReply {
    return this.ask(readRequest(block), to);
  }

  /** Orders something and runs until a heartbeat has reported it done, and has been answered. */
  order(command: NodeCommand): void {
    this.metadata.commands.push(command);
    const done = (): boolean => !this.metadata.commands.includes(command);
    if (!this.kernel.runUntil(done, this.kernel.nowMs + 60_000)) throw new Error(`${command.kind} was never done`);
  }

  storeEvents<K extends StoreEvent['kind']>(kind: K): Extract<StoreEvent, { kind: K }>[] {
    return this.events.flatMap(({ event }) => (isOfKind(event, kind) ? [event] : []));
  }

  /** Real bytes in all files of the node, and what they are charged for. */
  diskBytes(id: NodeId = 'data-1'): number {
    return this.node(id).disk.usedBytes;
  }

  segments(id: NodeId = 'data-1'): { readonly name: string; readonly lengthBytes: number }[] {
    return this.node(id).disk.files().filter((file) => file.name.startsWith('segment-'));
  }

  /** Puts a new disk into the node, which must be down. */
  wipe(id: NodeId = 'data-1'): void {
    const { disk } = this.node(id);
    for (const file of disk.files()) disk.remove(file.name, { onDisk: () => {} }, 0);
    this.run(1_000);
  }

  /** Cuts the node's newest segment; the node must be down. */
  tear(lengthBytes: number, id: NodeId = 'data-1'): void {
    const file = this.segments(id).at(-1);
    if (file === undefined) throw new Error('no segment');
    this.node(id).disk.truncate(file.name, lengthBytes, { onDisk: () => {} }, 0);
    this.run(1_000);
  }
}

/** A host with nothing running on it, and the time it lives in. */
export function bareHost(): { readonly kernel: Kernel; readonly host: Host } {
  const kernel = new Kernel('bare');
  const world = new World(kernel, NETWORK, () => {});
  let host: Host | undefined;
  world.addNode(spec('bare', {}), (started) => {
    host = started;
  });
  world.start('bare');
  kernel.run(kernel.nowMs + 1);
  if (host === undefined) throw new Error('the host never started');
  return { kernel, host };
}

function isOfKind<K extends StoreEvent['kind']>(event: TraceEvent, kind: K): event is Extract<StoreEvent, { kind: K }> {
  return event.kind === kind;
}

function spec(id: NodeId, disk: Partial<NodeSpec['disk']>, cpuMs = 0): NodeSpec {
  return {
    id,
    role: 'test',
    zone: 'z1',
    rack: 'r1',
    cpu: { cores: 4, speed: 1, costs: { default: { kind: 'fixed', meanMs: cpuMs } } },
    disk: { capacityBytes: 1e9, seekMs: 0.1, bandwidthBytesPerS: 5e8, syncMs: 1, queueDepth: 8, ...disk },
  };
}

/** What became of a request. */
export class Answer implements CallHandler {
  reply: DataReply | undefined;
  failure: CallFailure | undefined;
  call: CallId = 0;

  get ended(): boolean {
    return this.reply !== undefined || this.failure !== undefined;
  }

  onReply(_tag: number, response: Message): void {
    this.reply = response as DataReply;
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    this.failure = failure;
  }
}

/** A metadata service that admits everybody, and repeats its orders until they are reported done. */
export class FakeMetadata implements Service {
  /** Only this member leads; the others point to it. */
  leader: NodeId;
  /** While true nothing is answered. */
  silent = false;
  /** While true beats are answered as from an unknown node. */
  forgetful = false;
  epoch = 1;
  commands: NodeCommand[] = [];
  readonly registrations: NodeDescription[] = [];
  readonly beats: Heartbeat[] = [];
  readonly inventories: NodeInventory[] = [];
  /** What a node that wants to leave is answered. */
  released = false;

  constructor(leader: NodeId) {
    this.leader = leader;
  }

  boot(host: Host): void {
    host.network.serve({
      onMessage: () => {},
      onRequest: (request, exchange) => {
        if (this.silent) return;
        if (host.id === this.leader) this.onRequest(request, exchange);
        else reply(exchange, { kind: 'metadata.not-leader', hint: this.leader });
      },
    });
  }

  onMessage(): void {}

  onRequest(request: Message, exchange: Exchange): void {
    if (request.kind === 'node.register' && 'node' in request) {
      this.forgetful = false;
      this.registrations.push(request.node as NodeDescription);
      reply(exchange, { kind: 'node.registered', leaseMs: LEASE_MS, heartbeatMs: HEARTBEAT_MS, epoch: this.epoch });
    } else if (request.kind === 'node.heartbeat') {
      if (this.forgetful) reply(exchange, { kind: 'node.unknown' });
      else this.#onBeat(request as Heartbeat, exchange);
    } else if (request.kind === 'node.inventory') {
      this.inventories.push(request as NodeInventory);
      reply(exchange, { kind: 'inventory.noted' });
    } else if (request.kind === 'node.leave') {
      reply(exchange, { kind: 'node.leaving', left: this.released });
    }
  }

  #onBeat(beat: Heartbeat, exchange: Exchange): void {
    this.beats.push(beat);
    this.commands = this.commands.filter((command) => !beat.doneCommands.includes(command.commandId));
    const commands = beat.id === 'data-1' ? [...this.commands] : [];
    reply(exchange, { kind: 'node.beat', leaseMs: LEASE_MS, epoch: this.epoch, commands, controlBytes: 0 });
  }

  lastBeat(id: NodeId = 'data-1'): Heartbeat {
    const beat = this.beats.findLast((candidate) => candidate.id === id);
    if (beat === undefined) throw new Error(`no beat of ${id}`);
    return beat;
  }
}

function reply(exchange: Exchange, message: MetadataReply): void {
  exchange.reply(message);
}

/** Changes one bit of a block's record in every read that passes over it, as if the disk had rotted there. */
export class Rot implements DiskOverlay {
  readonly #id: string;
  readonly #fromEndOfId: number;

  /** `fromEndOfId`: which byte is damaged, counted from the end of the id in the record. */
  constructor(id: string, fromEndOfId: number) {
    this.#id = id;
    this.#fromEndOfId = fromEndOfId;
  }

  apply(operation: DiskOperation): void {
    const { result } = operation;
    if (operation.kind !== 'read' || !result.ok || result.bytes === undefined) return;
    const text = Buffer.from(result.bytes).toString('latin1');
    const bytes = result.bytes.slice();
    for (let at = text.indexOf(this.#id); at >= 0; at = text.indexOf(this.#id, at + 1)) {
      const damaged = at + this.#id.length + this.#fromEndOfId;
      if (damaged >= 0 && damaged < bytes.length) bytes[damaged] = (bytes[damaged] ?? 0) ^ 0x10;
    }
    operation.result = { ok: true, bytes };
  }
}

/** Fails every read that passes over a block's record, or every read. */
export class ReadFailure implements DiskOverlay {
  readonly #id: string;
  failures = 0;

  constructor(id = '') {
    this.#id = id;
  }

  apply(operation: DiskOperation): void {
    const { result } = operation;
    if (operation.kind !== 'read' || !result.ok || result.bytes === undefined) return;
    if (!Buffer.from(result.bytes).toString('latin1').includes(this.#id)) return;
    this.failures += 1;
    operation.result = { ok: false, error: 'io-error' };
  }
}

/** Counts the reads of the log. */
export class ReadCounter implements DiskOverlay {
  reads = 0;

  apply(operation: DiskOperation): void {
    if (operation.kind === 'read' && operation.fileName.startsWith('segment-')) this.reads += 1;
  }
}

export interface TestBlock {
  readonly ref: BlockRef;
  readonly bytes: Uint8Array;
}

/** A block with content that follows from its name. */
export function testBlock(id: string, lengthBytes = 40, sizeBytes = lengthBytes, partition = 7): TestBlock {
  const bytes = new Uint8Array(lengthBytes);
  let state = crc32c(Buffer.from(id));
  for (let i = 0; i < lengthBytes; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    bytes[i] = state >>> 24;
  }
  return { ref: { id, partition, sizeBytes, checksum: crc32c(bytes) }, bytes };
}

/** Is this answer the whole block, bit for bit? (Comparing long arrays element by element would be slow.) */
export function isBlock(reply: DataReply | undefined, { ref, bytes }: TestBlock): boolean {
  if (reply?.kind !== 'block.data') return false;
  const { body, checksum } = reply;
  return checksum === ref.checksum && body.sizeBytes === ref.sizeBytes && Buffer.compare(body.bytes, bytes) === 0;
}

export function deleteRequest({ ref }: TestBlock, epoch = 1): DataRequest {
  return { kind: 'block.delete', id: ref.id, partition: ref.partition, epoch };
}

export function addRequest({ ref, bytes }: TestBlock, epoch = 1): DataRequest {
  return { kind: 'block.add', key: `key of ${ref.id}`, block: ref, epoch, body: { sizeBytes: ref.sizeBytes, bytes } };
}

export function readRequest({ ref }: TestBlock): Extract<DataRequest, { kind: 'block.read' }> {
  return { kind: 'block.read', key: `key of ${ref.id}`, id: ref.id, partition: ref.partition };
}
