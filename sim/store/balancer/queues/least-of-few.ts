import type { RandomStream } from '../../../host.ts';
import type { Backend, Balancer } from '../balancer.ts';
import { DistinctDraws } from '../distinct-draws.ts';
import { firstOf, isLessLoaded } from '../eligible.ts';

/** The least loaded of a few backends drawn without replacement; among equals, the one drawn first. */
export class LeastOfFew implements Balancer {
  readonly #choices: number;
  readonly #draws: DistinctDraws;

  constructor(random: RandomStream, choices: number) {
    this.#choices = choices;
    this.#draws = new DistinctDraws(random, choices);
  }

  update(): void {
    // Keeps no state.
  }

  pick(eligible: readonly Backend[]): Backend {
    const first = firstOf(eligible);
    const count = eligible.length;
    if (count === 1) return first;
    this.#draws.among(count);
    let least = eligible[this.#draws.next()] ?? first;
    const choices = Math.min(this.#choices, count);
    for (let drawn = 1; drawn < choices; drawn++) {
      const other = eligible[this.#draws.next()] ?? first;
      if (isLessLoaded(other, least)) least = other;
    }
    return least;
  }

  onDone(): void {
    // Keeps no state.
  }
}
