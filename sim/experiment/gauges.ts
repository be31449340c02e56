import type { NodeId } from '../host.ts';
import type { GaugeSource, NodeGauges } from '../record/gauges.ts';
import type { World } from '../world/world.ts';

/** The recorder's eyes in the simulated world. */
export class WorldGauges implements GaugeSource {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  read(id: NodeId): NodeGauges {
    const node = this.#world.node(id);
    const { state, cpu, disk, bytesIn, bytesOut, usedBytes } = node.gauges();
    node.resetPeaks();
    return {
      state,
      cores: cpu.servers,
      cpuBusyMs: cpu.busyMs,
      diskParallelism: disk.servers,
      diskBusyMs: disk.busyMs,
      diskChannelMs: disk.channelBusyMs,
      cpuQueueMs: cpu.queueMs,
      cpuQueueMax: cpu.queueMax,
      diskQueueMs: disk.queueMs,
      diskQueueMax: disk.queueMax,
      bytesIn,
      bytesOut,
      usedBytes,
      workDone: cpu.completed,
    };
  }

  storedBytes(id: NodeId): number {
    return this.#world.node(id).disk.usedBytes;
  }
}
