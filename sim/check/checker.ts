import type { NodeId } from '../host.ts';
import type { ProcessState } from '../record/node-table.ts';
import { ReplicaTruth } from '../record/replica-truth.ts';
import type { CheckResult, FaultRecord } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import type { ClusterMap } from '../store/model.ts';
import { AnswersCheck } from './answers.ts';
import { CapacityCheck } from './capacity.ts';
import type { Check } from './check.ts';
import { type Balance, ConservationCheck } from './conservation.ts';
import { ConvergenceCheck } from './convergence.ts';
import { DurabilityCheck, type Found } from './durability.ts';
import { FaultsFiredCheck } from './faults-fired.ts';
import { GatewayCheck, type GatewayLimits } from './gateway.ts';
import { HonestyCheck } from './honesty.ts';
import { KeyModel } from './key-model.ts';
import { LinearizabilityCheck, type LinearizabilityScope } from './linearizability/linearizability-check.ts';
import { OneContentCheck } from './one-content.ts';
import { OneMapCheck } from './one-map.ts';
import { Reach, type Services } from './reach.ts';
import { SessionCheck } from './session.ts';

export interface CheckerInput {
  /** W: replicas on which a write is durable before it is acknowledged. */
  readonly writeQuorum: number;
  /** Within this time after the last fault the store must be whole again. */
  readonly convergeWithinMs: number;
  readonly partitionOf: (key: string) => number;
  readonly limits?: GatewayLimits;
  /** Keys whose history is followed; beyond, a sample of them. 50,000 by default. */
  readonly mostKeys?: number;
  /** Keys whose operations must be linearizable: about 200 and the hottest by default. */
  readonly linearizability?: LinearizabilityScope | 'off';
}

/** What the harness knows when a run is over. */
export interface RunFacts {
  readonly nowMs: number;
  readonly faults: readonly FaultRecord[];
  readonly faultsPlanned: number;
  /** When the last request was due. */
  readonly trafficEndedMs: number;
  /** Requests that the traffic sent, and answers that it got. */
  readonly sent: number;
  readonly answered: number;
  readonly balances: readonly Balance[];
  readonly services: Services;
}

const MOST_KEYS = 50_000;

/**
 * Watches a run through the events that the recorder is told too, plus what only the harness knows, and says what held.
 * Feed it from the very first event on, before traffic begins as well: what is stored then is acknowledged too.
 */
export class Checker {
  readonly #model: KeyModel;
  readonly #truth = new ReplicaTruth();
  readonly #answers = new AnswersCheck();
  readonly #durability: DurabilityCheck;
  readonly #writeQuorum: number;
  readonly #partitionOf: (key: string) => number;
  readonly #session = new SessionCheck();
  readonly #linearizability: LinearizabilityCheck | undefined;
  readonly #honesty = new HonestyCheck();
  readonly #oneContent = new OneContentCheck();
  readonly #oneMap = new OneMapCheck();
  readonly #capacity = new CapacityCheck();
  readonly #gateway: GatewayCheck;
  readonly #convergence: ConvergenceCheck;
  readonly #faultsFired = new FaultsFiredCheck();
  readonly #conservation = new ConservationCheck();
  readonly #down = new Set<NodeId>();
  #map: ClusterMap | undefined;

  constructor(input: CheckerInput) {
    this.#model = new KeyModel(input.mostKeys ?? MOST_KEYS);
    this.#writeQuorum = input.writeQuorum;
    this.#partitionOf = input.partitionOf;
    this.#durability = new DurabilityCheck(
      this.#model,
      this.#truth,
      this.#answers,
      input.writeQuorum,
      input.partitionOf,
    );
    const { linearizability = 'sampled' } = input;
    this.#linearizability = linearizability === 'off' ? undefined : new LinearizabilityCheck(linearizability);
    this.#gateway = new GatewayCheck(input.limits ?? {});
    this.#convergence = new ConvergenceCheck(this.#truth, input.convergeWithinMs);
  }

  onEvent(nodeId: NodeId, event: StoreEvent, nowMs: number): void {
    switch (event.kind) {
      case 'operation':
        this.#onOperation(nodeId, event, nowMs);
        return;
      case 'attempt':
        this.#gateway.onEvent(nodeId, event, nowMs);
        return;
      case 'epoch':
        if (this.#map === undefined || event.map.epoch > this.#map.epoch) this.#map = event.map;
        this.#truth.setMap(event.map);
        this.#oneMap.onEvent(nodeId, event, nowMs);
        this.#gateway.onEvent(nodeId, event, nowMs);
        break;
      case 'replica':
        this.#truth.setComplete(event.partition, event.node, event.complete);
        break;
      case 'lost':
        this.#truth.reportLost(event.partition);
        break;
      default:
        return;
    }
    this.#convergence.note(nowMs);
  }

  /** A process started, stopped, was paused or went on. */
  nodeState(id: NodeId, state: ProcessState, nowMs: number): void {
    if (state === 'up') this.#down.delete(id);
    else this.#down.add(id);
    if (state === 'down' || state === 'absent') this.#oneMap.onRestart(id);
    this.#truth.setRunning(id, state === 'up');
    this.#convergence.note(nowMs);
  }

  /** A node's disk was destroyed or replaced by an empty one. */
  diskDestroyed(id: NodeId, nowMs: number): void {
    this.#truth.destroy(id);
    this.#durability.onDestroyed(id);
    this.#convergence.note(nowMs);
  }

  /** How full a disk is, as often as the harness looks. */
  disk(id: NodeId, usedBytes: number, capacityBytes: number, nowMs: number): void {
    this.#capacity.onDisk(id, usedBytes, capacityBytes, nowMs);
  }

  /** A version was put in place without an operation. */
  preload(key: string, generation: number, checksum: number): void {
    this.#model.preload(key, generation, checksum);
    this.#linearizability?.preload(key, generation, checksum);
  }

  /** Up to `limit` keys that were acknowledged, evenly over their sorted names: what to read back. */
  keysToVerify(limit: number = MOST_KEYS): string[] {
    const keys = this.#model.acknowledgedKeys();
    const stride = Math.max(1, keys.length / limit);
    return keys.filter((_, i) => Math.floor(i / stride) !== Math.floor((i - 1) / stride));
  }

  /** What reading a key back after the run gave; `error`: what the reader was told where it can't be read. */
  verifyReadBack(key: string, found: Found, error = ''): void {
    this.#durability.verify(key, found, error);
  }

  /** Judges what can only be judged at the end. Call it once, after all read-backs. */
  finish(facts: RunFacts): CheckResult[] {
    const unfinished = Math.max(0, facts.sent - facts.answered);
    this.#session.close(unfinished);
    this.#linearizability?.close(unfinished);
    this.#honesty.close(unfinished);
    this.#gateway.close(facts.sent, facts.answered);
    const reach = new Reach(this.#down, facts.faults, facts.services);
    this.#durability.close((key) => reach.obstacle ?? this.#replicasOutOf(reach, key));
    this.#convergence.close(facts.faults, facts.trafficEndedMs, this.#dataNodesIn(reach), reach, facts.nowMs);
    this.#faultsFired.close(facts.faultsPlanned, facts.faults);
    this.#conservation.close(facts.balances);
    const checks: Check[] = [
      this.#durability,
      this.#session,
      ...(this.#linearizability === undefined ? [] : [this.#linearizability]),
      this.#oneContent,
      this.#oneMap,
      this.#convergence,
      this.#answers,
      this.#capacity,
      this.#honesty,
      this.#gateway,
      this.#conservation,
      this.#faultsFired,
    ];
    return checks.map((check) => check.result());
  }

  #onOperation(nodeId: NodeId, event: Extract<StoreEvent, { kind: 'operation' }>, nowMs: number): void {
    this.#oneContent.onEvent(nodeId, event, nowMs);
    this.#gateway.onEvent(nodeId, event, nowMs);
    this.#linearizability?.onEvent(nodeId, event, nowMs);
    if (event.op === 'list') return;
    const history = this.#model.of(event.key);
    if (history === undefined) return;
    const calledMs = nowMs - event.latencyMs;
    this.#honesty.onOperation(event, history, calledMs, nowMs);
    this.#model.record(event, history, nowMs);
    this.#session.onOperation(event, history, calledMs, nowMs);
  }

  #dataNodesIn(reach: Reach): number {
    return (this.#map?.nodes ?? []).filter(({ id, membership }) => membership !== 'left' && reach.has(id)).length;
  }

  /** A version may be on W replicas only: with those out of reach the others can't have it. */
  #replicasOutOf(reach: Reach, key: string): string | undefined {
    const replicas = this.#map?.partitions[this.#partitionOf(key)]?.replicas ?? [];
    const away = replicas.filter((id) => !reach.has(id));
    return away.length < this.#writeQuorum ? undefined : `${away.join(', ')} can't be reached`;
  }
}
