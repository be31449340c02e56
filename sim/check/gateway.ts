import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import type { ClusterMap } from '../store/model.ts';
import { type Check, Tally } from './check.ts';
import type { OperationEvent } from './operation.ts';

/** A gateway ended one attempt at a data node. */
export type Attempt = Extract<StoreEvent, { kind: 'attempt' }>;

/** What one process of a gateway has counted by the end of a run. */
export interface GatewayCounts {
  readonly node: NodeId;
  /** Well-formed ones. */
  readonly requests: number;
  /** To those. */
  readonly answers: number;
  /** Requests to data nodes that have ended, and those among them that repeat an earlier one. */
  readonly attempts: number;
  readonly retries: number;
}

export interface GatewayLimits {
  /** Most attempts of a client at one block. Questions to metadata are asked as long as time allows. */
  readonly clientAttempts?: number | undefined;
  /** Most requests of a gateway to data nodes for one of a client's, where a partition has so many owners. */
  readonly gatewayAttempts?: ((owners: number) => number) | undefined;
  /** Retries of gateways: at most `ratio` of the first attempts, and `burst` saved up by each process. */
  readonly retries?: { readonly ratio: number; readonly burst: number } | undefined;
}

/** How long a gateway may go by a map that was replaced. */
const STALE_MS = 60_000;
const MOST_MAPS = 64;

/** I15, as far as events tell: picks are among the eligible, one answer a request, and attempts within their budgets where limits are given. */
export class GatewayCheck implements Check {
  readonly id = 'I15';
  readonly statement =
    'Each request is answered at most once, and a gateway picks only nodes that hold or receive the partition.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #limits: GatewayLimits;
  /** Newest last. */
  #maps: { readonly map: ClusterMap; replacedMs: number }[] = [];
  readonly #attempts = new Map<NodeId, { first: number; retries: number; processes: number }>();
  /** The most owners that a partition ever had. */
  #owners = 0;

  constructor(limits: GatewayLimits) {
    this.#limits = limits;
  }

  /** Requests that the traffic sent, and answers that came: more than one for a request, or for none, is a mistake. */
  close(sent: number, answered: number, gateways: readonly GatewayCounts[] = []): void {
    if (answered > sent)
      this.#tally.fail(`${answered} answers came to ${sent} requests`, { timeMs: null, event: 'answer' });
    for (const counts of gateways) this.#closeProcess(counts);
    this.#closeCounts(gateways);
    const { retries: budget } = this.#limits;
    if (budget === undefined) return;
    for (const [node, { first, retries, processes }] of this.#attempts) {
      // What is earned and not spent is at most the burst; without one, a single retry can still be saved up.
      const most = Math.floor(budget.ratio * first + processes * Math.max(1, budget.burst));
      if (retries > most)
        this.#tally.fail(`${node} made ${retries} retries on ${first} first attempts; its budget allows ${most}`, {
          timeMs: null,
          node,
          event: 'attempt',
        });
      else this.#tally.pass();
    }
  }

  /** A gateway that starts again has its burst again. */
  onRestart(node: NodeId): void {
    const attempts = this.#attempts.get(node);
    if (attempts !== undefined) attempts.processes++;
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} attempts and answers`, 'no attempt was seen', originMs);
  }

  onAttempt(gateway: NodeId, event: Attempt, nowMs: number): void {
    let attempts = this.#attempts.get(gateway);
    if (attempts === undefined) {
      attempts = { first: 0, retries: 0, processes: 1 };
      this.#attempts.set(gateway, attempts);
    }
    if (event.retry) attempts.retries++;
    else attempts.first++;
    const newest = this.#maps.at(-1);
    if (newest === undefined) return;
    if (holds(newest.map, event.partition, event.backend) || this.#heldLately(event.partition, event.backend, nowMs)) {
      this.#tally.pass();
    } else {
      const { backend, partition } = event;
      this.#tally.fail(
        (at) =>
          `${at(nowMs)}: ${gateway} asked ${backend} for partition ${partition}, which it neither holds nor receives`,
        { timeMs: nowMs, node: gateway, key: `partition ${partition}`, event: 'attempt' },
      );
    }
  }

  onOperation({ op, key, attempts }: OperationEvent, node: NodeId, nowMs: number): void {
    const most = this.#limits.clientAttempts;
    if (most === undefined || attempts <= most) return this.#tally.pass();
    this.#tally.fail((at) => `${at(nowMs)}: a ${op} of ${key} took ${attempts} attempts; ${most} are allowed`, {
      ...{ timeMs: nowMs, node, key, event: op },
    });
  }

  onMap(map: ClusterMap, nowMs: number): void {
    const newest = this.#maps.at(-1);
    if (newest !== undefined && map.epoch <= newest.map.epoch) return;
    if (newest !== undefined) newest.replacedMs = nowMs;
    for (const { replicas, joining } of map.partitions)
      this.#owners = Math.max(this.#owners, replicas.length + joining.length);
    const usable = this.#maps.filter(({ replacedMs }) => replacedMs > nowMs - STALE_MS);
    this.#maps = [...usable.slice(1 - MOST_MAPS), { map, replacedMs: Number.POSITIVE_INFINITY }];
  }

  /** A process answers each request at most once, and asks data nodes no more often than its limits allow. */
  #closeProcess({ node, requests, answers, attempts }: GatewayCounts): void {
    const witness = { timeMs: null, node, event: 'end of the run' };
    if (answers > requests) this.#tally.fail(`${node} gave ${answers} answers to ${requests} requests`, witness);
    else this.#tally.pass();
    const most = this.#limits.gatewayAttempts?.(this.#owners);
    if (most === undefined || attempts <= most * requests) return this.#tally.pass();
    this.#tally.fail(
      `${node} made ${attempts} attempts for ${requests} requests; ${most} are allowed for each`,
      witness,
    );
  }

  /** What the processes of a node have counted is what they told of. */
  #closeCounts(gateways: readonly GatewayCounts[]): void {
    for (const node of new Set(gateways.map((counts) => counts.node))) {
      const counted = { attempts: 0, retries: 0 };
      for (const counts of gateways) {
        if (counts.node !== node) continue;
        counted.attempts += counts.attempts;
        counted.retries += counts.retries;
      }
      const { first = 0, retries = 0 } = this.#attempts.get(node) ?? {};
      if (counted.attempts === first + retries && counted.retries === retries) this.#tally.pass();
      else
        this.#tally.fail(
          `${node} counted ${counted.attempts} attempts, ${counted.retries} of them retries, and told of ${first + retries} and ${retries}`,
          { timeMs: null, node, event: 'attempt' },
        );
    }
  }

  #heldLately(partition: number, node: NodeId, nowMs: number): boolean {
    return this.#maps.some(({ map, replacedMs }) => replacedMs > nowMs - STALE_MS && holds(map, partition, node));
  }
}

function holds(map: ClusterMap, partition: number, node: NodeId): boolean {
  const entry = map.partitions[partition];
  return entry !== undefined && (entry.replicas.includes(node) || entry.joining.includes(node));
}
