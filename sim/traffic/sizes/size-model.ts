/** How large objects are. */
export interface SizeModel {
  /**
   * Size in whole bytes, a pure function of its arguments: the object's 32-bit hash (even over all
   * objects) and its rank of popularity from 0.
   */
  sizeBytes(hash: number, rank: number): number;
  /** A few words for people: `64 KB`. */
  describe(): string;
}
