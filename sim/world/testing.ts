import type { DiskSpec, NetworkSpec, NodeSpec } from './spec.ts';

/** A network for tests: 0.2 ms, exponential, in every direction. */
export const smallNetwork: NetworkSpec = {
  latency: {
    local: { kind: 'fixed', meanMs: 0.01 },
    rack: { kind: 'exponential', meanMs: 0.2 },
    zone: { kind: 'exponential', meanMs: 0.2 },
    'cross-zone': { kind: 'exponential', meanMs: 0.2 },
  },
  bandwidthBytesPerS: 1e9,
  lossRate: 0,
};

/** A network for tests that takes no time and loses nothing. */
export const instantNetwork: NetworkSpec = {
  latency: {
    local: { kind: 'fixed', meanMs: 0 },
    rack: { kind: 'fixed', meanMs: 0 },
    zone: { kind: 'fixed', meanMs: 0 },
    'cross-zone': { kind: 'fixed', meanMs: 0 },
  },
  bandwidthBytesPerS: 1e300,
  lossRate: 0,
};

export const smallDisk: DiskSpec = {
  capacityBytes: 1e9,
  seekMs: 0.1,
  bandwidthBytesPerS: 1e8,
  syncMs: 1,
  queueDepth: 4,
};

/** A node for tests: two cores, 0.1 ms of exponential work a request. */
export function smallNode(id: string, place: { readonly zone?: string; readonly rack?: string } = {}): NodeSpec {
  return {
    id,
    role: id.replace(/-\d+$/, ''),
    zone: place.zone ?? 'a',
    rack: place.rack ?? '1',
    cpu: { cores: 2, speed: 1, costs: { default: { kind: 'exponential', meanMs: 0.1 } } },
    disk: smallDisk,
  };
}
