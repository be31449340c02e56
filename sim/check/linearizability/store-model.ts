import type { OperationEvent } from '../operation.ts';
import type { SequentialModel } from './model.ts';

/**
 * An operation on one key with what it said. `generation` undefined: the outcome is unknown. A checksum of 0 is not known.
 * `onlyIf`: its condition, that this was the current generation, 0 for none.
 */
export type StoreOp =
  | {
      readonly kind: 'write';
      readonly generation: number | undefined;
      readonly checksum: number;
      readonly onlyIf?: number | undefined;
    }
  | { readonly kind: 'delete'; readonly generation: number | undefined; readonly onlyIf?: number | undefined }
  | { readonly kind: 'found'; readonly generation: number; readonly checksum: number }
  | { readonly kind: 'missing' }
  /** A write whose condition did not hold. */
  | { readonly kind: 'refused'; readonly onlyIf: number };

/**
 * What a key may hold. Generations of a key only rise, over deletions too; where an operation of unknown outcome made the
 * last one, it is only known to be above `generation`. Half a step above a generation stands for one that was deleted.
 */
export type KeyState =
  | { readonly kind: 'absent'; readonly generation: number }
  | { readonly kind: 'version'; readonly generation: number; readonly exact: boolean; readonly checksum: number }
  /** Nothing is known but that no later version is below `generation`. */
  | { readonly kind: 'anything'; readonly generation: number };

export const NEVER_WRITTEN: KeyState = { kind: 'absent', generation: 0 };

/** One key of the store: the newest write is read, by generation and content; what is deleted is missing until written again. */
export const storeModel: SequentialModel<KeyState, StoreOp> = {
  initial: NEVER_WRITTEN,
  step(state, op) {
    switch (op.kind) {
      case 'write':
        return mayBe(state, op.onlyIf) ? written(state, op.generation, op.checksum) : undefined;
      case 'delete':
        return mayBe(state, op.onlyIf) ? deleted(state, op.generation) : undefined;
      case 'refused':
        return mustBe(state, op.onlyIf) ? undefined : state;
      case 'found':
        return found(state, op.generation, op.checksum);
      case 'missing':
        return missing(state);
    }
  },
  keyOf: (state) =>
    state.kind === 'version'
      ? `${state.exact ? '=' : '>'}${state.generation} ${state.checksum}`
      : `${state.kind} ${state.generation}`,
  isRead: ({ kind }) => kind !== 'write' && kind !== 'delete',
  isOverwrite: (op) => (op.kind === 'write' || op.kind === 'delete') && op.onlyIf === undefined,
  effectOf(op) {
    if (op.kind !== 'write' && op.kind !== 'delete') return op.kind;
    const effect = op.kind === 'write' ? `write ${op.checksum}` : op.kind;
    return op.onlyIf === undefined ? effect : `${effect} if ${op.onlyIf}`;
  },
  isTooLate,
  rankOf(op) {
    if (op.kind === 'missing' || op.kind === 'refused') return undefined;
    // A version is read after it was written and before the next is.
    return op.kind === 'found' ? op.generation + 0.5 : op.generation;
  },
  describe(op) {
    if (op.kind === 'missing') return 'a read that found nothing';
    if (op.kind === 'refused') return `a write refused because ${conditionOf(op.onlyIf)} did not hold`;
    const of = op.generation === undefined ? 'of unknown outcome' : `of generation ${op.generation}`;
    if (op.kind === 'found') return `a read ${of}`;
    return `a ${op.kind} ${of}${op.onlyIf === undefined ? '' : ` on condition of ${conditionOf(op.onlyIf)}`}`;
  },
  describeState(state) {
    if (state.kind === 'anything') return `anything from generation ${Math.ceil(state.generation)} on`;
    if (state.kind === 'version') return `generation ${state.exact ? '' : 'above '}${state.generation}`;
    return state.generation === 0 ? 'never written' : `deleted, generation ${Math.floor(state.generation)}`;
  },
};

/** An operation as the model has it, and whether it certainly took effect; undefined if it says nothing of the key. */
export function storeOpOf(event: OperationEvent): { readonly op: StoreOp; readonly certain: boolean } | undefined {
  const { op, status, generation, checksum } = event;
  const onlyIf = expectationOf(event);
  if (op === 'list' || status === 'failed') return undefined;
  if (op === 'get' || op === 'head') {
    if (status !== 'ok') return undefined;
    if (event.missing) return { op: { kind: 'missing' }, certain: true };
    return generation > 0 ? { op: { kind: 'found', generation, checksum }, certain: true } : undefined;
  }
  const certain = status === 'ok';
  if (certain && generation === 0) {
    // A delete that found nothing has read that; of a copy without a source the new key says nothing.
    if (event.missing) return op === 'delete' ? { op: { kind: 'missing' }, certain } : undefined;
    return onlyIf === undefined ? undefined : { op: { kind: 'refused', onlyIf }, certain };
  }
  const made = certain ? generation : undefined;
  // That a condition may have kept a lost write from taking effect would only multiply what it may have done.
  if (!certain)
    return {
      op: op === 'delete' ? { kind: op, generation: made } : { kind: 'write', generation: made, checksum },
      certain,
    };
  return {
    op:
      op === 'delete'
        ? { kind: 'delete', generation: made, onlyIf }
        : { kind: 'write', generation: made, checksum, onlyIf },
    certain,
  };
}

function expectationOf({ condition }: OperationEvent): number | undefined {
  if (condition === undefined || condition.kind === 'none') return undefined;
  return condition.kind === 'if-absent' ? 0 : condition.generation;
}

function conditionOf(onlyIf: number): string {
  return onlyIf === 0 ? 'absence' : `generation ${onlyIf}`;
}

/** May `generation`, 0 for none, be the current one? */
function mayBe(state: KeyState, generation: number | undefined): boolean {
  if (generation === undefined) return true;
  if (generation === 0) return state.kind !== 'version';
  if (state.kind === 'absent') return false;
  if (state.kind === 'anything') return generation >= state.generation;
  return state.exact ? generation === state.generation : generation > state.generation;
}

/** Is `generation`, 0 for none, the current one for sure? */
function mustBe(state: KeyState, generation: number): boolean {
  if (generation === 0) return state.kind === 'absent';
  return state.kind === 'version' && state.exact && state.generation === generation;
}

/** Generations rise: what tells of one that is over comes too late. */
function isTooLate(state: KeyState, op: StoreOp): boolean {
  if (op.kind === 'missing' || op.kind === 'refused' || op.generation === undefined) return false;
  if (op.generation !== state.generation) return op.generation < state.generation;
  if (op.kind !== 'found') return true;
  return state.kind === 'absent' || (state.kind === 'version' && !state.exact);
}

function written(state: KeyState, generation: number | undefined, checksum: number): KeyState | undefined {
  if (generation === undefined) return { kind: 'version', generation: state.generation, exact: false, checksum };
  return generation > state.generation ? { kind: 'version', generation, exact: true, checksum } : undefined;
}

function deleted(state: KeyState, generation: number | undefined): KeyState | undefined {
  // A delete of nothing makes no generation: it has changed nothing, or did not find what is told of it.
  if (state.kind === 'absent') return generation === undefined ? state : undefined;
  if (generation === undefined) return { kind: 'absent', generation: state.generation };
  return generation > state.generation ? { kind: 'absent', generation } : undefined;
}

function found(state: KeyState, generation: number, checksum: number): KeyState | undefined {
  switch (state.kind) {
    case 'absent':
      return undefined;
    case 'anything':
      return generation >= state.generation ? { kind: 'version', generation, exact: true, checksum } : undefined;
    case 'version': {
      if (state.checksum !== checksum && state.checksum !== 0 && checksum !== 0) return undefined;
      if (state.exact ? generation !== state.generation : generation <= state.generation) return undefined;
      // A head tells the generation alone: what the content must be stays known.
      const known = state.checksum === 0 ? checksum : state.checksum;
      return state.exact && known === state.checksum
        ? state
        : { kind: 'version', generation, exact: true, checksum: known };
    }
  }
}

function missing(state: KeyState): KeyState | undefined {
  if (state.kind === 'version') return undefined;
  return state.kind === 'absent' ? state : { kind: 'absent', generation: state.generation };
}
