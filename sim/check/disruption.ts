import type { NodeId } from '../host.ts';
import type { CheckResult, FaultRecord } from '../record/schema.ts';
import { type Check, seconds, Tally } from './check.ts';

/** Elections that are judged at the end, when all faults are known. */
const MOST_ELECTIONS = 1_024;
/** How long a fault counts after its end: what was delayed arrives, what was queued is worked off. */
const AFTERMATH_MS = 5_000;
/** Faults of data nodes and what operators do are no business of the metadata group; a handed over leadership is. */
const HANDED_OVER = 'transfer-leader';
const ELSEWHERE: ReadonlySet<string> = new Set(['add-nodes', 'drain', 'leave', 'set-weight', 'pause-moves']);

interface Election {
  readonly term: number;
  readonly leader: NodeId;
  readonly before: NodeId;
  /** When it was known that the one before leads no more, and when the next one led. */
  readonly vacantMs: number;
  readonly atMs: number;
}

/**
 * I5, of calm: whoever was cut off does not depose, on its return, a leader that has its quorum all the while (Ongaro's thesis,
 * 2014, §4.2.3 and §9.6: PreVote and CheckQuorum). Wrong answers do not come of that, only a pause.
 */
export class DisruptionCheck implements Check {
  readonly id = 'I5-disruption';
  readonly statement =
    'No leader of metadata is deposed as long as neither it nor a majority with it was touched by a fault of late.';
  readonly kind = 'liveness';
  readonly #tally = new Tally(this);
  readonly #elections: Election[] = [];
  #leader: NodeId | undefined;
  #term = 0;
  #vacantMs: number | undefined;

  /** What a member takes itself to be has changed. */
  onState(node: NodeId, role: 'follower' | 'pre-candidate' | 'candidate' | 'leader', nowMs: number): void {
    if (node === this.#leader && role !== 'leader') this.#vacantMs ??= nowMs;
  }

  onElection(term: number, leader: NodeId, nowMs: number): void {
    if (term <= this.#term) return;
    const before = this.#leader;
    if (before !== undefined && this.#elections.length < MOST_ELECTIONS)
      this.#elections.push({ term, leader, before, vacantMs: this.#vacantMs ?? nowMs, atMs: nowMs });
    this.#vacantMs = undefined;
    this.#leader = leader;
    this.#term = term;
  }

  /** `members`: the metadata nodes. */
  close(members: readonly NodeId[], faults: readonly FaultRecord[]): void {
    for (const election of this.#elections) {
      const { term, leader, before, vacantMs, atMs } = election;
      const near = faults.filter(({ kind, startMs, endMs }) => {
        // A group that has lost its quorum may be without a leader long after the fault to which it lost it.
        const untilMs = (endMs ?? Number.POSITIVE_INFINITY) + AFTERMATH_MS;
        return !ELSEWHERE.has(kind) && startMs <= atMs && vacantMs <= untilMs;
      });
      const touched = new Set(near.flatMap(({ targets }) => targets));
      const calm = members.filter((member) => !touched.has(member));
      const handedOver = near.some(({ kind }) => kind === HANDED_OVER);
      if (handedOver || touched.has(before) || calm.length * 2 <= members.length) continue;
      const others = calm.filter((member) => member !== before).join(', ');
      this.#tally.fail(
        (at) =>
          `${at(atMs)}: ${leader} deposed ${before} in term ${term}, though for ${seconds(AFTERMATH_MS)} no fault had touched it, nor ${others}`,
        { timeMs: atMs, node: leader, event: 'election' },
      );
    }
    const judged = this.#elections.length - this.#tally.violations;
    this.#tally.pass(judged);
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} changes of leaders`, 'no leader was deposed', originMs);
  }
}
