/**
 * What an object does when operations take effect on it one at a time: the specification that a concurrent history is
 * held against. An operation carries its outcome, so that `step` also says whether this outcome was possible.
 *
 * States are immutable. A state may be symbolic, standing for several that are not told apart yet; a read may then narrow it.
 */
export interface SequentialModel<State, Op> {
  readonly initial: State;
  /** The state after `op`, or undefined if `op` can't have had its outcome in `state`. */
  step(state: State, op: Op): State | undefined;
  /** Equal for equal states only. */
  keyOf(state: State): string;
  /** An operation that changes no object, whatever its state. */
  isRead(op: Op): boolean;
  /**
   * An operation after which nothing is left of one of unknown outcome right before it: the state is what it would be
   * without that one. Spares the search to try such pairs; may be left out.
   */
  isOverwrite?(op: Op): boolean;
  /** Operations of unknown outcome with the same text have the same effect. */
  effectOf(op: Op): string;
  /**
   * True only if `op` can't have had its outcome in `state` nor in any that may follow. Spares the search all
   * ways in which an operation that is under way would be left over; may be left out.
   */
  isTooLate?(state: State, op: Op): boolean;
  /**
   * Two operations that have a rank take effect in order of rank in every legal sequence. Spares the search all other
   * orders; may be left out.
   */
  rankOf?(op: Op): number | undefined;
  /** The operation with its outcome, in words. */
  describe(op: Op): string;
  /** The state, in words. */
  describeState(state: State): string;
}
