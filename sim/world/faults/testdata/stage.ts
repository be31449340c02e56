import type { DiskResult, Host, TraceEvent } from '../../../host.ts';
import { Kernel } from '../../../kernel/kernel.ts';
import { instantNetwork, smallNode } from '../../testing.ts';
import { World } from '../../world.ts';
import type { FaultSpec } from '../fault.ts';
import { FaultInjector } from '../injector.ts';
import { FaultRegistry, WORLD_FAULTS } from '../registry.ts';

const registry = new FaultRegistry(WORLD_FAULTS);

/** Two nodes that listen, a fault, and what is heard of it. */
export function stage(fault: FaultSpec) {
  const kernel = new Kernel('new-faults');
  const events: TraceEvent[] = [];
  const hosts = new Map<string, Host>();
  const heard = new Map<string, { number: number; atMs: number }[]>();
  const requests: { deadlineMs: number }[] = [];
  const world = new World(kernel, instantNetwork, (_node, event) => events.push(event));
  for (const id of ['data-1', 'peer-1']) {
    heard.set(id, []);
    world.addNode(smallNode(id), (host) => {
      hosts.set(id, host);
      host.network.serve({
        onRequest: (_request, { deadlineMs }) => requests.push({ deadlineMs }),
        onMessage: (message) => {
          const number = 'number' in message && typeof message.number === 'number' ? message.number : 0;
          heard.get(id)?.push({ number, atMs: kernel.nowMs });
        },
      });
    });
    world.start(id);
  }
  const injector = new FaultInjector(world, registry, [fault]);
  injector.arm();
  return {
    kernel,
    world,
    host: (id = 'data-1'): Host => {
      const host = hosts.get(id);
      if (host === undefined) throw new Error(`no host ${id}`);
      return host;
    },
    heard: (id = 'data-1') => heard.get(id) ?? [],
    requests: () => requests,
    events: () => events.filter(({ kind }) => kind.startsWith('disk-')),
    effects: () => injector.windows()[0]?.effects ?? 0,
  };
}

/** Asks a disk for things and keeps its answers, in order. */
export class DiskScript {
  readonly results: DiskResult[] = [];
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  write(file: string, bytes: readonly number[]): void {
    this.#host.disk.append(file, Uint8Array.from(bytes), bytes.length, this, 0);
    this.#host.disk.sync(file, this, 0);
  }

  append(file: string, lengthBytes: number): void {
    this.#host.disk.append(file, new Uint8Array(lengthBytes), lengthBytes, this, 0);
  }

  read(file: string, lengthBytes: number): void {
    this.#host.disk.read(file, 0, lengthBytes, lengthBytes, this, 0);
  }

  onDisk(_tag: number, result: DiskResult): void {
    this.results.push(result);
  }
}

/** What a read gave. */
export function bytesOf(result: DiskResult): number[] {
  return result.ok ? [...(result.bytes ?? [])] : [];
}
