import { type Configuration, ConfigurationSet } from './configuration.ts';
import type { SequentialModel } from './model.ts';

/** What a search may use before it gives up. */
export interface SearchLimits {
  /** Ways in which the history may have gone that are kept side by side. */
  readonly configurations: number;
  /** Steps of the model that placing one operation may take. */
  readonly steps: number;
}

/** Ample for recorded histories of tens of clients; some megabytes at most. */
export const SEARCH_LIMITS: SearchLimits = { configurations: 10_000, steps: 1_000_000 };

/** An operation that was called and whose return has not been reached. */
export interface OpenOperation<Op> {
  readonly op: Op;
  /** Its bit in a mask; free for another once it is over. */
  readonly slot: number;
  readonly bit: bigint;
  readonly read: boolean;
  /** Infinity where it has none. */
  readonly rank: number;
}

/**
 * Everything that an object may have gone through, as its history is told event by event: linearizability (Herlihy and
 * Wing 1990) is lost where no way is left.
 *
 * The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993) with the cache of Lowe (2017), in
 * the order that Lowe calls just-in-time: an operation takes effect no earlier than the next return needs it to. So only
 * what is open has to be remembered, a history of any length needs bounded memory, and the return that can't be explained
 * is known when it comes.
 */
export class Frontier<State, Op> {
  readonly #model: SequentialModel<State, Op>;
  readonly #limits: SearchLimits;
  #configurations: readonly Configuration<State>[];
  /** In the order of their calls. */
  readonly #open = new Set<OpenOperation<Op>>();
  /** Operations of unknown outcome, those with the same effect together, in the order of their calls. */
  readonly #doubtful = new Map<string, OpenOperation<Op>[]>();
  readonly #freeSlots: number[] = [];
  #slots = 0;
  #doubts = 0;
  #steps = 0;

  constructor(model: SequentialModel<State, Op>, limits: SearchLimits = SEARCH_LIMITS, start: State = model.initial) {
    for (const [name, limit] of Object.entries(limits)) {
      if (!(limit >= 1)) throw new RangeError(`linearizability: limits.${name} is ${limit}; 1 or more is accepted`);
    }
    this.#model = model;
    this.#limits = limits;
    this.#configurations = [{ state: start, stateKey: model.keyOf(start), taken: 0n, spent: 0n }];
  }

  /** Ways that are left. */
  get size(): number {
    return this.#configurations.length;
  }

  /** Steps of the model taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Operations of unknown outcome that may still take effect. */
  get doubts(): number {
    return this.#doubts;
  }

  /** States that the object may be in, each once, in words. */
  states(): string[] {
    return [...new Set(this.#configurations.map(({ state }) => this.#model.describeState(state)))];
  }

  /** An operation was called that will return. */
  call(op: Op): OpenOperation<Op> {
    const operation = this.#enter(op);
    this.#open.add(operation);
    return operation;
  }

  /** An operation was called whose outcome nobody knows: it may take effect any time from now on, or never. */
  doubt(op: Op): void {
    // A read that nobody saw the answer of says nothing.
    if (this.#model.isRead(op)) return;
    const operation = this.#enter(op);
    const effect = this.#model.effectOf(op);
    const same = this.#doubtful.get(effect);
    if (same === undefined) this.#doubtful.set(effect, [operation]);
    else same.push(operation);
    this.#doubts += 1;
  }

  /**
   * An operation returned, so it has taken effect by now. `placed`: it has in at least one way, and those are what is left.
   * `refused`: in none. `undecided`: the limits were reached first. In the last two cases nothing changes, and the caller
   * can only go on with {@link restart}.
   */
  place(operation: OpenOperation<Op>): 'placed' | 'refused' | 'undecided' {
    let ways = this.#placeAtOnce(operation) ?? this.#search(operation, true);
    if (ways === 'undecided') return ways;
    // The history is wrong, but it may be another operation under way that fits nowhere, and not this one.
    if (ways.length === 0) ways = this.#search(operation, false);
    if (ways === 'undecided' || ways.length === 0) return 'refused';
    this.#configurations = ways;
    this.#open.delete(operation);
    this.#freeSlots.push(operation.slot);
    this.#forgetSpent();
    return 'placed';
  }

  /** Goes on from a state, with nothing open; operations of unknown outcome stay unless `forgetDoubts`. */
  restart(state: State, forgetDoubts: boolean): void {
    for (const { slot } of this.#open) this.#freeSlots.push(slot);
    this.#open.clear();
    if (forgetDoubts) {
      for (const { slot } of [...this.#doubtful.values()].flat()) this.#freeSlots.push(slot);
      this.#doubtful.clear();
      this.#doubts = 0;
    }
    this.#configurations = [{ state, stateKey: this.#model.keyOf(state), taken: 0n, spent: 0n }];
  }

  /** Without a search, where there is no choice: a read that fits in all ways as they are, or an operation by itself. */
  #placeAtOnce({ op, bit, read }: OpenOperation<Op>): readonly Configuration<State>[] | undefined {
    const isAlone = this.#open.size === 1 && this.#doubts === 0;
    if (!read && !isAlone) return undefined;
    const ways: Configuration<State>[] = [];
    for (const way of this.#configurations) {
      if ((way.taken & bit) !== 0n) {
        ways.push({ ...way, taken: way.taken & ~bit });
        continue;
      }
      const next = this.#step(way, op);
      if (next?.stateKey === way.stateKey) ways.push(way);
      else if (!isAlone || this.#configurations.length > 1) return undefined;
      else if (next !== undefined) ways.push({ ...next, taken: way.taken, spent: way.spent });
    }
    return ways;
  }

  /**
   * The ways that are left when an operation has taken effect, searched from all ways up to now. `complete`: only those in
   * which everything else that is under way can still take effect.
   */
  #search(operation: OpenOperation<Op>, complete: boolean): readonly Configuration<State>[] | 'undecided' {
    const lastStep = this.#steps + this.#limits.steps;
    const visited = new ConfigurationSet<State>();
    const placed = new ConfigurationSet<State>();
    const work: Step<State>[] = [];
    const reach = ({ way, byDoubt }: Step<State>) => {
      const read = this.#answerReads(way, complete);
      if (read === undefined) return;
      if ((read.taken & operation.bit) !== 0n) placed.add({ ...read, taken: read.taken & ~operation.bit });
      else if (visited.add(read)) work.push({ way: read, byDoubt: byDoubt && read === way });
    };
    for (const way of this.#configurations) reach({ way, byDoubt: false });
    for (let from = work.pop(); from !== undefined; from = work.pop()) {
      for (const next of this.#successors(from, complete)) reach(next);
      if (this.#steps > lastStep || placed.size > this.#limits.configurations) return 'undecided';
    }
    return placed.all();
  }

  #enter(op: Op): OpenOperation<Op> {
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    const rank = this.#model.rankOf?.(op) ?? Number.POSITIVE_INFINITY;
    return { op, slot, bit: 1n << BigInt(slot), read: this.#model.isRead(op), rank };
  }

  /** What may take effect next in a way, each as the way that it leads to. */
  *#successors({ way, byDoubt }: Step<State>, complete: boolean): Generator<Step<State>> {
    const { taken, spent, stateKey } = way;
    const least = complete ? this.#leastRank(taken) : Number.POSITIVE_INFINITY;
    for (const { op, bit, rank } of this.#open) {
      if ((taken & bit) !== 0n || (rank > least && rank < Number.POSITIVE_INFINITY)) continue;
      const next = this.#step(way, op);
      if (next !== undefined) yield { way: { ...next, taken: taken | bit, spent }, byDoubt: false };
    }
    for (const same of this.#doubtful.values()) {
      const doubt = same.find(({ bit }) => (spent & bit) === 0n);
      if (doubt === undefined || (byDoubt && this.#model.isOverwrite?.(doubt.op))) continue;
      const next = this.#step(way, doubt.op);
      // To spend it on nothing is never of use.
      if (next === undefined || next.stateKey === stateKey) continue;
      yield { way: { ...next, taken, spent: spent | doubt.bit }, byDoubt: true };
    }
  }

  /**
   * Lets all open reads take effect that find what they saw: as they change nothing, no way is lost by it. Undefined if
   * it must be `complete`, and another operation comes too late in it.
   */
  #answerReads(from: Configuration<State>, complete: boolean): Configuration<State> | undefined {
    let { taken } = from;
    for (const { op, bit, read } of this.#open) {
      if ((taken & bit) !== 0n) continue;
      // A read that narrows a symbolic state is a choice, and left to the search.
      if (read && this.#step(from, op)?.stateKey === from.stateKey) taken |= bit;
      else if (complete && this.#model.isTooLate?.(from.state, op)) return undefined;
    }
    return taken === from.taken ? from : { ...from, taken };
  }

  #step(from: Configuration<State>, op: Op): { readonly state: State; readonly stateKey: string } | undefined {
    this.#steps += 1;
    const state = this.#model.step(from.state, op);
    if (state === undefined) return undefined;
    return { state, stateKey: state === from.state ? from.stateKey : this.#model.keyOf(state) };
  }

  #leastRank(taken: bigint): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { bit, rank } of this.#open) if (rank < least && (taken & bit) === 0n) least = rank;
    return least;
  }

  /** An operation of unknown outcome that took effect in every way that is left is over. */
  #forgetSpent(): void {
    if (this.#doubts === 0) return;
    const everywhere = this.#configurations.reduce((common, { spent }) => common & spent, -1n);
    if (everywhere === 0n) return;
    this.#configurations = this.#configurations.map((way) => ({ ...way, spent: way.spent & ~everywhere }));
    for (const [effect, same] of this.#doubtful) {
      const left = same.filter(({ bit }) => (everywhere & bit) === 0n);
      if (left.length === same.length) continue;
      for (const { bit, slot } of same) if ((everywhere & bit) !== 0n) this.#freeSlots.push(slot);
      this.#doubts -= same.length - left.length;
      if (left.length === 0) this.#doubtful.delete(effect);
      else this.#doubtful.set(effect, left);
    }
  }
}

/** A way in a search, and whether an operation of unknown outcome is the last that took effect in it. */
interface Step<State> {
  readonly way: Configuration<State>;
  readonly byDoubt: boolean;
}
