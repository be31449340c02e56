/** What recorded traces tell of. */
export type RecordedOperation = 'get' | 'put' | 'head' | 'delete' | 'list';

/** What a client asks of the store. A `list` takes the `key` as the prefix to list, a `copy` as the key to write. */
export type Operation = RecordedOperation | 'copy';

/** The operations of recorded traces, in the order in which columns and tables hold them. */
export const operations: readonly RecordedOperation[] = ['get', 'put', 'head', 'delete', 'list'];

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
  /** In what it differs from the plain form of its operation. */
  detail?: RequestDetail | undefined;
}

/** What makes a request more than a plain one. */
export interface RequestDetail {
  /** Of a get: the bytes that are wanted. */
  readonly range?: { readonly startBytes: number; readonly lengthBytes: number } | undefined;
  /** Of a write: only where there is no version, or only over the version that its client knows. */
  readonly condition?: 'if-absent' | 'if-match' | undefined;
  /** Of a copy: the key whose newest version is copied; by default the written key itself. */
  readonly from?: string | undefined;
  /** Of a list: keys are grouped up to it, and all pages are asked for, not the first alone. */
  readonly delimiter?: string | undefined;
}

/** An object that must be stored before the traffic starts, since the traffic reads before it writes. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
}
