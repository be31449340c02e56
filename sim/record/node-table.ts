import type { NodeId } from '../host.ts';
import { NODE_STATES, type NodeRecord, type NodeState } from './schema.ts';

/** A node as the recorder is told of it. */
export interface NodeInfo {
  readonly id: NodeId;
  readonly role: NodeRecord['role'];
  readonly zone: string;
  readonly rack: string;
  readonly weight: number;
  /** When it joins, infinite if that is not known yet; 0 by default. Until it is said to be up it is absent. */
  readonly fromMs?: number;
}

/** What a node's process does, in truth: not what the cluster believes. */
export type ProcessState = 'absent' | 'up' | 'paused' | 'down';

/** One node's counts and its states over time. */
export class TrackedNode {
  readonly info: NodeInfo;
  /** Its place in the table. */
  readonly index: number;
  /** Requests that it answered or ended, since the start. */
  requests = 0;
  errors = 0;
  #process: ProcessState;
  #membership: 'active' | 'draining' | 'left' = 'active';
  #liveMs = 0;
  #liveSinceMs = 0;
  #worst: number;
  #presentSinceMs: number;

  constructor(info: NodeInfo, index: number, process: ProcessState) {
    this.info = info;
    this.index = index;
    this.#process = process;
    this.#presentSinceMs = process === 'absent' ? Number.POSITIVE_INFINITY : 0;
    this.#worst = NODE_STATES.indexOf(this.state);
  }

  get process(): ProcessState {
    return this.#process;
  }

  get state(): NodeState {
    if (this.#process === 'absent') return 'absent';
    if (this.#membership === 'left') return 'left';
    if (this.#process !== 'up') return this.#process;
    return this.#membership === 'draining' ? 'draining' : 'up';
  }

  /** When its process was first there; infinite while it is absent. */
  get presentSinceMs(): number {
    return this.#presentSinceMs;
  }

  /** It runs and belongs to the cluster, so it ought to carry its share. */
  get live(): boolean {
    return this.#process === 'up' && this.#membership !== 'left';
  }

  setProcess(process: ProcessState, nowMs: number): void {
    this.#settle(nowMs);
    if (process !== 'absent') this.#presentSinceMs = Math.min(this.#presentSinceMs, nowMs);
    this.#process = process;
    this.#noteWorst();
  }

  /** Returns whether that changed anything. */
  setMembership(membership: 'active' | 'draining' | 'left', nowMs: number): boolean {
    if (membership === this.#membership) return false;
    this.#settle(nowMs);
    this.#membership = membership;
    this.#noteWorst();
    return true;
  }

  /** How long it has been live by `nowMs`, altogether. */
  liveMs(nowMs: number): number {
    return this.#liveMs + (this.live ? nowMs - this.#liveSinceMs : 0);
  }

  /** Index of the worst state since the last call. */
  takeWorstState(): number {
    const worst = this.#worst;
    this.#worst = NODE_STATES.indexOf(this.state);
    return worst;
  }

  #settle(nowMs: number): void {
    if (this.live) this.#liveMs += nowMs - this.#liveSinceMs;
    this.#liveSinceMs = nowMs;
  }

  #noteWorst(): void {
    this.#worst = Math.max(this.#worst, NODE_STATES.indexOf(this.state));
  }
}

/** All nodes of a run, in the order in which they were named. */
export class NodeTable {
  readonly all: TrackedNode[] = [];
  readonly data: TrackedNode[] = [];
  readonly #byId = new Map<NodeId, TrackedNode>();

  constructor(nodes: readonly NodeInfo[]) {
    for (const info of nodes) this.add(info, (info.fromMs ?? 0) > 0 ? 'absent' : 'up');
  }

  /** Adds a node. Throws when its id is taken. */
  add(info: NodeInfo, process: ProcessState): TrackedNode {
    if (this.#byId.has(info.id)) throw new Error(`recorder: node ${info.id} is named twice; ids are unique`);
    const node = new TrackedNode(info, this.all.length, process);
    this.#byId.set(info.id, node);
    this.all.push(node);
    if (info.role === 'data') this.data.push(node);
    return node;
  }

  has(id: NodeId): boolean {
    return this.#byId.has(id);
  }

  /** Throws for a node that was never named: an event from nowhere is a mistake in the harness. */
  get(id: NodeId): TrackedNode {
    const node = this.#byId.get(id);
    if (node === undefined) {
      throw new Error(`recorder: node ${id} is unknown; known are ${this.all.map(({ info }) => info.id).join(', ')}`);
    }
    return node;
  }
}
