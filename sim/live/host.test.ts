import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Boot, NodeId, TraceEvent } from '../host.ts';
import { CONFORMANCE_CAPACITY_BYTES, type HostHarness, hostConformance } from '../world/conformance.ts';
import type { Address } from './connection.ts';
import { type LiveHost, startLive } from './host.ts';

hostConformance('live host', liveHarness);

async function liveHarness(): Promise<HostHarness> {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-live-'));
  const addresses = new Map<NodeId, Address>();
  const nodes = new Map<NodeId, { boot: Boot; serves: boolean; host: LiveHost; traced: TraceEvent[] }>();

  async function start(id: NodeId, boot: Boot, serves: boolean): Promise<void> {
    const traced = nodes.get(id)?.traced ?? [];
    let listening = false;
    const options = {
      id,
      listen: { host: '127.0.0.1', port: 0 },
      addressOf: (peer: NodeId) => addresses.get(peer),
      directory: join(directory, id),
      capacityBytes: CONFORMANCE_CAPACITY_BYTES,
      seed: 'conformance',
      onListening: (address: Address) => {
        addresses.set(id, address);
        listening = true;
      },
      onTrace: (event: TraceEvent) => traced.push(event),
    };
    nodes.set(id, { boot, serves, host: startLive(options, boot), traced });
    if (serves) await until(() => listening, 2000);
  }

  return {
    start,
    crash: async (id) => void nodes.get(id)?.host.close(),
    restart: async (id) => {
      const node = nodes.get(id);
      if (node === undefined) throw new Error(`no node ${id}`);
      await node.host.close();
      await start(id, node.boot, node.serves);
    },
    until,
    traced: (id) => nodes.get(id)?.traced ?? [],
    close: async () => {
      await Promise.all([...nodes.values()].map(({ host }) => host.close()));
      await rm(directory, { recursive: true });
    },
  };
}

async function until(done: () => boolean, limitMs: number): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (!done() && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 1));
  return done();
}
