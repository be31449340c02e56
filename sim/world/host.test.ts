import type { TraceEvent } from '../host.ts';
import { Kernel } from '../kernel/kernel.ts';
import { CONFORMANCE_CAPACITY_BYTES, type HostHarness, hostConformance } from './conformance.ts';
import { smallDisk, smallNetwork, smallNode } from './testing.ts';
import { World } from './world.ts';

hostConformance('simulated host', async () => simulatedHarness());

function simulatedHarness(): HostHarness {
  const kernel = new Kernel('conformance');
  const traced: { readonly node: string; readonly event: TraceEvent }[] = [];
  const world = new World(kernel, smallNetwork, (node, event) => traced.push({ node, event }));
  const disk = { ...smallDisk, capacityBytes: CONFORMANCE_CAPACITY_BYTES };
  return {
    start: async (id, boot) => {
      world.addNode({ ...smallNode(id), disk }, boot);
      world.start(id);
    },
    crash: async (id) => void world.crash(id, { mode: 'process' }),
    restart: async (id) => void world.restart(id),
    // Conditions may be on the time alone, so time has to pass even when nothing happens.
    until: async (done, limitMs) => {
      const endMs = kernel.nowMs + limitMs;
      while (!done() && kernel.nowMs < endMs) {
        if (!kernel.runUntil(done, kernel.nowMs + 0.5)) kernel.run(kernel.nowMs);
      }
      return done();
    },
    traced: (id) => traced.filter(({ node }) => node === id).map(({ event }) => event),
    close: async () => {},
  };
}
