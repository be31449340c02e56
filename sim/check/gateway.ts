import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import type { ClusterMap } from '../store/model.ts';
import { at, type Check, Tally } from './check.ts';

export interface GatewayLimits {
  /** Most attempts of a client for one operation. */
  readonly clientAttempts?: number | undefined;
  /** Retries of gateways: at most `ratio` of the first attempts, and `burst` saved up by each gateway. */
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
  readonly #attempts = new Map<NodeId, { first: number; retries: number }>();

  constructor(limits: GatewayLimits) {
    this.#limits = limits;
  }

  onEvent(node: NodeId, event: StoreEvent, nowMs: number): void {
    if (event.kind === 'attempt') this.#onAttempt(node, event, nowMs);
    else if (event.kind === 'operation') this.#onOperation(event, nowMs);
    else if (event.kind === 'epoch') this.#onMap(event.map, nowMs);
  }

  /** Requests that the traffic sent, and answers that came: more than one for a request, or for none, is a mistake. */
  close(sent: number, answered: number): void {
    if (answered > sent) this.#tally.fail(`${answered} answers came to ${sent} requests`);
    for (const [node, { first, retries }] of this.#attempts) {
      const { retries: budget } = this.#limits;
      if (budget === undefined) return;
      const most = Math.floor(budget.ratio * first + budget.burst);
      if (retries > most)
        this.#tally.fail(`${node} made ${retries} retries on ${first} first attempts; its budget allows ${most}`);
      else this.#tally.pass();
    }
  }

  result(): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} attempts and answers`, 'no attempt was seen');
  }

  #onAttempt(gateway: NodeId, event: Extract<StoreEvent, { kind: 'attempt' }>, nowMs: number): void {
    let attempts = this.#attempts.get(gateway);
    if (attempts === undefined) {
      attempts = { first: 0, retries: 0 };
      this.#attempts.set(gateway, attempts);
    }
    if (event.retry) attempts.retries++;
    else attempts.first++;
    const newest = this.#maps.at(-1);
    if (newest === undefined) return;
    if (holds(newest.map, event.partition, event.backend) || this.#heldLately(event.partition, event.backend, nowMs)) {
      this.#tally.pass();
    } else {
      this.#tally.fail(
        `${at(nowMs)}: ${gateway} asked ${event.backend} for partition ${event.partition}, which it neither holds nor receives`,
      );
    }
  }

  #onOperation(event: Extract<StoreEvent, { kind: 'operation' }>, nowMs: number): void {
    const most = this.#limits.clientAttempts;
    if (most === undefined || event.attempts <= most) this.#tally.pass();
    else
      this.#tally.fail(
        `${at(nowMs)}: a ${event.op} of ${event.key} took ${event.attempts} attempts; ${most} are allowed`,
      );
  }

  #onMap(map: ClusterMap, nowMs: number): void {
    const newest = this.#maps.at(-1);
    if (newest !== undefined && map.epoch <= newest.map.epoch) return;
    if (newest !== undefined) newest.replacedMs = nowMs;
    const usable = this.#maps.filter(({ replacedMs }) => replacedMs > nowMs - STALE_MS);
    this.#maps = [...usable.slice(1 - MOST_MAPS), { map, replacedMs: Number.POSITIVE_INFINITY }];
  }

  #heldLately(partition: number, node: NodeId, nowMs: number): boolean {
    return this.#maps.some(({ map, replacedMs }) => replacedMs > nowMs - STALE_MS && holds(map, partition, node));
  }
}

function holds(map: ClusterMap, partition: number, node: NodeId): boolean {
  const entry = map.partitions[partition];
  return entry !== undefined && (entry.replicas.includes(node) || entry.joining.includes(node));
}
