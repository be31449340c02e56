/** What to list. */
export interface ListQuery {
  /** Only keys that begin with it; '' (the default) for all. */
  readonly prefix?: string | undefined;
  /** Groups keys: those that share what comes before and with it, after the prefix, are told as one common prefix. '' (the default): no grouping. */
  readonly delimiter?: string | undefined;
  /** Only what sorts after it; '' (the default) from the start. A token takes its place. */
  readonly after?: string | undefined;
  /** Most keys and common prefixes of one page, from 1 to 1,000, which is the default. */
  readonly limit?: number | undefined;
  /** `next` of the page before, of a listing with the same prefix and delimiter. */
  readonly token?: string | undefined;
}
