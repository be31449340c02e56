import type { Body } from '../../host.ts';
import type { ListEntry } from '../messages/metadata.ts';

/**
 * How an operation ended. `unknown` is a write that may or may not take effect, now or later: it is never reported as
 * failed. A read of a key that is not there is `ok` and `missing`. `attempts`: at the step (a block, a question to metadata)
 * that took most, 1 or more.
 */
export type Outcome =
  | { readonly status: 'ok'; readonly result: Result; readonly attempts: number }
  | { readonly status: 'failed' | 'unknown'; readonly error: string; readonly attempts: number };

/**
 * What an operation that ended well gives. Generation 0 means that the key has no version. `missing`: there is no such
 * object, or none to copy.
 */
export type Result =
  | { readonly kind: 'object'; readonly generation: number; readonly body: Body; readonly checksum: number }
  | { readonly kind: 'version'; readonly generation: number; readonly sizeBytes: number }
  | { readonly kind: 'missing' }
  | { readonly kind: 'stored'; readonly generation: number; readonly checksum: number }
  | { readonly kind: 'copied'; readonly generation: number }
  | { readonly kind: 'deleted'; readonly generation: number; readonly existed: boolean }
  /** The condition did not hold. */
  | { readonly kind: 'precondition-failed'; readonly generation: number }
  /** Keys and common prefixes as they were at one revision, in order. */
  | {
      readonly kind: 'page';
      readonly entries: readonly ListEntry[];
      readonly prefixes: readonly string[];
      /** Token of the next page; undefined if this was the last. */
      readonly next: string | undefined;
      readonly revision: number;
    }
  /**
   * The revision that the listing shows is kept no more. It cannot be continued without a gap: start again, without a
   * token; all before `oldestRevision` is gone.
   */
  | { readonly kind: 'list-compacted'; readonly oldestRevision: number };

/** Told once how an operation ended; never before the method that started it has returned. */
export interface OutcomeHandler {
  onOutcome(tag: number, outcome: Outcome): void;
}
