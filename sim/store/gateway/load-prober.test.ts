import { describe, expect, it } from 'vitest';
import type { Host } from '../../host.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { smallNetwork, smallNode } from '../../world/testing.ts';
import { World } from '../../world/world.ts';
import type { Balancer } from '../balancer/balancer.ts';
import { dataNodeConfigSchema } from '../datanode/config.ts';
import { dataNode } from '../datanode/data-node.ts';
import { getRequest, mapOf, Rig, testBlock } from '../testdata/rig.ts';
import { BackendPool } from './backend-pool.ts';
import { LoadProber } from './load-prober.ts';

const block = testBlock();

/** What data nodes hear when a gateway with this balancer reads a block ten times. */
function heardBy(name: string) {
  const rig = new Rig({ nodes: 4, gateway: { balancer: { name } } });
  for (const node of rig.data) node.blocks.set(block.ref.id, block);
  for (let i = 0; i < 10; i++) expect(rig.ask(getRequest(block)).kind).toBe('gateway.data');
  const heard = rig.data.flatMap((node) => node.heard);
  const kinds = heard.map(({ kind }): string => kind);
  return {
    reads: kinds.filter((kind) => kind === 'block.read').length,
    probes: kinds.filter((kind) => kind === 'block.probe').length,
    wanting: heard.filter((request) => request.kind === 'block.read' && request.wantsLoad === true).length,
  };
}

describe('feedback from data nodes', () => {
  it.each([
    { balancer: 'power-of-two', wanting: 0, probes: 0 },
    { balancer: 'peak-ewma', wanting: 0, probes: 0 },
    { balancer: 'c3', wanting: 10, probes: 0 },
    { balancer: 'join-idle-queue', wanting: 10, probes: 0 },
    { balancer: 'prequal', wanting: 10, probes: 30 },
  ])('is asked for if $balancer wants it, and only then', ({ balancer, wanting, probes }) => {
    expect(heardBy(balancer)).toEqual({ reads: 10, probes, wanting });
  });
});

describe('the load prober', () => {
  it('brings the answer of a real data node to the balancer, and forgets those that do not answer', () => {
    const kernel = new Kernel('probe');
    const world = new World(kernel, smallNetwork, () => {});
    const settings = dataNodeConfigSchema.parse({ metadata: ['metadata-1'], zone: 'z1', rack: 'r1', host: 'h1' });
    for (const id of ['data-1', 'data-2']) world.addNode(smallNode(id), dataNode(settings));
    const hosts: Host[] = [];
    world.addNode(smallNode('asker'), (host) => hosts.push(host));
    for (const id of ['data-1', 'asker']) world.start(id);
    kernel.run(1_000);
    const told: unknown[] = [];
    const balancer: Balancer = {
      update: () => {},
      pick: () => {
        throw new Error('nobody picks here');
      },
      onDone: () => {},
      onFeedback: ({ id }, feedback) => told.push([id, feedback]),
    };
    const pool = new BackendPool(balancer);
    pool.update(mapOf(2));
    const [host] = hosts;
    if (host === undefined) throw new Error('the asker never started');
    const prober = new LoadProber(host, pool, balancer);
    for (let i = 0; i < 3; i++) {
      for (const id of ['data-1', 'data-2', 'nobody']) prober.ask(id);
      kernel.run(kernel.nowMs + 2_000);
    }
    expect(told).toEqual(new Array(3).fill(['data-1', { kind: 'probe', inFlight: 0, latencyMs: 0 }]));
  });
});
