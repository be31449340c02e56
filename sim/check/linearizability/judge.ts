import { Frontier, type OpenOperation, SEARCH_LIMITS, type SearchLimits } from './frontier.ts';
import type { SequentialModel } from './model.ts';

/** An operation of a recorded history. Times are of any unit, as long as it is one. */
export interface RecordedOperation<Op> {
  readonly op: Op;
  readonly called: number;
  /** Undefined if the outcome is unknown: the operation may take effect any time after its call, or never. */
  readonly returned: number | undefined;
}

/** The first return that no order of the operations explains. */
export interface Refusal<Op> {
  readonly operation: RecordedOperation<Op>;
  /** Operations of known outcome that were under way at that return. */
  readonly concurrent: readonly RecordedOperation<Op>[];
  /** States that the object may have been in before, in words. */
  readonly states: readonly string[];
}

export type Verdict<Op> =
  | { readonly verdict: 'linearizable'; readonly steps: number; readonly mostConfigurations: number }
  | {
      readonly verdict: 'violated';
      readonly refusal: Refusal<Op>;
      readonly steps: number;
      readonly mostConfigurations: number;
    }
  | { readonly verdict: 'undecided'; readonly steps: number; readonly mostConfigurations: number };

/**
 * Whether a history of one object is linearizable: whether each operation can have taken effect at one instant between its
 * call and its return. A call at the instant of a return counts as concurrent. Never wrong: a search beyond the limits is `undecided`.
 */
export function judge<State, Op>(
  model: SequentialModel<State, Op>,
  history: readonly RecordedOperation<Op>[],
  limits: SearchLimits = SEARCH_LIMITS,
): Verdict<Op> {
  const frontier = new Frontier(model, limits);
  const open = new Map<RecordedOperation<Op>, OpenOperation<Op>>();
  let mostConfigurations = 1;
  for (const { operation, isReturn } of inOrder(history)) {
    if (!isReturn) {
      if (operation.returned === undefined) frontier.doubt(operation.op);
      else open.set(operation, frontier.call(operation.op));
      continue;
    }
    const handle = open.get(operation);
    if (handle === undefined) continue;
    const placed = frontier.place(handle);
    open.delete(operation);
    mostConfigurations = Math.max(mostConfigurations, frontier.size);
    const { steps } = frontier;
    if (placed === 'undecided') return { verdict: 'undecided', steps, mostConfigurations };
    if (placed === 'refused') {
      const refusal = { operation, concurrent: [...open.keys()], states: frontier.states() };
      return { verdict: 'violated', refusal, steps, mostConfigurations };
    }
  }
  return { verdict: 'linearizable', steps: frontier.steps, mostConfigurations };
}

/**
 * Judges a history of many independent objects one by one: a system is linearizable if and only if each of its objects is
 * (locality; Herlihy and Wing 1990). Verdicts come in the order in which the objects were met.
 */
export function judgeByKey<State, Op>(
  model: SequentialModel<State, Op>,
  history: readonly RecordedOperation<Op>[],
  keyOf: (op: Op) => string,
  limits: SearchLimits = SEARCH_LIMITS,
): Map<string, Verdict<Op>> {
  const parts = new Map<string, RecordedOperation<Op>[]>();
  for (const operation of history) {
    const key = keyOf(operation.op);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [operation]);
    else part.push(operation);
  }
  return new Map([...parts].map(([key, part]) => [key, judge(model, part, limits)]));
}

/** States and concurrent operations that an explanation spells out. */
const NAMED = 3;

/** Why a history is not linearizable: the operation that can't be placed, its window, and what stood against it. */
export function explain<State, Op>(
  model: SequentialModel<State, Op>,
  { operation, concurrent, states }: Refusal<Op>,
): string {
  const { op, called, returned } = operation;
  const among = (texts: readonly string[], between: string) =>
    texts.slice(0, NAMED).join(between) + (texts.length > NAMED ? `${between}${texts.length - NAMED} more` : '');
  const others = concurrent.map((other) => model.describe(other.op));
  const beside = others.length > 0 ? `; under way at its return: ${among(others, ', ')}` : '';
  return `${model.describe(op)}, called at ${called} and returned at ${returned}, fits nowhere: before it, the object was ${among(states, ' or ')}${beside}`;
}

interface HistoryEvent<Op> {
  readonly at: number;
  readonly isReturn: boolean;
  readonly operation: RecordedOperation<Op>;
}

/** Calls and returns by time, at the same time calls first. */
function inOrder<Op>(history: readonly RecordedOperation<Op>[]): HistoryEvent<Op>[] {
  const events: HistoryEvent<Op>[] = [];
  for (const operation of history) {
    const { called, returned } = operation;
    if (!Number.isFinite(called) || (returned !== undefined && !(returned >= called))) {
      throw new RangeError(
        `linearizability: an operation was called at ${called} and returned at ${returned}; a finite call and a return no earlier are accepted`,
      );
    }
    events.push({ at: called, isReturn: false, operation });
    if (returned !== undefined) events.push({ at: returned, isReturn: true, operation });
  }
  // Sorting is stable: ties keep the order of the history.
  return events.sort((a, b) => a.at - b.at || Number(a.isReturn) - Number(b.isReturn));
}
