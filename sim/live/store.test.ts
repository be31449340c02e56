import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Boot, NodeId } from '../host.ts';
import { StoreClient } from '../store/client/client.ts';
import { clientConfigSchema } from '../store/client/config.ts';
import type { Outcome } from '../store/client/outcome.ts';
import { dataNodeConfigSchema } from '../store/datanode/config.ts';
import { dataNode } from '../store/datanode/data-node.ts';
import { gatewayConfigSchema } from '../store/gateway/config.ts';
import { gateway } from '../store/gateway/gateway.ts';
import { metadataNode } from '../store/metadata/metadata-node.ts';
import type { Address } from './connection.ts';
import { type LiveHost, startLive } from './host.ts';

/** The store that is simulated everywhere else, unchanged, on sockets and files: the proof that it never knows. */

const METADATA = ['metadata-1'];
const ZONES = ['a', 'b', 'c'];

class LiveCluster {
  readonly #directory: string;
  readonly #addresses = new Map<NodeId, Address>();
  readonly #boots = new Map<NodeId, Boot>();
  readonly #hosts = new Map<NodeId, LiveHost>();
  client: StoreClient | undefined;

  constructor(directory: string) {
    this.#directory = directory;
    // Times are real here: a busy machine must not look like a dead node.
    this.#boots.set(
      'metadata-1',
      metadataNode({
        members: METADATA,
        partitions: 16,
        heartbeatMs: 200,
        leaseMs: 20_000,
        suspectAfterMs: 20_000,
        downAfterMs: 20_000,
        replaceAfterMs: 60_000,
      }),
    );
    for (const zone of ZONES) {
      const place = { zone, rack: zone, host: zone, metadata: METADATA };
      this.#boots.set(`data-${zone}`, dataNode(dataNodeConfigSchema.parse(place)));
    }
    const balancer = { name: 'round-robin' };
    this.#boots.set('gateway-1', gateway(gatewayConfigSchema.parse({ metadata: METADATA, zone: 'a', balancer })));
    const config = clientConfigSchema.parse({ metadata: METADATA, gateways: ['gateway-1'], blockBytes: 1_000 });
    this.#boots.set('client-1', (host) => {
      this.client = new StoreClient(host, config);
      this.client.start();
    });
  }

  startAll(): void {
    for (const id of this.#boots.keys()) this.start(id);
  }

  start(id: NodeId): void {
    const boot = this.#boots.get(id);
    if (boot === undefined) throw new Error(`no node ${id}`);
    const options = {
      id,
      listen: { host: '127.0.0.1', port: 0 },
      addressOf: (peer: NodeId) => this.#addresses.get(peer),
      directory: join(this.#directory, id),
      capacityBytes: 1 << 26,
      onListening: (address: Address) => void this.#addresses.set(id, address),
    };
    this.#hosts.set(id, startLive(options, boot));
  }

  /** Does the client know the map, and does the gateway listen? */
  get ready(): boolean {
    return this.client?.ready === true && this.#addresses.has('gateway-1');
  }

  async stop(id: NodeId): Promise<void> {
    this.#addresses.delete(id);
    await this.#hosts.get(id)?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#hosts.keys()].map((id) => this.stop(id)));
  }

  put(key: string, bytes: Uint8Array): Promise<Outcome> {
    return this.#run((client, handler) => client.put(key, { sizeBytes: bytes.length, bytes }, handler, 0));
  }

  get(key: string): Promise<Outcome> {
    return this.#run((client, handler) => client.get(key, undefined, handler, 0));
  }

  #run(
    start: (client: StoreClient, handler: { onOutcome(tag: number, outcome: Outcome): void }) => void,
  ): Promise<Outcome> {
    const { client } = this;
    if (client === undefined) throw new Error('the client has not started');
    return new Promise((resolve) => start(client, { onOutcome: (_tag, outcome) => resolve(outcome) }));
  }
}

const content = (key: string, length: number) =>
  Uint8Array.from({ length }, (_, i) => (key.length * 31 + i * 7) & 0xff);

function bytesOf(outcome: Outcome): Uint8Array | string {
  if (outcome.status !== 'ok') return `${outcome.status}: ${outcome.error}`;
  return outcome.result.kind === 'object' ? outcome.result.body.bytes : outcome.result.kind;
}

describe('the store on real sockets and files', () => {
  let directory = '';
  let cluster: LiveCluster;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'evenkeel-store-'));
    cluster = new LiveCluster(directory);
    cluster.startAll();
    await until(() => cluster.ready);
  });

  afterEach(async () => {
    await cluster.close();
    await rm(directory, { recursive: true });
  });

  it('stores and reads objects of one block and of many, through the loss of a data node and its return', async () => {
    const keys = Array.from({ length: 12 }, (_, i) => `object/${'x'.repeat(i)}`);
    const lengths = new Map(keys.map((key, i) => [key, i % 3 === 0 ? 3_500 : 100]));
    for (const key of keys)
      expect(await cluster.put(key, content(key, lengths.get(key) ?? 0))).toMatchObject({ status: 'ok' });

    await cluster.stop('data-b');
    for (const key of keys) expect(bytesOf(await cluster.get(key))).toEqual(content(key, lengths.get(key) ?? 0));
    expect(await cluster.put('while one is away', content('w', 50))).toMatchObject({ status: 'ok' });

    cluster.start('data-b');
    for (const key of keys) expect(bytesOf(await cluster.get(key))).toEqual(content(key, lengths.get(key) ?? 0));
    expect(bytesOf(await cluster.get('never stored'))).toBe('missing');
  }, 20_000);

  it('keeps what was acknowledged when every process is stopped and started again', async () => {
    expect(await cluster.put('kept', content('kept', 2_500))).toMatchObject({ status: 'ok' });
    await cluster.close();
    cluster.startAll();
    await until(() => cluster.ready);
    expect(bytesOf(await cluster.get('kept'))).toEqual(content('kept', 2_500));
  }, 20_000);
});

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 10_000 && !done(); tries++) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(done()).toBe(true);
}
