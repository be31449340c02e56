import { SeededStream } from '../../kernel/random-stream.ts';

/** Random choices for one purpose, from a stream of its own: a choice added for one purpose moves none for another. */
export class Draws {
  readonly #stream: SeededStream;

  constructor(seed: number, purpose: string) {
    this.#stream = new SeededStream(purpose, `fuzz/${seed}/${purpose}`);
  }

  /** True with the given probability. */
  coin(probability = 0.5): boolean {
    return this.#stream.next() < probability;
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + this.#stream.below(most - least + 1);
  }

  /** A whole number spread evenly over orders of magnitude, both ends included: small ones are as likely as large ones. */
  scaled(least: number, most: number): number {
    const at = Math.log(least) + this.#stream.next() * (Math.log(most) - Math.log(least));
    return Math.min(most, Math.max(least, Math.round(Math.exp(at))));
  }

  pick<const C extends readonly [unknown, ...unknown[]]>(choices: C): C[number] {
    return choices[this.#stream.below(choices.length)] ?? choices[0];
  }

  /** Each item with the given probability, in their order. */
  some<T>(items: readonly T[], probability = 0.5): T[] {
    return items.filter(() => this.coin(probability));
  }

  /** So many different items, or all if there are fewer, in the order drawn. */
  take<T>(items: readonly T[], count: number): T[] {
    const left = [...items];
    const taken: T[] = [];
    while (taken.length < count && left.length > 0) taken.push(...left.splice(this.#stream.below(left.length), 1));
    return taken;
  }
}
