import type { CpuSpec, DiskSpec, ServiceTime } from '../world/spec.ts';
import type { ClusterSpec } from './scenario.ts';

/**
 * The machines that a scenario gets unless it says otherwise. A data node is one spindle behind a small server, so that
 * queues form at hundreds of requests a second and a run of a minute stays affordable; gateways and metadata are fast
 * enough not to be the bottleneck.
 */

type MachineInput = Pick<ClusterSpec['data'], 'cpu' | 'disk'>;

export interface Machine {
  readonly cpu: CpuSpec;
  readonly disk: DiskSpec;
}

const GIB = 1024 * 1024 * 1024;

const work = (meanMs: number, perKiBMs = 0): ServiceTime => ({ kind: 'lognormal', meanMs, sigma: 0.4, perKiBMs });
const free: ServiceTime = { kind: 'fixed', meanMs: 0 };

const MACHINES = {
  data: {
    cpu: {
      cores: 2,
      speed: 1,
      costs: {
        default: work(0.05),
        'block.read': work(0.15, 0.0005),
        'block.add': work(0.2, 0.001),
        'block.copy': work(0.1, 0.0005),
      },
    },
    disk: { capacityBytes: 64 * GIB, seekMs: 4, bandwidthBytesPerS: 150e6, syncMs: 2, queueDepth: 1 },
  },
  gateway: {
    cpu: {
      cores: 4,
      speed: 1,
      costs: { default: work(0.02), 'gateway.get': work(0.04), 'gateway.put': work(0.06, 0.0005), 'map.changed': free },
    },
    disk: { capacityBytes: GIB, seekMs: 0.1, bandwidthBytesPerS: 500e6, syncMs: 0.5, queueDepth: 8 },
  },
  metadata: {
    cpu: {
      cores: 8,
      speed: 1,
      costs: {
        default: work(0.02),
        'object.lookup': work(0.02),
        'object.commit': work(0.04),
        'node.heartbeat': work(0.05),
      },
    },
    disk: { capacityBytes: 16 * GIB, seekMs: 0.08, bandwidthBytesPerS: 1e9, syncMs: 0.2, queueDepth: 16 },
  },
  client: {
    cpu: { cores: 1, speed: 1, costs: { default: free } },
    disk: { capacityBytes: GIB, seekMs: 0.1, bandwidthBytesPerS: 500e6, syncMs: 0.5, queueDepth: 8 },
  },
} as const satisfies Record<string, Machine>;

export type Role = keyof typeof MACHINES;

/** The machine of a role, with what the scenario says of all of them, then of this one. */
export function machineOf(role: Role, ...wanted: readonly MachineInput[]): Machine {
  let { cpu, disk }: Machine = MACHINES[role];
  for (const want of wanted) {
    const { costs, ...rest } = want.cpu ?? {};
    cpu = { ...cpu, ...defined(rest), costs: { ...cpu.costs, ...costs } };
    const { capacity, seek, bandwidthPerS, sync, queueDepth } = want.disk ?? {};
    disk = {
      ...disk,
      ...defined({
        capacityBytes: capacity,
        seekMs: seek,
        bandwidthBytesPerS: bandwidthPerS,
        syncMs: sync,
        queueDepth,
      }),
    };
  }
  return { cpu, disk };
}

/** Without the fields that are undefined, so that spreading it overwrites nothing with nothing. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
