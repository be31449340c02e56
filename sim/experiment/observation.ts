import { Checker } from '../check/checker.ts';
import type { NodeId, TraceEvent } from '../host.ts';
import type { Kernel, KernelObserver } from '../kernel/kernel.ts';
import { niceBucketWidthMs } from '../record/buckets.ts';
import type { Unanswered } from '../record/operations.ts';
import { Recorder } from '../record/recorder.ts';
import type { CheckResult, FaultRecord, RunRecord } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import { crc32c } from '../store/hash.ts';
import type { ClusterMap } from '../store/model.ts';
import type { TrafficPlan } from '../traffic/plan.ts';
import type { DiskEvent, WorldEvent } from '../world/events.ts';
import type { FaultInjector } from '../world/faults/injector.ts';
import type { Cluster } from './cluster.ts';
import { describeTrial } from './describe-trial.ts';
import type { OpenWrite } from './driver.ts';
import { type EndState, endStateOf } from './end-state.ts';
import { WorldGauges } from './gauges.ts';
import { MembershipBytes } from './membership.ts';
import type { ReadBack } from './stock.ts';
import { checkerInput } from './trial-checks.ts';
import type { Trial } from './trial-input.ts';
import { Wholeness } from './wholeness.ts';

/** More keys than this are read back in a sample, evenly over their names. */
const READ_BACK_KEYS = 20_000;

/** What is known of a trial only when it is over. */
export interface TrialEnd {
  readonly faults: FaultInjector;
  /** Requests that the traffic sent, and those that were answered. */
  readonly sent: number;
  readonly answered: number;
  readonly openWrites: Iterable<OpenWrite>;
  readonly readBack: readonly ReadBack[];
  readonly fingerprint: string;
}

/**
 * Watches a trial: hears what the components and the world report and passes it on, to the checks from the first event, to
 * the recorder from time 0 and in the scenario's own time.
 */
export class Observation implements KernelObserver {
  readonly everyMs: number;
  readonly #trial: Trial;
  readonly #kernel: Kernel;
  readonly #cluster: Cluster;
  readonly #plan: TrafficPlan;
  readonly #wholeness: Wholeness;
  readonly #membership: MembershipBytes;
  readonly #checker: Checker;
  #recorder: Recorder | undefined;
  #map: ClusterMap | undefined;
  #stage: 'filling' | 'recording' | 'closed' = 'filling';
  /** Requests that clients waited for when the run was over. */
  #stillOpen = 0;
  #originMs = 0;
  #endMs = 0;
  /** Nothing was heard after it. */
  #closedMs = 0;
  #endState: EndState | undefined;

  constructor(trial: Trial, kernel: Kernel, cluster: Cluster, plan: TrafficPlan) {
    const { scenario } = trial.variant;
    this.#trial = trial;
    this.#kernel = kernel;
    this.#cluster = cluster;
    this.#plan = plan;
    this.#wholeness = new Wholeness(cluster.world);
    this.#checker = new Checker(checkerInput(scenario, cluster.world));
    this.#membership = new MembershipBytes(this.#checker.stored);
    this.everyMs = niceBucketWidthMs(scenario.duration);
  }

  /** Are all partitions held by N complete replicas on running nodes, with nothing on its way? */
  get whole(): boolean {
    return this.#wholeness.holds;
  }

  /** Takes what a node reports, in order. */
  hear(node: NodeId, event: TraceEvent): void {
    if (this.#stage === 'closed') return;
    if (isWorldEvent(event)) this.#hearWorld(node, event);
    else if (isDiskEvent(event)) this.#hearDisk(node, event);
    else this.#hearStore(node, event as StoreEvent);
  }

  /** From now on, `originMs` of the kernel and 0 of the scenario, everything is recorded. */
  begin(originMs: number, faults: FaultInjector): void {
    this.#originMs = originMs;
    this.#stage = 'recording';
    this.#membership.begin();
    this.#recorder = new Recorder(
      {
        ...describeTrial(this.#trial, this.#plan),
        nodes: this.#cluster.nodes.map(({ standby, ...node }) =>
          standby ? { ...node, fromMs: Number.POSITIVE_INFINITY } : node,
        ),
        faultsPlanned: faults.planned(),
        bucketWidthMs: this.everyMs,
      },
      new WorldGauges(this.#cluster.world),
    );
    if (this.#map !== undefined) this.#recorder.onEvent('', { kind: 'epoch', map: this.#map, why: 'at the start' }, 0);
    this.#kernel.observe(this);
  }

  onTick(nowMs: number): void {
    const timeMs = nowMs - this.#originMs;
    if (timeMs > 0) this.#recorder?.onTick(timeMs);
    for (const { id, disk } of this.#cluster.world.nodes()) {
      this.#checker.disk(id, disk.usedBytes, disk.capacityBytes, nowMs);
    }
  }

  /** The scenario's time is over. Requests that are still open are awaited, but no series goes on. */
  end(): void {
    this.#kernel.observe(undefined);
    this.#endMs = this.#kernel.nowMs;
    this.onTick(this.#endMs);
  }

  /** Keys that a read-back must cover: all that were acknowledged, or a sample where they are very many. */
  acknowledged(): Iterable<string> {
    return this.#checker.keysToVerify(READ_BACK_KEYS);
  }

  /** Stops listening, so that the read-back leaves no mark. */
  close(): void {
    this.#stillOpen = this.#openRequests();
    this.#closedMs = this.#kernel.nowMs;
    this.#endState = endStateOf(this.#kernel, this.#cluster);
    this.#stage = 'closed';
  }

  record(end: TrialEnd): RunRecord {
    if (this.#recorder === undefined) throw new Error('a trial was asked for its record before it began');
    const faults = end.faults.windows().map((window) => ({ ...window, targets: [...window.targets] }));
    const openWrites = [...end.openWrites];
    const checks = this.#judge({ ...end, openWrites }, faults);
    return this.#recorder.finish({
      faults,
      checks,
      fingerprint: end.fingerprint,
      events: this.#kernel.eventCount,
      leastBytes: this.#membership.least(),
      notes: this.#notes(end),
      unanswered: this.#unanswered(end, openWrites),
    });
  }

  #hearWorld(node: NodeId, event: WorldEvent): void {
    const state = processState(event);
    const incarnation = event.kind === 'process-started' ? event.incarnation : undefined;
    this.#wholeness.changed();
    this.#checker.nodeState(node, state, this.#kernel.nowMs, incarnation);
    if (this.#stage === 'recording') this.#recorder?.nodeState(node, state, this.#nowMs);
  }

  #hearDisk(node: NodeId, event: DiskEvent): void {
    const isData = this.#cluster.world.node(node).spec.role === 'data';
    if (event.kind === 'disk-corrupted') {
      // A member of the metadata group that finds its log corrupt is another matter: it gives it up.
      if (isData) this.#checker.corrupted(node, event.file, this.#kernel.nowMs);
      return;
    }
    this.#checker.diskDestroyed(node, this.#kernel.nowMs);
    if (this.#stage === 'recording') this.#recorder?.diskDestroyed(node, this.#nowMs);
  }

  #hearStore(node: NodeId, event: StoreEvent): void {
    if (event.kind === 'epoch') {
      this.#map = event.map;
      this.#wholeness.setMap(event.map);
      this.#membership.setMap(event.map);
    } else if (event.kind === 'replica') {
      this.#wholeness.setReplica(event.partition, event.node, event.complete);
    }
    this.#checker.onEvent(node, event, this.#kernel.nowMs);
    if (this.#stage === 'recording') this.#recorder?.onEvent(node, event, this.#nowMs);
  }

  get #nowMs(): number {
    return this.#kernel.nowMs - this.#originMs;
  }

  #judge({ readBack, sent, answered, openWrites }: TrialEnd, faults: readonly FaultRecord[]): CheckResult[] {
    for (const write of openWrites) this.#checker.onEvent('', neverAnswered(write), this.#kernel.nowMs);
    for (const { key, found, error } of readBack) this.#checker.verifyReadBack(key, found, error);
    return this.#checker.finish({
      nowMs: this.#kernel.nowMs,
      // The checks have heard everything on the kernel's clock, since they listened before time 0 was known.
      faults: faults.map((fault) => ({
        ...fault,
        startMs: fault.startMs + this.#originMs,
        endMs: fault.endMs === null ? null : fault.endMs + this.#originMs,
      })),
      faultsPlanned: this.#trial.variant.scenario.faults.length,
      trafficEndedMs: this.#endMs,
      sent,
      answered,
      services: { gateways: this.#cluster.gatewayIds, metadata: this.#cluster.metadataIds },
      ...(this.#endState ?? endStateOf(this.#kernel, this.#cluster)),
      leastBytes: this.#membership.demanded(),
      heardUntilMs: this.#closedMs,
      originMs: this.#originMs,
    });
  }

  /** Of clients whose process runs: what others waited for ended with them. */
  #openRequests(): number {
    const ids = this.#cluster.nodes.filter(({ role }) => role === 'client').map(({ id }) => id);
    return this.#cluster.clients.reduce((sum, client, position) => {
      const running = this.#cluster.world.node(ids[position] ?? '').state !== 'down';
      return running ? sum + client.open : sum;
    }, 0);
  }

  #unanswered({ sent, answered }: TrialEnd, openWrites: readonly OpenWrite[]): Unanswered {
    const all = Math.max(0, sent - answered);
    const stillOpen = Math.min(all, this.#stillOpen);
    const count = (op: OpenWrite['op']) => openWrites.filter((write) => write.op === op).length;
    return { clientEnded: all - stillOpen, stillOpen, byOp: { put: count('put'), delete: count('delete') } };
  }

  #notes({ faults }: TrialEnd): string[] {
    return faults.unstruck().map((line) => `never struck: ${line}`);
  }
}

/** A write whose client ended before it heard: for the checks it is one of unknown outcome. */
function neverAnswered({ op, key, body, condition }: OpenWrite): StoreEvent {
  return {
    ...{ kind: 'operation', op, key, status: 'unknown', missing: false, startedMs: 0, latencyMs: 0 },
    ...{ sizeBytes: body.sizeBytes, generation: 0, checksum: op === 'put' ? crc32c(body.bytes) : 0 },
    ...{ attempts: 0, metadataAttempts: 0, error: 'never answered' },
    condition,
  };
}

function isWorldEvent(event: TraceEvent): event is WorldEvent {
  switch (event.kind) {
    case 'process-started':
    case 'process-resumed':
    case 'process-paused':
    case 'process-ended':
      return true;
    default:
      return false;
  }
}

function isDiskEvent(event: TraceEvent): event is DiskEvent {
  return event.kind === 'disk-corrupted' || event.kind === 'disk-wiped';
}

function processState(event: WorldEvent): 'up' | 'down' | 'paused' {
  switch (event.kind) {
    case 'process-started':
    case 'process-resumed':
      return 'up';
    case 'process-paused':
      return 'paused';
    case 'process-ended':
      return 'down';
  }
}
