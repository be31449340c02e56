import type { OperationEvent } from '../key-model.ts';
import type { SequentialModel } from './model.ts';

/** An operation on one key with what it said. `generation` undefined: the outcome is unknown. A checksum of 0 is not known. */
export type StoreOp =
  | { readonly kind: 'write'; readonly generation: number | undefined; readonly checksum: number }
  | { readonly kind: 'delete'; readonly generation: number | undefined }
  | { readonly kind: 'found'; readonly generation: number; readonly checksum: number }
  | { readonly kind: 'missing' };

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
        return written(state, op.generation, op.checksum);
      case 'delete':
        return deleted(state, op.generation);
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
  isRead: ({ kind }) => kind === 'found' || kind === 'missing',
  isOverwrite: ({ kind }) => kind === 'write' || kind === 'delete',
  effectOf: (op) => (op.kind === 'write' ? `write ${op.checksum}` : op.kind),
  isTooLate,
  // A version is read after it was written and before the next is.
  rankOf: (op) => (op.kind === 'found' ? op.generation + 0.5 : op.kind === 'missing' ? undefined : op.generation),
  describe(op) {
    if (op.kind === 'missing') return 'a read that found nothing';
    const of = op.generation === undefined ? 'of unknown outcome' : `of generation ${op.generation}`;
    return op.kind === 'found' ? `a read ${of}` : `a ${op.kind} ${of}`;
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
  if (op === 'list' || status === 'failed') return undefined;
  if (op === 'get' || op === 'head') {
    if (status !== 'ok') return undefined;
    if (event.missing) return { op: { kind: 'missing' }, certain: true };
    return generation > 0 ? { op: { kind: 'found', generation, checksum }, certain: true } : undefined;
  }
  const certain = status === 'ok';
  if (certain && generation === 0) {
    // A delete that found nothing has read that; a condition that did not hold isn't known here.
    return op === 'delete' && event.missing ? { op: { kind: 'missing' }, certain } : undefined;
  }
  const made = certain ? generation : undefined;
  return {
    op: op === 'put' ? { kind: 'write', generation: made, checksum } : { kind: 'delete', generation: made },
    certain,
  };
}

/** Generations rise: what tells of one that is over comes too late. */
function isTooLate(state: KeyState, op: StoreOp): boolean {
  if (op.kind === 'missing' || op.generation === undefined) return false;
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
