/** What a client asks of the store. A `list` takes the `key` as the prefix to list. */
export type Operation = 'get' | 'put' | 'head' | 'delete' | 'list';

/** All operations, in the order in which columns and tables hold them. */
export const operations: readonly Operation[] = ['get', 'put', 'head', 'delete', 'list'];

/** One request, as a client issues it. */
export interface TrafficRequest {
  /** When the client issues it, in ms from the start of the traffic. */
  atMs: number;
  op: Operation;
  key: string;
  /** Size of the object as it was last put, or, of a put, as it is to be stored; in bytes. Nil for a list. */
  sizeBytes: number;
  /** Number of the client (session) that issues it, from 0. */
  client: number;
}

/** An object that must be stored before the traffic starts, since the traffic reads before it writes. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
}
