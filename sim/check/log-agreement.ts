import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import { type Check, Tally } from './check.ts';

/** A member of the metadata group applied a committed entry. */
export type RaftApplied = Extract<StoreEvent, { kind: 'raft-applied' }>;

/** Entries that are remembered one by one: the newest. A power of two. */
const WINDOW = 65_536;
/** Of older ones every so many, twice as many each time that there are {@link MOST_MARKS}. */
const FIRST_STRIDE = 256;
const MOST_MARKS = 4_096;

/** How far one member has applied, with the digest of everything up to there; undefined if it is not known. */
interface Position {
  index: number;
  chain: number | undefined;
}

/**
 * I4: state machine safety (Ongaro and Ousterhout, "In search of an understandable consensus algorithm", 2014, section 5.4).
 * Each entry's digest is folded into a running one, as in a hash chain: so members that agree once agree on all before, and
 * what is remembered stays bounded without anything being forgotten.
 */
export class LogAgreementCheck implements Check {
  readonly id = 'I4';
  readonly statement =
    'All metadata nodes apply the same entries in the same order, each once, for ever and across restarts; terms never fall along the log.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #indices = new Float64Array(WINDOW);
  readonly #terms = new Float64Array(WINDOW);
  readonly #digests = new Float64Array(WINDOW);
  readonly #chains = new Float64Array(WINDOW);
  readonly #marks = new Map<number, number>();
  #stride = FIRST_STRIDE;
  readonly #positions = new Map<NodeId, Position>();
  /** The newest entry that anybody applied. */
  #lastIndex = 0;
  #lastTerm = 0;

  /** The newest entry that is committed for sure. */
  get committed(): { readonly index: number; readonly term: number } {
    return { index: this.#lastIndex, term: this.#lastTerm };
  }

  onApplied({ index, term, digest }: RaftApplied, node: NodeId, nowMs: number): void {
    const witness = { timeMs: nowMs, node, event: 'raft-applied' };
    const position = this.#positionOf(node, index);
    if (index !== position.index + 1) {
      const last = position.index;
      this.#tally.fail((at) => `${at(nowMs)}: ${node} applied entry ${index} after ${last}`, witness);
      position.chain = this.#chainAt(index - 1);
    }
    const chain = position.chain === undefined ? undefined : fold(fold(position.chain, term), digest);
    position.index = index;
    position.chain = chain;
    if (index > this.#lastIndex) {
      this.#append(index, term, digest, chain, node, nowMs);
      return;
    }
    const slot = index & (WINDOW - 1);
    const [otherTerm, other] = [this.#terms[slot] ?? 0, this.#digests[slot] ?? 0];
    if (this.#indices[slot] === index && (otherTerm !== term || other !== digest)) {
      return this.#tally.fail(
        (at) =>
          `${at(nowMs)}: ${node} applied entry ${index} of term ${term} with digest ${digest}; another member applied one of term ${otherTerm} with digest ${other}`,
        witness,
      );
    }
    const known = this.#chainAt(index);
    if (known !== undefined && chain !== undefined && known !== chain) {
      position.chain = known;
      return this.#tally.fail(
        (at) => `${at(nowMs)}: what ${node} applied up to entry ${index} differs from what another member did`,
        witness,
      );
    }
    this.#tally.pass();
  }

  /** A member took a snapshot in place of its log: it goes on after `index`. */
  onSnapshot(node: NodeId, index: number): void {
    const position = this.#positions.get(node);
    // It may also have made the snapshot itself, of what it has applied.
    if (position !== undefined && position.index >= index) return;
    this.#positions.set(node, { index, chain: this.#chainAt(index) });
  }

  /** A process that starts again applies its log from its snapshot on. */
  onRestart(node: NodeId): void {
    this.#positions.delete(node);
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(
      `${this.#tally.evaluated} entries applied, on ${this.#positions.size} members`,
      'no entry was applied by a replicated log',
      originMs,
    );
  }

  #positionOf(node: NodeId, index: number): Position {
    let position = this.#positions.get(node);
    if (position === undefined) {
      position = { index: index - 1, chain: this.#chainAt(index - 1) };
      this.#positions.set(node, position);
    }
    return position;
  }

  #append(index: number, term: number, digest: number, chain: number | undefined, node: NodeId, nowMs: number): void {
    const lastTerm = this.#lastTerm;
    // Where the chain broke, after a snapshot of entries that nobody was seen to apply, a new one begins.
    const link = chain ?? fold(fold(0, term), digest);
    const position = this.#positions.get(node);
    if (position !== undefined) position.chain = link;
    this.#lastIndex = index;
    this.#lastTerm = term;
    const slot = index & (WINDOW - 1);
    this.#indices[slot] = index;
    this.#terms[slot] = term;
    this.#digests[slot] = digest;
    this.#chains[slot] = link;
    if (index % this.#stride === 0) this.#mark(index, link);
    if (term >= lastTerm) return this.#tally.pass();
    this.#tally.fail(
      (at) => `${at(nowMs)}: ${node} applied entry ${index} of term ${term} after one of term ${lastTerm}`,
      { timeMs: nowMs, node, event: 'raft-applied' },
    );
  }

  #mark(index: number, chain: number): void {
    this.#marks.set(index, chain);
    if (this.#marks.size <= MOST_MARKS) return;
    this.#stride *= 2;
    for (const marked of this.#marks.keys()) if (marked % this.#stride !== 0) this.#marks.delete(marked);
  }

  #chainAt(index: number): number | undefined {
    if (index === 0) return 0;
    const slot = index & (WINDOW - 1);
    return this.#indices[slot] === index ? this.#chains[slot] : this.#marks.get(index);
  }
}

/** One step of a running digest, 32 bits: FNV-1a by words with a final mix. */
function fold(digest: number, value: number): number {
  let hash = Math.imul(digest ^ (value | 0), 0x01000193) ^ Math.imul(Math.floor(value / 4_294_967_296), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return (hash ^ (hash >>> 16)) >>> 0;
}
