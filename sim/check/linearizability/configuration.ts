/**
 * A way in which a history may have gone so far: the state of the object, and which of the operations that are open have
 * taken effect already. Operations are bits of a mask.
 */
export interface Configuration<State> {
  readonly state: State;
  /** The model's key of the state. */
  readonly stateKey: string;
  /** Operations that will return and have taken effect. */
  readonly taken: bigint;
  /** Operations of unknown outcome that were used to explain what was seen. */
  readonly spent: bigint;
}

/**
 * The cache of Lowe ("Testing for linearizability", 2017), sharpened: of two configurations that differ only in operations
 * of unknown outcome, the one that spent fewer can do all that the other can, so only the least are kept. Without this a
 * history with n such operations can have 2^n configurations that are worth nothing.
 */
export class ConfigurationSet<State> {
  readonly #bySituation = new Map<string, Configuration<State>[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** False if it, or a better one, is there already. */
  add(configuration: Configuration<State>): boolean {
    const { stateKey, taken, spent } = configuration;
    const situation = taken === 0n ? stateKey : `${stateKey}\n${taken.toString(36)}`;
    const known = this.#bySituation.get(situation);
    if (known === undefined) {
      this.#bySituation.set(situation, [configuration]);
      this.#size += 1;
      return true;
    }
    if (known.some((other) => (spent & other.spent) === other.spent)) return false;
    const kept = known.filter((other) => (spent & other.spent) !== spent);
    this.#size += kept.length + 1 - known.length;
    kept.push(configuration);
    this.#bySituation.set(situation, kept);
    return true;
  }

  /** In the order in which their situations were met. */
  all(): Configuration<State>[] {
    return [...this.#bySituation.values()].flat();
  }
}
