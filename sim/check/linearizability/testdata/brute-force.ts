import type { RecordedOperation } from '../judge.ts';
import type { SequentialModel } from '../model.ts';

/** Tries all orders, with no cache and no trick: the definition of linearizability, for histories of a few operations. */
export function isLinearizable<State, Op>(
  model: SequentialModel<State, Op>,
  history: readonly RecordedOperation<Op>[],
  state: State = model.initial,
): boolean {
  if (history.every(({ returned }) => returned === undefined)) return true;
  return history.some((operation) => {
    const rest = history.filter((other) => other !== operation);
    const mayBeFirst = rest.every(({ returned }) => returned === undefined || returned >= operation.called);
    const next = mayBeFirst ? model.step(state, operation.op) : undefined;
    return next !== undefined && isLinearizable(model, rest, next);
  });
}
