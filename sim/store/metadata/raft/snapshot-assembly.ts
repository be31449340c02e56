import type { PartTaken, RaftMessageOf, SnapshotPart } from './messages.ts';

/** Puts the parts of a snapshot together. One at a time: the newest leader's. */
export class SnapshotAssembly {
  #first: SnapshotPart | undefined;
  #records: string[] = [];

  /** Takes a part if it is the next one. Gives the answer to it, and the snapshot once that is whole. */
  take(part: SnapshotPart): {
    readonly answer: PartTaken;
    readonly whole: RaftMessageOf<'raft.snapshot'> | undefined;
  } {
    const first = this.#first;
    if (first !== undefined && part.term < first.term) return { answer: wants(undefined), whole: undefined };
    if (first === undefined || !sameSnapshot(first, part)) {
      this.#first = part;
      this.#records = [];
    }
    if (part.position !== this.#records.length) return { answer: wants(this.#records.length), whole: undefined };
    for (const record of part.records) this.#records.push(record);
    const answer = wants(this.#records.length);
    if (!part.last) return { answer, whole: undefined };
    const { from, to, term, index, pointTerm, voters, learners } = part;
    const snapshot = { index, term: pointTerm, voters, learners, records: this.#records };
    this.#first = undefined;
    this.#records = [];
    return { answer, whole: { kind: 'raft.snapshot', from, to, term, snapshot } };
  }
}

function sameSnapshot(a: SnapshotPart, b: SnapshotPart): boolean {
  return a.from === b.from && a.term === b.term && a.index === b.index;
}

function wants(next: number | undefined): PartTaken {
  return { kind: 'raft.part-taken', next };
}
