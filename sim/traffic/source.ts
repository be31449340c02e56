import type { RandomStream } from '../host.ts';
import type { TrafficRequest } from './request.ts';

/**
 * Requests in order of `atMs`, pulled one by one. Open loop: a source knows nothing of answers.
 * Synchronous: whatever comes from a file was read before the run.
 */
export interface TrafficSource {
  /**
   * The next request, or undefined for ever after the last. The object is the source's own and is
   * overwritten by the next call: read it, or copy it, before.
   */
  next(): TrafficRequest | undefined;
}

/**
 * Gives the random stream of one purpose. Arrivals, keys, operations and clients draw from streams of
 * their own, so that a change to one of them moves none of the others (common random numbers).
 */
export type Streams = (purpose: string) => RandomStream;
