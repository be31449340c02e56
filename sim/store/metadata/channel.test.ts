import { describe, expect, it } from 'vitest';
import type { Exchange, Host, Message, NodeId, Service } from '../../host.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { instantNetwork, smallNode } from '../../world/testing.ts';
import { World } from '../../world/world.ts';
import type { MetadataReply, MetadataRequest } from '../messages/metadata.ts';
import { type MetadataCall, MetadataChannel, type MetadataHandler } from './channel.ts';

const MEMBERS = ['metadata-1', 'metadata-2', 'metadata-3'];
const ASK: MetadataRequest = { kind: 'object.lookup', key: 'k' };
const MISSING: MetadataReply = { kind: 'object.missing', key: 'k' };

/** What a member does with each request. */
type Script = (member: NodeId, exchange: Exchange) => void;

class Rig implements MetadataHandler {
  readonly kernel = new Kernel('channel');
  readonly world = new World(this.kernel, instantNetwork, () => {});
  /** Members in the order in which they were asked. */
  readonly asked: { readonly member: NodeId; readonly atMs: number }[] = [];
  readonly heard: { readonly reply?: MetadataReply; readonly mayTakeEffect?: boolean; readonly atMs: number }[] = [];
  script: Script;
  /** Questions that took more than 50 ms to answer. */
  late = 0;
  readonly #askedMs: number[] = [];
  readonly #channels: MetadataChannel[] = [];

  constructor(script: Script, reads: 'leader' | 'any' = 'leader') {
    this.script = script;
    for (const id of MEMBERS) this.world.addNode(smallNode(id), (host) => host.network.serve(this.#member(host)));
    this.world.addNode(smallNode('client-1'), (host) => {
      this.#channels.push(
        new MetadataChannel(host, {
          metadata: MEMBERS,
          metadataTimeoutMs: 100,
          metadataBackoffMs: 20,
          metadataReads: reads,
        }),
      );
    });
    for (const { id } of this.world.nodes()) this.world.start(id);
  }

  ask(waitMs: number, request = ASK): MetadataCall {
    const [channel] = this.#channels;
    if (channel === undefined) throw new Error('the client never started');
    const tag = this.#askedMs.push(this.kernel.nowMs) - 1;
    return channel.ask(request, this.kernel.nowMs + waitMs, this, tag);
  }

  run(ms: number): void {
    this.kernel.run(this.kernel.nowMs + ms);
  }

  onMetadata(tag: number, reply: MetadataReply): void {
    if (this.kernel.nowMs - (this.#askedMs[tag] ?? 0) > 50) this.late += 1;
    this.heard.push({ reply, atMs: this.kernel.nowMs });
  }

  onMetadataFailed(_tag: number, mayTakeEffect: boolean): void {
    this.heard.push({ mayTakeEffect, atMs: this.kernel.nowMs });
  }

  add(id: NodeId): void {
    this.world.addNode(smallNode(id), (host) => host.network.serve(this.#member(host)));
    this.world.start(id);
  }

  #member(host: Host): Service {
    return {
      onMessage: () => {},
      onRequest: (_request: Message, exchange: Exchange) => {
        this.asked.push({ member: host.id, atMs: this.kernel.nowMs });
        this.script(host.id, exchange);
      },
    };
  }
}

const notLeading = (hint?: NodeId): MetadataReply => ({ kind: 'metadata.not-leader', hint });
const UNAVAILABLE: MetadataReply = { kind: 'metadata.unavailable', detail: '' };
const UNKNOWN: MetadataReply = { kind: 'metadata.unknown', detail: '' };

const answering: Script = (_member, exchange) => exchange.reply(MISSING);
const silent: Script = () => {};

describe('a metadata channel', () => {
  it('follows the hint to the leader, and keeps to it', () => {
    const rig = new Rig((member, exchange) =>
      exchange.reply(member === 'metadata-3' ? MISSING : notLeading('metadata-3')),
    );
    rig.ask(1_000);
    rig.run(200);
    rig.ask(1_000);
    rig.run(200);
    expect(rig.asked.map(({ member }) => member)).toEqual(['metadata-1', 'metadata-3', 'metadata-3']);
    expect(rig.heard.map(({ reply }) => reply)).toEqual([MISSING, MISSING]);
  });

  it('follows a hint to a member that joined since the start, and comes back when that is gone', () => {
    const rig = new Rig((member, exchange) =>
      exchange.reply(member === 'metadata-4' ? MISSING : notLeading('metadata-4')),
    );
    rig.add('metadata-4');
    rig.ask(1_000);
    rig.run(200);
    expect(rig.heard.map(({ reply }) => reply)).toEqual([MISSING]);
    rig.world.crash('metadata-4', { mode: 'process' });
    rig.script = answering;
    rig.ask(1_000);
    rig.run(500);
    expect(rig.asked.map(({ member }) => member)).toEqual(['metadata-1', 'metadata-4', 'metadata-1']);
  });

  it('spreads reads over all members if it is to, and keeps writes to the leader', () => {
    const rig = new Rig(answering, 'any');
    for (let i = 0; i < 6; i++) {
      rig.ask(1_000);
      rig.run(50);
    }
    const counts = MEMBERS.map((id) => rig.asked.filter(({ member }) => member === id).length);
    expect(counts).toEqual([2, 2, 2]);
    rig.asked.length = 0;
    for (let i = 0; i < 3; i++) {
      rig.ask(1_000, { kind: 'object.delete', key: 'k', condition: { kind: 'none' }, token: 'c.1.1' });
      rig.run(50);
    }
    expect(new Set(rig.asked.map(({ member }) => member))).toEqual(new Set(['metadata-1']));
  });

  it.each<[string, (rig: Rig) => void]>([
    ['is gone', (rig) => rig.world.crash('metadata-3', { mode: 'process' })],
    ['says nothing', (rig) => rig.world.pause('metadata-3')],
    [
      'cannot answer',
      (rig) => {
        rig.script = (member, exchange) => exchange.reply(member === 'metadata-3' ? UNAVAILABLE : MISSING);
      },
    ],
  ])('reads past a member that %s, and tries it with one read every two seconds', (_what, strike) => {
    const rig = new Rig(answering, 'any');
    strike(rig);
    const reads = 600;
    for (let i = 0; i < reads; i++) {
      rig.ask(1_000);
      rig.run(10);
    }
    rig.run(1_000);
    expect(rig.heard).toHaveLength(reads);
    expect(rig.heard.every(({ reply }) => reply === MISSING)).toBe(true);
    const asked = (id: NodeId) => rig.asked.filter(({ member, atMs }) => member === id && atMs > 2_000).length;
    // In the first 100 ms nobody knows of a silent one; then each of the tries costs a read 100 ms at most.
    expect(rig.late).toBeLessThanOrEqual(4 + 3);
    expect(Math.abs(asked('metadata-1') - asked('metadata-2'))).toBeLessThan(10);
  });

  it('reads again from a member that is back', () => {
    const rig = new Rig(answering, 'any');
    rig.world.crash('metadata-3', { mode: 'process' });
    for (let i = 0; i < 6; i++) rig.ask(1_000);
    rig.run(500);
    rig.world.restart('metadata-3');
    rig.run(2_000);
    rig.asked.length = 0;
    for (let i = 0; i < 9; i++) {
      rig.ask(1_000);
      rig.run(20);
    }
    expect(rig.asked.filter(({ member }) => member === 'metadata-3')).toHaveLength(3);
  });

  it('asks the next member when one refuses, falls silent or cannot serve', () => {
    const rig = new Rig((member, exchange) => {
      if (member === 'metadata-2') exchange.reply(UNAVAILABLE);
      else if (member === 'metadata-3') exchange.reply(MISSING);
    });
    rig.ask(1_000);
    rig.run(1_000);
    expect(rig.asked.map(({ member }) => member)).toEqual(['metadata-1', 'metadata-2', 'metadata-3']);
    rig.world.crash('metadata-3', { mode: 'process' });
    rig.script = answering;
    rig.ask(1_000);
    rig.run(1_000);
    expect(rig.asked.at(-1)?.member).toBe('metadata-1');
    expect(rig.heard).toHaveLength(2);
  });

  it('gives up at its deadline, not before and not after', () => {
    const rig = new Rig(silent);
    const call = rig.ask(555);
    rig.run(5_000);
    expect(rig.heard).toEqual([{ mayTakeEffect: true, atMs: 555 }]);
    expect(call.tries).toBe(rig.asked.length);
    expect(call.tries).toBeGreaterThan(3);
  });

  it('waits longer from try to try, and with jitter', () => {
    const rig = new Rig((_member, exchange) => exchange.reply(notLeading()));
    for (let i = 0; i < 20; i++) rig.ask(3_000);
    rig.run(4_000);
    const perCall = rig.asked.length / 20;
    // Full jitter over 20, 40, 80, 160, 320, 320 … ms: a good 20 tries in 3 s, and not all at the same times.
    expect(perCall).toBeGreaterThan(12);
    expect(perCall).toBeLessThan(40);
    expect(new Set(rig.asked.map(({ atMs }) => atMs)).size).toBeGreaterThan(150);
  });

  it('knows that nothing can have happened when every member refused the call', () => {
    const rig = new Rig(silent);
    for (const id of MEMBERS) rig.world.crash(id, { mode: 'process' });
    rig.ask(300);
    rig.run(1_000);
    expect(rig.heard).toMatchObject([{ mayTakeEffect: false }]);
  });

  it.each<[string, Script, boolean]>([
    ['not the leader', (_m, exchange) => exchange.reply(notLeading()), false],
    ['unavailable', (_m, exchange) => exchange.reply(UNAVAILABLE), false],
    ['unknown, as a lost proposal is', (_m, exchange) => exchange.reply(UNKNOWN), true],
    ['silent', silent, true],
  ])('says truly whether a request may take effect: %s', (_what, script, expected) => {
    const rig = new Rig(script);
    rig.ask(300);
    rig.run(1_000);
    expect(rig.heard).toMatchObject([{ mayTakeEffect: expected }]);
  });

  it('remembers that an earlier attempt was left open when a later one is answered', () => {
    const rig = new Rig((member, exchange) => {
      if (member !== 'metadata-1') exchange.reply(MISSING);
    });
    const open = rig.ask(1_000);
    rig.run(1_000);
    expect([rig.heard.length, open.mayTakeEffect]).toEqual([1, true]);
    const clear = rig.ask(1_000);
    rig.run(1_000);
    expect([rig.heard.length, clear.mayTakeEffect]).toEqual([2, false]);
  });

  it('tells a caller whose time is over already, though not before it has asked', () => {
    const rig = new Rig(answering);
    rig.run(10);
    rig.ask(0);
    expect(rig.heard).toEqual([]);
    rig.run(1);
    expect(rig.heard).toEqual([{ mayTakeEffect: false, atMs: 10 }]);
    expect(rig.asked).toEqual([]);
  });

  it.each([0.05, 150])('says nothing after it was cancelled, at %d ms', (afterMs) => {
    const rig = new Rig(silent);
    const call = rig.ask(1_000);
    rig.run(afterMs);
    call.cancel();
    const { length } = rig.asked;
    rig.run(5_000);
    expect(rig.heard).toEqual([]);
    expect(rig.asked.length - length).toBeLessThanOrEqual(1);
  });
});
