import { expect } from 'vitest';
import type { CallFailure, CallHandler, Host, Message, NodeId, TraceEvent } from '../../../../host.ts';
import { Kernel } from '../../../../kernel/kernel.ts';
import { smallNetwork, smallNode } from '../../../../world/testing.ts';
import { World } from '../../../../world/world.ts';
import type { MetadataReply, MetadataRequest } from '../../../messages/metadata.ts';
import { MetadataChannel } from '../../channel.ts';
import type { MetadataConfig } from '../../config.ts';
import { metadataNode } from '../../metadata-node.ts';

export const MEMBERS = ['metadata-1', 'metadata-2', 'metadata-3'];

/** For tests: members of a metadata service, one data node that is registered but never beats, and a client that asks. */
export class Rig {
  readonly kernel = new Kernel('member');
  readonly events: (TraceEvent & { readonly at: NodeId })[] = [];
  readonly world = new World(this.kernel, smallNetwork, (at, event) => this.events.push({ ...event, at }));
  readonly notices: Message[] = [];
  config: MetadataConfig = {
    members: MEMBERS,
    partitions: 4,
    replication: 1,
    writeQuorum: 1,
    downAfterMs: 100_000,
    replaceAfterMs: 200_000,
    raft: { tickMs: 20 },
  };
  #puts = 0;
  #client: Host | undefined;
  #channel: MetadataChannel | undefined;

  constructor() {
    for (const id of MEMBERS) this.add(id);
    this.world.addNode(smallNode('client-1'), (host) => {
      this.#client = host;
      this.#channel = new MetadataChannel(host, {
        metadata: MEMBERS,
        metadataTimeoutMs: 500,
        metadataBackoffMs: 10,
        metadataReads: 'any',
      });
      host.network.serve({ onRequest: () => {}, onMessage: (message) => this.notices.push(message) });
    });
    this.world.start('client-1');
    const node = {
      id: 'data-1',
      diskId: 'disk-1',
      incarnation: 1,
      zone: 'a',
      rack: '1',
      host: 'h',
      weight: 1,
      capacityBytes: 1e9,
    };
    this.ask({ kind: 'node.register', node });
    this.run(1_000);
  }

  add(id: NodeId): void {
    this.world.addNode(smallNode(id), (host) => metadataNode(this.config)(host));
    this.world.start(id);
  }

  run(ms: number): void {
    this.kernel.run(this.kernel.nowMs + ms);
  }

  /** The members by who leads, as the last election said. */
  get leader(): NodeId {
    return this.events.filter(({ kind }) => kind === 'election').at(-1)?.at ?? '';
  }

  get followers(): readonly NodeId[] {
    return MEMBERS.filter((id) => id !== this.leader);
  }

  /** The answer of whichever member is the right one. */
  ask(request: MetadataRequest): MetadataReply | 'failed' | undefined {
    let answer: MetadataReply | 'failed' | undefined;
    const handler = {
      onMetadata: (_tag: number, reply: MetadataReply) => {
        answer = reply;
      },
      onMetadataFailed: () => {
        answer = 'failed';
      },
    };
    this.#channel?.ask(request, this.kernel.nowMs + 5_000, handler, 0);
    for (let i = 0; i < 600 && answer === undefined; i++) this.run(10);
    return answer;
  }

  /** The answer of one member, at most so long later. */
  askAt(member: NodeId, request: MetadataRequest, withinMs = 2_000): Message | CallFailure | undefined {
    let answer: Message | CallFailure | undefined;
    const handler: CallHandler = {
      onReply: (_tag, reply) => {
        answer = reply;
      },
      onCallFailed: (_tag, failure) => {
        answer = failure;
      },
    };
    this.#client?.network.call(member, request, withinMs, handler, 0);
    for (let waited = 0; waited <= withinMs && answer === undefined; waited += 5) this.run(5);
    return answer;
  }

  put(key: string): void {
    this.#puts += 1;
    const block = { id: `client-1.1.${this.#puts}`, partition: 0, sizeBytes: 1, checksum: 7 };
    const written: MetadataRequest = {
      kind: 'object.commit',
      key,
      sizeBytes: 1,
      blocks: [block],
      acked: [['data-1']],
      condition: { kind: 'none' },
      token: `client-1.1.${this.#puts}`,
    };
    expect(this.ask(written)).toEqual({ kind: 'object.committed', generation: expect.any(Number) });
  }
}
