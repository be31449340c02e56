import type { NodeId } from '../../../host.ts';

/** Why a proposal or read has no result. Only `unknown` leaves open whether the command will be applied. */
export type LogFailure = 'not-leader' | 'unavailable' | 'unknown';

/** Who waits for a proposal. Exactly one of the two is called, once, never before `propose` returns. */
export interface ProposalHandler<Result> {
  /** The command is durable and was applied here. */
  onApplied(tag: number, result: Result): void;
  onProposalFailed(tag: number, failure: LogFailure): void;
}

/** Who waits for a read. Exactly one of the two is called, once, possibly before `read` returns. */
export interface ReadHandler {
  /** The state machine now holds all that was acknowledged before `read` was called. */
  onReadable(tag: number): void;
  onReadFailed(tag: number, failure: LogFailure): void;
}

/**
 * What the log drives. The same commands in the same order must give the same state and the same results
 * on every member and after every restart: nothing but the arguments may enter.
 */
export interface StateMachine<Command, Result> {
  apply(revision: number, command: Command): Result;
  /** The whole state as JSON texts, such that `restore` gives a state that cannot be told from this one. */
  snapshot(): Iterable<string>;
  restore(records: Iterable<string>): void;
}

/** Who acts on what happens in the log; told of nothing that is replayed at start. */
export interface LogObserver<Command, Result> {
  /** This member began or ceased to lead. Terms rise for ever. */
  onLeadership(leads: boolean, term: number): void;
  /** Called after each command was applied, before its proposer is told. */
  onCommitted(revision: number, command: Command, result: Result): void;
}

/**
 * A log of commands that all members of the metadata service apply in one order: propose and apply. A command
 * whose proposer was told of its result is never lost, whatever crashes.
 */
export interface ReplicatedLog<Command, Result> {
  readonly isLeader: boolean;
  readonly term: number;
  /** Who leads, as far as it is known here. */
  readonly leader: NodeId | undefined;
  /** The last revision applied here; 0 before the first. */
  readonly revision: number;
  /** Commands must be plain data that survives JSON unchanged, and must not be changed afterwards. */
  propose(command: Command, handler: ProposalHandler<Result>, tag: number): void;
  /** For linearizable reads of the state machine, on any member. */
  read(handler: ReadHandler, tag: number): void;
  /**
   * The state machine holds all that was acknowledged anywhere until `ms` before now, so a read that allows for that much
   * staleness may be answered at once. False where that is not known: `read` then makes it so.
   */
  isFreshWithin(ms: number): boolean;
}
