const idsPerTerm = 0x1_0000_0000;

/** Numbers for commands and transfers that no leader has used before or will use again. */
export class IdSource {
  #last: number;

  constructor(term: number) {
    this.#last = term * idsPerTerm;
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}
