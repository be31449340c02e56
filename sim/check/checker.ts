import type { NodeId } from '../host.ts';
import type { ProcessState } from '../record/node-table.ts';
import { ReplicaTruth } from '../record/replica-truth.ts';
import type { CheckResult } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import type { ClusterMap, MapNode } from '../store/model.ts';
import { AnswersCheck } from './answers.ts';
import { CapacityCheck } from './capacity.ts';
import type { Check } from './check.ts';
import type { CheckerInput, RunFacts } from './checker-input.ts';
import { ConservationCheck } from './conservation.ts';
import { ConvergenceCheck } from './convergence.ts';
import { CorruptionCheck } from './corruption.ts';
import { DisruptionCheck } from './disruption.ts';
import { DurabilityCheck, type Found } from './durability.ts';
import { ElectionsCheck } from './elections.ts';
import { FaultsFiredCheck } from './faults-fired.ts';
import { FencingCheck } from './fencing.ts';
import { GatewayCheck } from './gateway.ts';
import { KeyModel } from './key-model.ts';
import { LeaseCheck } from './lease.ts';
import { LeftoversCheck } from './leftovers.ts';
import { LogAgreementCheck } from './log-agreement.ts';
import { MapsByEpoch } from './maps-by-epoch.ts';
import { NeedlessCopiesCheck } from './needless-copies.ts';
import { OneContentCheck } from './one-content.ts';
import { OneMapCheck } from './one-map.ts';
import { OperationChecks } from './operation-checks.ts';
import { PartitionBytes } from './partition-bytes.ts';
import { Reach } from './reach.ts';
import { RebalanceProgressCheck } from './rebalance-progress.ts';
import { ResurrectionCheck } from './resurrection.ts';
import { WatchCheck } from './watch.ts';
import { whyNotReplaced } from './zone-losses.ts';
import { ZonesCheck } from './zones.ts';

const MOST_KEYS = 50_000;
const MAP_WITHIN_MS = 15_000;
const HYSTERESIS_MS = 10_000;

/**
 * Watches a run through the events that the recorder is told too, plus what only the harness knows, and says what held.
 * Feed it from the very first event on, before traffic begins as well: what is stored then is acknowledged too.
 */
export class Checker {
  /** What is stored, as clients were told. */
  readonly stored: PartitionBytes;
  readonly #input: CheckerInput;
  readonly #model: KeyModel;
  readonly #truth = new ReplicaTruth();
  readonly #operations: OperationChecks;
  readonly #answers = new AnswersCheck();
  readonly #durability: DurabilityCheck;
  readonly #resurrection = new ResurrectionCheck();
  readonly #oneContent = new OneContentCheck();
  readonly #fencing = new FencingCheck();
  readonly #maps = new MapsByEpoch();
  readonly #oneMap = new OneMapCheck(this.#maps);
  readonly #log = new LogAgreementCheck();
  readonly #elections = new ElectionsCheck();
  readonly #needlessCopies: NeedlessCopiesCheck;
  readonly #rebalance: RebalanceProgressCheck;
  readonly #disruption = new DisruptionCheck();
  readonly #lease: LeaseCheck;
  readonly #watch: WatchCheck;
  readonly #capacity: CapacityCheck;
  readonly #corruption: CorruptionCheck;
  readonly #gateway: GatewayCheck;
  readonly #convergence: ConvergenceCheck;
  readonly #zones = new ZonesCheck();
  readonly #leftovers: LeftoversCheck;
  readonly #faultsFired = new FaultsFiredCheck();
  readonly #conservation = new ConservationCheck();
  readonly #down = new Set<NodeId>();
  #map: ClusterMap | undefined;
  #electedMs = Number.NEGATIVE_INFINITY;
  #collectedMs = Number.NEGATIVE_INFINITY;

  constructor(input: CheckerInput) {
    this.#input = input;
    this.#model = new KeyModel(input.mostKeys ?? MOST_KEYS);
    this.stored = new PartitionBytes(input.partitionOf);
    this.#lease = new LeaseCheck(input.trueMs);
    this.#needlessCopies = new NeedlessCopiesCheck(this.stored, input.garbageMs, input.movesMore);
    this.#gateway = new GatewayCheck(input.limits ?? {});
    this.#capacity = new CapacityCheck(this.stored);
    this.#durability = new DurabilityCheck(
      this.#model,
      this.#truth,
      this.#answers,
      this.#resurrection,
      input.writeQuorum,
      input.partitionOf,
    );
    this.#operations = new OperationChecks({
      model: this.#model,
      stored: this.stored,
      oneContent: this.#oneContent,
      gateway: this.#gateway,
      capacity: this.#capacity,
      resurrection: this.#resurrection,
      linearizability: input.linearizability ?? 'sampled',
      staleWithinMs: input.staleWithinMs ?? 0,
    });
    this.#rebalance = new RebalanceProgressCheck(this.stored, input.hysteresisMs ?? HYSTERESIS_MS, input.garbageMs);
    this.#watch = new WatchCheck(input.mapWithinMs ?? MAP_WITHIN_MS);
    this.#corruption = new CorruptionCheck(input.foundWithinMs ?? (() => Number.POSITIVE_INFINITY));
    this.#convergence = new ConvergenceCheck(this.#truth, input.convergeWithinMs);
    this.#leftovers = new LeftoversCheck(input.orphanWithinMs ?? Number.POSITIVE_INFINITY);
  }

  /** Frequent kinds come first, and build nothing. */
  onEvent(nodeId: NodeId, event: StoreEvent, nowMs: number): void {
    switch (event.kind) {
      case 'served':
        if (event.op === 'write' && event.ok) this.#lease.onWritten(nodeId, nowMs);
        return;
      case 'attempt':
        return this.#gateway.onAttempt(nodeId, event, nowMs);
      case 'operation':
        return this.#operations.onOperation(event, nodeId, nowMs);
      case 'block-accepted':
        this.#oneContent.onBlock(event, nodeId, nowMs);
        this.#fencing.onBlock(event, nodeId, nowMs);
        return this.#look(nodeId, event.kind, nowMs);
      case 'lease':
        return this.#lease.onLease(nodeId, event.untilMs);
      case 'raft-applied':
        this.#lease.onApplied(event.term);
        return this.#log.onApplied(event, nodeId, nowMs);
      case 'raft-snapshot':
        return this.#log.onSnapshot(nodeId, event.index);
      case 'raft-state':
        this.#disruption.onState(nodeId, event.role, nowMs);
        return this.#elections.onState(event, nodeId, this.#log.committed, nowMs);
      case 'raft-members':
        return this.#elections.onMembers(event, nodeId, nowMs);
      case 'election':
        return this.#onElection(event.term, nodeId, nowMs);
      case 'lease-revoked':
        return this.#lease.onRevoked(event, nodeId, nowMs);
      case 'map-seen':
        return this.#watch.onSeen(nodeId, event.epoch, nowMs, event.map === undefined || this.#maps.agrees(event.map));
      case 'move-started':
        this.#rebalance.onStarted(event, nodeId, nowMs);
        return this.#capacity.onMoveStarted(event, this.#input.diskOf?.(event.to), nowMs);
      case 'copied':
        this.#needlessCopies.onCopied(event);
        this.#capacity.onCopied(event.transferId, event.sizeBytes);
        return this.#look(nodeId, event.kind, nowMs);
      case 'move-ended':
        this.#rebalance.onEnded(event, nowMs);
        return this.#capacity.onMoveEnded(event.transferId);
      case 'corruption':
        return this.#corruption.onFound(nodeId, nowMs);
      case 'scrub-pass':
        return this.#corruption.onScrubbed(nodeId, nowMs);
      case 'epoch':
        this.#onMap(nodeId, event.map, nowMs);
        break;
      case 'replica':
        this.#truth.setComplete(event.partition, event.node, event.complete);
        break;
      case 'decision':
        if (event.by === 'inventory') this.#collectedMs = nowMs;
        return;
      case 'lost':
        this.#truth.reportLost(event.partition);
        break;
      default:
        return;
    }
    this.#convergence.note(nowMs);
  }

  /** A process started, stopped, was paused or went on. `incarnation`: of one that started. */
  nodeState(id: NodeId, state: ProcessState, nowMs: number, incarnation?: number): void {
    const started = state === 'up' && incarnation !== undefined;
    if (state === 'up') this.#down.delete(id);
    else this.#down.add(id);
    if (state === 'down' || state === 'absent') {
      this.#oneMap.onRestart(id);
      this.#log.onRestart(id);
      this.#lease.onEnded(id);
    }
    if (started) {
      this.#lease.onStarted(id, incarnation);
      this.#corruption.onStarted(id, nowMs);
      this.#gateway.onRestart(id);
    }
    this.#watch.onProcess(id, state, nowMs);
    this.#truth.setRunning(id, state === 'up');
    this.#convergence.note(nowMs);
  }

  /** A node's disk was destroyed or replaced by an empty one. */
  diskDestroyed(id: NodeId, nowMs: number): void {
    this.#truth.destroy(id);
    this.#durability.onDestroyed(id);
    this.#fencing.onDestroyed(id);
    this.#corruption.onDestroyed(id);
    this.#convergence.note(nowMs);
  }

  /** A fault changed a byte of a data node's disk behind its back. */
  corrupted(id: NodeId, file: string, nowMs: number): void {
    this.#corruption.onInjected(id, file, nowMs);
  }

  /** How full a disk is, as often as the harness looks. */
  disk(id: NodeId, usedBytes: number, capacityBytes: number, nowMs: number): void {
    this.#capacity.onDisk(id, usedBytes, capacityBytes, nowMs);
  }

  /** A version was put in place without an operation. */
  preload(key: string, generation: number, checksum: number): void {
    this.#operations.preload(key, generation, checksum);
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
    const { faults, nowMs, originMs = 0, heardUntilMs = nowMs } = facts;
    this.#operations.close(Math.max(0, facts.sent - facts.answered));
    this.#gateway.close(facts.sent, facts.answered, facts.gateways);
    const reach = new Reach(this.#down, faults, facts.services);
    this.#durability.close((key) => reach.obstacle ?? this.#replicasOutOf(reach, key));
    const map = this.#map;
    const inReach = (id: NodeId) => reach.has(id);
    const excuse = map === undefined ? undefined : whyNotReplaced(map, inReach, this.#input.zoneGuard);
    this.#convergence.close(faults, facts.trafficEndedMs, this.#dataNodesIn(reach), reach, nowMs, excuse);
    this.#closeZones(facts, reach);
    this.#disruption.close(facts.services.metadata, faults);
    this.#closeLeftovers(facts, reach, excuse);
    this.#needlessCopies.close(facts.leastBytes ?? null, faults);
    this.#rebalance.close();
    this.#watch.close(faults, heardUntilMs);
    this.#corruption.close((id) => !this.#down.has(id), heardUntilMs, faults);
    this.#faultsFired.close(facts.faultsPlanned, faults);
    this.#conservation.close(facts.balances);
    const { session, linearizability, listing, honesty } = this.#operations;
    const checks: Check[] = [
      this.#durability,
      session,
      ...(linearizability === undefined ? [] : [linearizability]),
      listing,
      this.#log,
      this.#elections,
      this.#disruption,
      this.#oneContent,
      this.#fencing,
      this.#oneMap,
      this.#convergence,
      this.#zones,
      this.#leftovers,
      this.#answers,
      this.#needlessCopies,
      this.#capacity,
      honesty,
      this.#corruption,
      this.#rebalance,
      this.#lease,
      this.#watch,
      this.#gateway,
      this.#resurrection,
      this.#conservation,
      this.#faultsFired,
    ];
    return checks.map((check) => check.result(originMs));
  }

  #onMap(nodeId: NodeId, map: ClusterMap, nowMs: number): void {
    if (this.#map === undefined || map.epoch > this.#map.epoch) {
      this.#map = map;
      this.#rebalance.setMap(map, nowMs);
    }
    this.#truth.setMap(map);
    this.#oneMap.onMap(nodeId, map, nowMs);
    this.#gateway.onMap(map, nowMs);
    this.#watch.onInstalled(map.epoch, nowMs);
  }

  #onElection(term: number, nodeId: NodeId, nowMs: number): void {
    this.#elections.onLeader(term, nodeId, nowMs);
    this.#disruption.onElection(term, nodeId, nowMs);
    this.#electedMs = nowMs;
    this.#rebalance.onElection();
    this.#capacity.onElection();
  }

  #closeZones({ nowMs, heardUntilMs = nowMs }: RunFacts, reach: Reach): void {
    const canTake = ({ id, membership, fullness }: MapNode) =>
      membership === 'active' && fullness === 'ok' && reach.has(id);
    const { dueMs } = this.#convergence;
    let early: string | undefined;
    if (this.#input.rebalances === false) early = 'nothing is moved in this cluster';
    else if (!reach.decides || reach.divided) early = 'not all can be reached';
    else if (heardUntilMs < dueMs) early = 'the run ended before it had to be set right';
    this.#zones.close(this.#map, canTake, early, heardUntilMs);
  }

  #closeLeftovers(facts: RunFacts, reach: Reach, excuse: string | undefined): void {
    const { leftovers, faults, trafficEndedMs, nowMs, heardUntilMs = nowMs } = facts;
    if (leftovers === undefined) return;
    const unreached = reach.decides && !reach.divided ? undefined : 'not all can be reached';
    const hindered =
      reach.hindrance === undefined ? undefined : `a fault without an end (${reach.hindrance}) is in the way`;
    this.#leftovers.close(leftovers, {
      nowMs: heardUntilMs,
      workDueMs: this.#convergence.dueMs,
      disturbedMs: faults.reduce(
        (last, { startMs, endMs }) => Math.max(last, endMs ?? startMs),
        // Nodes are looked through partition by partition: what is found in one means that others may still wait their turn.
        Math.max(trafficEndedMs, this.#electedMs, this.#collectedMs),
      ),
      obstacle: unreached ?? hindered ?? excuse,
      canBeReached: (id) => reach.has(id),
    });
  }

  #look(nodeId: NodeId, event: string, nowMs: number): void {
    const disk = this.#input.diskOf?.(nodeId);
    if (disk !== undefined) this.#capacity.onDisk(nodeId, disk.usedBytes, disk.capacityBytes, nowMs, event);
  }

  #dataNodesIn(reach: Reach): number {
    return (this.#map?.nodes ?? []).filter(({ id, membership }) => membership !== 'left' && reach.has(id)).length;
  }

  /** A version may be on W replicas only: with those out of reach the others can't have it. */
  #replicasOutOf(reach: Reach, key: string): string | undefined {
    const replicas = this.#map?.partitions[this.#input.partitionOf(key)]?.replicas ?? [];
    const away = replicas.filter((id) => !reach.has(id));
    return away.length < this.#input.writeQuorum ? undefined : `${away.join(', ')} can't be reached`;
  }
}
