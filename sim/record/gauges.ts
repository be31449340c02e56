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
  /** Time in which the disk's channel transferred: its slots share it, so few of them can fill it. */
  readonly diskChannelMs: number;
  /** Integral over time of the pieces of work that wait for a core or are on one … */
  readonly cpuQueueMs: number;
  /** … and the most at once since this node was last read. */
  readonly cpuQueueMax: number;
  /** The same of the operations of the disk. */
  readonly diskQueueMs: number;
  readonly diskQueueMax: number;
  /** On the wire, headers and control data included. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly usedBytes: number;
  /** Pieces of work that its CPU has done: heartbeats and replies count as well as requests. */
  readonly workDone: number;
}

/** Where the recorder reads the cluster. A thin adapter over the simulated world implements it. */
export interface GaugeSource {
  /** Called once a node and bucket, at the bucket's end: an object of its own each time. The peaks start anew with each call. */
  read(node: NodeId): NodeGauges;
  /** Declared bytes on the node's disk; reading it changes nothing. */
  storedBytes(node: NodeId): number;
}
