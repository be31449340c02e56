import type { Boot, Host, NodeId } from '../../host.ts';
import type { StoreEvent } from '../events.ts';
import type { ClusterMap } from '../model.ts';
import { createPlacement } from '../placement/registry.ts';
import { createRebalancer } from '../rebalance/registry.ts';
import { type MetadataConfig, type MetadataSettings, parseMetadataConfig } from './config.ts';
import { AdminDesk } from './leader/admin-desk.ts';
import { Announcer } from './leader/announcer.ts';
import { Leader } from './leader/leader.ts';
import { NodeIntake } from './leader/node-intake.ts';
import { Planner } from './leader/planner.ts';
import { MetadataService } from './leader/service.ts';
import type { LogObserver, ReplicatedLog } from './log/replicated-log.ts';
import { SingleNodeLog } from './log/single-node-log.ts';
import { Door } from './member/door.ts';
import { GroupDesk } from './member/group-desk.ts';
import { MapWatchers } from './member/map-watchers.ts';
import { ReadDesk } from './member/read-desk.ts';
import { RaftLog } from './raft/raft-log.ts';
import { defaultRaftLogConfig } from './raft/raft-log-config.ts';
import type { Command, CommandResult } from './state/commands.ts';
import { RenewedMachine } from './state/renewed-machine.ts';
import { type Backlog, backlogOf, condemnedIds, type KnownCopy, knownCopies, type MetadataView } from './view.ts';

/**
 * A member of the metadata service: keeps the log and the state and answers reads from it; while it leads it takes changes,
 * judges and plans. One that is alone refuses calls until its log is read back.
 *
 * @param onStart - Given what can be read off the member at each of its starts.
 * @throws RangeError, AlgorithmError naming the setting, what was found and what is accepted.
 */
export function metadataNode(config: MetadataConfig, onStart?: (view: MetadataView) => void): Boot {
  const settings = parseMetadataConfig(config);
  // Unknown algorithms and options are refused here, not when the first map is made.
  createPlacement(settings.placement.name, settings.placement.options, [
    { id: 'data-1', weight: 1, zone: '-', rack: '-', host: '-' },
  ]);
  createRebalancer(settings.rebalancer.name, settings.rebalancer.options);
  return (host) => {
    const node = new MetadataNode(host, settings);
    onStart?.(node);
    node.start();
  };
}

class MetadataNode implements LogObserver<Command, CommandResult>, MetadataView {
  readonly #host: Host;
  readonly #settings: MetadataSettings;
  readonly #machine: RenewedMachine;
  readonly #log: ReplicatedLog<Command, CommandResult> & { start(): void };
  readonly #door: Door;
  readonly #watchers: MapWatchers;
  #leader: Leader | undefined;
  #announcer: Announcer | undefined;
  #planner: Planner | undefined;

  constructor(host: Host, settings: MetadataSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#machine = new RenewedMachine(settings);
    this.#watchers = new MapWatchers(host);
    const { members, raft, snapshotBytes } = settings;
    const group =
      members.length === 1
        ? undefined
        : new RaftLog(host, this.#machine, this, {
            ...defaultRaftLogConfig,
            ...raft,
            founders: members,
            snapshotBytes,
          });
    const log = group ?? new SingleNodeLog(host, this.#machine, this, snapshotBytes);
    const reads = new ReadDesk(log, this.#machine, settings, this.#watchers);
    this.#door = new Door(log, group, reads, new GroupDesk(host, settings, this.#machine, group));
    this.#log = log;
  }

  start(): void {
    if (this.#settings.members.length > 1) this.#host.network.serve(this.#door);
    this.#log.start();
  }

  get leads(): boolean {
    return this.#leader !== undefined && this.#log.isLeader;
  }

  get revision(): number {
    return this.#log.revision;
  }

  get map(): ClusterMap {
    return this.#machine.state.map;
  }

  copiesOn(node: NodeId): Iterable<KnownCopy> {
    const { state } = this.#machine;
    return knownCopies(state, node, this.#leader?.clock.nowMs() ?? state.timeMs);
  }

  condemned(): Iterable<string> {
    return condemnedIds(this.#machine.state);
  }

  backlog(): Backlog | undefined {
    return this.#leader === undefined || !this.leads ? undefined : backlogOf(this.#leader);
  }

  onLeadership(leads: boolean, term: number): void {
    this.#planner?.stop();
    this.#leader = undefined;
    this.#planner = undefined;
    this.#announcer = undefined;
    this.#door.leading = undefined;
    if (!leads) return;
    const { state } = this.#machine;
    const leader = new Leader(this.#host, this.#settings, state, this.#log, term);
    this.#leader = leader;
    this.#announcer = new Announcer(this.#host, state);
    this.#planner = new Planner(leader);
    const service = new MetadataService(
      leader,
      new NodeIntake(leader, this.#planner),
      new AdminDesk(leader, this.#planner),
    );
    this.#door.leading = service;
    // A member of its own serves once its log is read back: until then it must refuse, for no other can answer.
    if (this.#settings.members.length === 1) this.#host.network.serve(this.#door);
    this.#emit({ kind: 'election', term, leader: this.#host.id });
    this.#planner.start();
  }

  onCommitted(_revision: number, command: Command, result: CommandResult): void {
    this.#announcer?.onCommitted(command, result);
    this.#watchers.onEpoch(this.#machine.state.map.epoch);
  }

  #emit(event: StoreEvent): void {
    this.#host.trace.emit(event);
  }
}
