import type { NodeId } from '../host.ts';
import type { StoreEvent } from '../store/events.ts';
import type { Membership } from '../store/model.ts';
import type { Buckets } from './buckets.ts';
import { Decisions } from './decisions.ts';
import { Durability, type ReducedTimes } from './durability.ts';
import type { NodeChange } from './hotspot-end.ts';
import type { Ledger } from './ledger.ts';
import type { NodeTable, ProcessState } from './node-table.ts';
import { ReplicaTruth } from './replica-truth.ts';
import type { RunRecord } from './schema.ts';

/** All but the three kinds that arrive with every request. */
export type ClusterEvent = Exclude<StoreEvent, { kind: 'served' | 'attempt' | 'operation' }>;

const MOST_CHANGES = 1_000;

/** What happened to the cluster rather than to its requests: nodes, maps, replicas, moves, decisions. All of it is rare. */
export class ClusterHistory {
  readonly #table: NodeTable;
  readonly #ledger: Ledger;
  readonly #truth = new ReplicaTruth();
  readonly #durability: Durability;
  readonly #decisions = new Decisions();
  readonly #changes: NodeChange[] = [];
  readonly #corruptions = new Map<string, number>();
  #lostBlocks = 0;

  constructor(
    table: NodeTable,
    ledger: Ledger,
    buckets: Buckets,
    run: { readonly warmupMs: number; readonly durationMs: number },
  ) {
    this.#table = table;
    this.#ledger = ledger;
    this.#durability = new Durability(this.#truth, buckets, run);
    for (const node of table.all) this.#truth.setRunning(node.info.id, node.process === 'up');
  }

  /** Nodes that came, went or stopped: the first 1,000. */
  get changes(): readonly NodeChange[] {
    return this.#changes;
  }

  onEvent(event: ClusterEvent, nowMs: number): void {
    switch (event.kind) {
      case 'epoch':
        this.#decisions.epoch(nowMs, event.map.epoch, event.why);
        this.#truth.setMap(event.map);
        for (const { id, membership } of event.map.nodes) this.#setMembership(id, membership, nowMs);
        break;
      case 'node-state':
        this.#setMembership(event.node, event.membership, nowMs);
        break;
      case 'replica':
        this.#truth.setComplete(event.partition, event.node, event.complete);
        break;
      case 'lost':
        this.#lostBlocks++;
        this.#truth.reportLost(event.partition);
        break;
      case 'corruption':
        this.#corruptions.set(event.found, (this.#corruptions.get(event.found) ?? 0) + 1);
        break;
      case 'move-started':
        return this.#ledger.start(event, nowMs);
      case 'copied':
        return this.#ledger.copied(event, nowMs);
      case 'move-ended':
        return this.#ledger.end(event, nowMs);
      case 'decision':
      case 'election':
        return this.#decide(event, nowMs);
      default:
        return;
    }
    this.#durability.note(nowMs);
  }

  nodeJoined(id: NodeId, nowMs: number): void {
    this.#change(id, nowMs, `${id} joined`);
  }

  nodeState(id: NodeId, state: ProcessState, nowMs: number): void {
    const node = this.#table.get(id);
    const before = node.process;
    if (before === state) return;
    node.setProcess(state, nowMs);
    this.#truth.setRunning(id, state === 'up');
    this.#durability.note(nowMs);
    const came = before === 'absent' ? 'joined' : 'came back';
    const verbs = { absent: 'went away', up: came, paused: 'was paused', down: 'went down' };
    this.#change(id, nowMs, `${id} ${verbs[state]}`);
  }

  diskDestroyed(id: NodeId, nowMs: number): void {
    this.#truth.destroy(id);
    this.#durability.note(nowMs);
  }

  startBucket(index: number): void {
    this.#durability.startBucket(index);
  }

  finish(): Pick<RunRecord, 'durability' | 'decisions' | 'epochs'> & { readonly redundancy: ReducedTimes } {
    const redundancy = this.#durability.times();
    return { redundancy, durability: this.#durability.finish(), ...this.#decisions.finish() };
  }

  /** What the record should say in words. */
  notes(): string[] {
    const notes: string[] = [];
    const { omitted } = this.#durability;
    const { omittedEpochs } = this.#decisions;
    if (omitted > 0) notes.push(`${omitted} more spans of reduced redundancy were seen than the record keeps`);
    if (omittedEpochs > 0) notes.push(`${omittedEpochs} more epochs were installed than the record keeps`);
    if (this.#lostBlocks > 0) notes.push(`blocks reported as lost: ${this.#lostBlocks}`);
    for (const [found, count] of this.#corruptions) notes.push(`corrupt blocks found by ${found}: ${count}`);
    return notes;
  }

  #decide(event: Extract<StoreEvent, { kind: 'decision' | 'election' }>, atMs: number): void {
    if (event.kind === 'election') {
      const subject = `term ${event.term}`;
      this.#decisions.decide({
        atMs,
        by: 'metadata',
        subject,
        chose: event.leader,
        why: 'elected leader',
        rejected: [],
      });
      return;
    }
    const { by, subject, chose, why, rejected } = event;
    this.#decisions.decide({ atMs, by, subject, chose, why, rejected: rejected.map((each) => ({ ...each })) });
  }

  #setMembership(id: NodeId, membership: Membership, nowMs: number): void {
    if (!this.#table.has(id)) return;
    const state = membership === 'draining' || membership === 'left' ? membership : 'active';
    if (this.#table.get(id).setMembership(state, nowMs) && state === 'left') this.#change(id, nowMs, `${id} left`);
  }

  #change(node: NodeId, atMs: number, text: string): void {
    if (this.#changes.length < MOST_CHANGES) this.#changes.push({ node, atMs, text });
  }
}
