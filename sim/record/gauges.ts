import type { NodeId } from '../host.ts';

/** What can be read off a node at an instant. Integrals and counts run from the node's first start, across restarts. */
export interface NodeGauges {
  readonly state: 'up' | 'down' | 'paused';
  readonly cores: number;
  /** Integral over time of the number of busy cores. */
  readonly cpuBusyMs: number;
  /** How many operations the disk works on at once. */
  readonly diskParallelism: number;
  /** Integral over time of the number of busy disk slots. */
  readonly diskBusyMs: number;
  /** Integral over time of the number of requests that wait or are in service. */
  readonly queueMs: number;
  /** Most requests that waited or were in service at once since this node was last read. */
  readonly queueMax: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly usedBytes: number;
  /** Requests that the node answered. */
  readonly requests: number;
}

/** Where the recorder reads the cluster. A thin adapter over the simulated world implements it. */
export interface GaugeSource {
  /** Called once a node and bucket, at the bucket's end. `queueMax` starts anew with each call. */
  read(node: NodeId): NodeGauges;
  /** Declared bytes on the node's disk; reading it changes nothing. */
  storedBytes(node: NodeId): number;
}
