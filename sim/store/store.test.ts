import { describe, expect, it } from 'vitest';
import type { Boot, NodeId } from '../host.ts';
import { Kernel } from '../kernel/kernel.ts';
import { smallNetwork, smallNode } from '../world/testing.ts';
import { World } from '../world/world.ts';
import { StoreClient } from './client/client.ts';
import { clientConfigSchema } from './client/config.ts';
import type { Outcome, OutcomeHandler } from './client/outcome.ts';
import { dataNodeConfigSchema } from './datanode/config.ts';
import { dataNode } from './datanode/data-node.ts';
import type { StoreEvent } from './events.ts';
import { gatewayConfigSchema } from './gateway/config.ts';
import { gateway } from './gateway/gateway.ts';
import { metadataConfigSchema } from './metadata/config.ts';
import { metadataNode } from './metadata/metadata-node.ts';
import { bytesOf } from './testdata/rig.ts';

/** Stories over the whole store: real components, in a simulated world. */

class Store implements OutcomeHandler {
  readonly kernel: Kernel;
  readonly world: World;
  readonly outcomes = new Map<number, Outcome>();
  readonly events: StoreEvent[] = [];
  #tag = 0;
  readonly #clients: StoreClient[] = [];

  constructor(seed = 'story', lossRate = 0) {
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
    const config = clientConfigSchema.parse({ metadata, gateways, blockBytes: 1_000 });
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

const isOk = (outcome: Outcome | undefined) => outcome?.status === 'ok';

describe('the store', () => {
  it('gives back what was put, whole and in ranges, after any number of overwrites', () => {
    const store = new Store();
    for (let version = 1; version <= 3; version++) {
      store.put('page', `version ${version}`, 3_500);
      store.run(1_000);
      expect(store.read('page')).toEqual(bytesOf(`version ${version}`, 3_500));
    }
    const range = { startBytes: 900, lengthBytes: 1_200 };
    expect(store.perform((client, handler, tag) => client.get('page', range, handler, tag))).toMatchObject({
      result: { body: { sizeBytes: 1_200, bytes: bytesOf('version 3', 3_500).subarray(900, 2_100) } },
    });
  });

  it('lists, deletes, and puts on condition', () => {
    const store = new Store();
    for (const key of ['a/1', 'a/2', 'b/1']) store.put(key, key);
    store.run(1_000);
    expect(store.perform((client, handler, tag) => client.list('a/', '', 1, handler, tag))).toMatchObject({
      result: { entries: [{ key: 'a/1', sizeBytes: 100 }], next: 'a/1' },
    });
    const body = { sizeBytes: 2, bytes: new Uint8Array(2) };
    const ifAbsent = { kind: 'if-absent' } as const;
    const create = (key: string) =>
      store.perform((client, handler, tag) => client.put(key, body, handler, tag, ifAbsent));
    expect(create('a/1')).toMatchObject({ result: { kind: 'precondition-failed' } });
    expect(store.perform((client, handler, tag) => client.delete('a/1', handler, tag))).toMatchObject({
      result: { existed: true },
    });
    expect(store.read('a/1')).toBeUndefined();
    expect(create('a/1')).toMatchObject({ result: { kind: 'stored' } });
    expect(store.read('a/1')).toEqual(body.bytes);
  });

  it.each(['process', 'machine'] as const)(
    'keeps every acknowledged write when a node crashes under load (%s)',
    (mode) => {
      const store = new Store();
      const tags = new Map<string, number>();
      for (let i = 0; i < 300; i++) {
        tags.set(`k${i}`, store.put(`k${i}`, `content of k${i}`));
        store.run(10);
        if (i === 100) store.world.crash('data-2', { mode });
        if (i === 200) store.world.restart('data-2');
      }
      store.run(10_000);
      const acknowledged = [...tags].filter(([, tag]) => isOk(store.outcomes.get(tag)));
      expect(store.outcomes.size).toBe(300);
      expect(acknowledged.length).toBeGreaterThanOrEqual(297);
      for (const [key] of acknowledged) expect(store.read(key)).toEqual(bytesOf(`content of ${key}`, 100));
    },
  );

  it('tells metadata of its stragglers in time: a quiet store has nothing to repair', () => {
    const store = new Store();
    for (let i = 0; i < 200; i++) {
      store.put(`k${i}`, 'x', i % 4 === 0 ? 3_000 : 100);
      store.run(7);
    }
    store.run(10_000);
    expect(store.eventsOf('replica')).toEqual([]);
    expect(store.eventsOf('move-started')).toEqual([]);
  });

  it('reads one version or the other while a key is overwritten, never a mixture', () => {
    const store = new Store();
    const versions = new Set(
      [0, 1, 2, 3, 4, 5].map((version) => Buffer.from(bytesOf(`v${version}`, 2_500)).toString('hex')),
    );
    store.put('hot', 'v0', 2_500);
    store.run(500);
    const reads: number[] = [];
    for (let i = 0; i < 100; i++) {
      if (i % 20 === 0) store.put('hot', `v${i / 20 + 1}`, 2_500);
      reads.push(store.begin((client, handler, tag) => client.get('hot', undefined, handler, tag)));
      store.run(1);
    }
    store.run(5_000);
    for (const tag of reads) {
      const outcome = store.outcomes.get(tag);
      if (outcome?.status !== 'ok' || outcome.result.kind !== 'object') throw new Error(JSON.stringify(outcome));
      expect(versions).toContain(Buffer.from(outcome.result.body.bytes).toString('hex'));
    }
  });

  it('never calls a write failed that can be read, though metadata crashes and messages get lost', () => {
    const store = new Store('lossy', 0.02);
    const tags = new Map<string, number>();
    for (let i = 0; i < 200; i++) {
      tags.set(`k${i}`, store.put(`k${i}`, `content of k${i}`));
      store.run(20);
      if (i % 50 === 30) store.world.crash('metadata-1', { mode: 'process' });
      if (i % 50 === 40) store.world.restart('metadata-1');
    }
    store.run(30_000);
    const ended = { ok: 0, failed: 0, unknown: 0 };
    for (const [key, tag] of tags) {
      const status = store.outcomes.get(tag)?.status;
      if (status === undefined) throw new Error(`the put of ${key} never ended`);
      ended[status] += 1;
      const bytes = store.read(key);
      if (status === 'ok') expect(bytes).toEqual(bytesOf(`content of ${key}`, 100));
      if (status === 'failed') expect(bytes).toBeUndefined();
    }
    expect(ended.ok).toBeGreaterThan(150);
  });

  it('serves on when a gateway crashes', () => {
    const store = new Store();
    store.put('k', 'x');
    store.run(500);
    store.world.crash('gateway-1', { mode: 'process' });
    for (let i = 0; i < 50; i++) expect(store.read('k')).toEqual(bytesOf('x', 100));
  });
});
