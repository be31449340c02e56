import type { ReplicaTruth } from '../record/replica-truth.ts';
import type { CheckResult, FaultRecord } from '../record/schema.ts';
import { type Check, seconds, Tally } from './check.ts';
import type { Reach } from './reach.ts';

/** I8, the part about replicas: once the faults are over the store heals itself, in time. */
export class ConvergenceCheck implements Check {
  readonly id = 'I8';
  readonly statement =
    'Within the stated time after the last fault and the end of traffic every partition has N complete replicas on running nodes, if there are nodes enough.';
  readonly kind = 'liveness';
  readonly #tally = new Tally(this);
  readonly #truth: ReplicaTruth;
  readonly #graceMs: number;
  #whole = true;
  #wholeSinceMs = Number.NEGATIVE_INFINITY;
  #detail = '';
  #notJudged = 'the run has not ended';
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(truth: ReplicaTruth, graceMs: number) {
    this.#truth = truth;
    this.#graceMs = graceMs;
  }

  /** When all had to be whole; known once the run has ended. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** The truth may have changed. */
  note(nowMs: number): void {
    const whole = this.#truth.underReplicated === 0;
    if (whole && !this.#whole) this.#wholeSinceMs = nowMs;
    this.#whole = whole;
  }

  /**
   * The run ends. `dataNodes`: those in reach that belong to the cluster. The time counts from `trafficEndedMs` if that
   * is later than the last fault: while writes go on some replica is always a moment behind. `excuse`: why metadata may leave
   * replicas where they are, if it may.
   */
  close(
    faults: readonly FaultRecord[],
    trafficEndedMs: number,
    dataNodes: number,
    reach: Pick<Reach, 'decides' | 'divided' | 'hindrance'>,
    nowMs: number,
    excuse?: string,
  ): void {
    const lastMs = faults.reduce((last, { startMs, endMs }) => Math.max(last, endMs ?? startMs), trafficEndedMs);
    const dueMs = lastMs + this.#graceMs;
    this.#dueMs = dueMs;
    const n = this.#truth.replication;
    if (n === 0) {
      this.#notJudged = 'there was no cluster map';
    } else if (dataNodes < n) {
      this.#notJudged = `${dataNodes} data nodes are left running and in reach, too few for ${n} replicas`;
    } else if (this.#whole && this.#wholeSinceMs <= dueMs) {
      this.#tally.pass();
      const healedMs = Math.max(0, this.#wholeSinceMs - lastMs);
      this.#detail =
        faults.length === 0
          ? 'whole at the end; there were no faults'
          : `whole ${seconds(healedMs)} after the last fault and the end of traffic`;
    } else if (!reach.decides) {
      this.#notJudged = 'no majority of metadata can be reached to order repairs';
    } else if (reach.divided) {
      this.#notJudged = 'a partition without an end may keep replicas from their sources';
    } else if (reach.hindrance !== undefined) {
      this.#notJudged = `a fault without an end (${reach.hindrance}) may keep repairs from their end`;
    } else if (excuse !== undefined) {
      this.#notJudged = excuse;
    } else if (this.#truth.lost > 0 && this.#truth.lost === this.#truth.underReplicated) {
      this.#notJudged = `all partitions that lack replicas, ${this.#truth.lost}, have blocks that are stated lost`;
    } else if (nowMs < dueMs) {
      this.#notJudged = `the run ended ${seconds(nowMs - lastMs)} after the last fault and the end of traffic; it has ${seconds(this.#graceMs)}`;
    } else if (this.#whole) {
      this.#tally.fail(
        `whole only ${seconds(this.#wholeSinceMs - lastMs)} after the last fault and the end of traffic; ${seconds(this.#graceMs)} are accepted`,
        { timeMs: this.#wholeSinceMs, event: 'replica' },
      );
    } else {
      const some = this.#truth.notWhole(5).join(', ');
      this.#tally.fail(
        `${this.#truth.underReplicated} partitions lack replicas ${seconds(nowMs - lastMs)} after the last fault and the end of traffic (${some} …); ${seconds(this.#graceMs)} are accepted`,
        { timeMs: dueMs, key: `partition ${this.#truth.notWhole(1).join()}`, event: 'replica' },
      );
    }
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(this.#detail, this.#notJudged, originMs);
  }
}
