import type { Boot, Host } from '../../host.ts';
import type { StoreEvent } from '../events.ts';
import { createPlacement } from '../placement/registry.ts';
import { createRebalancer } from '../rebalance/registry.ts';
import { type MetadataConfig, type MetadataSettings, parseMetadataConfig } from './config.ts';
import { Announcer } from './leader/announcer.ts';
import { Leader } from './leader/leader.ts';
import { NodeIntake } from './leader/node-intake.ts';
import { Planner } from './leader/planner.ts';
import { MetadataService } from './leader/service.ts';
import type { LogObserver, ReplicatedLog } from './log/replicated-log.ts';
import { SingleNodeLog } from './log/single-node-log.ts';
import { MemberService } from './raft/member-service.ts';
import { defaultRaftLogConfig, RaftLog } from './raft/raft-log.ts';
import type { Command, CommandResult } from './state/commands.ts';
import { RenewedMachine } from './state/renewed-machine.ts';

/**
 * A member of the metadata service: keeps the log and the state, and while it leads it answers, judges and plans. It
 * refuses calls until its log is read back.
 *
 * @throws RangeError, AlgorithmError naming the setting, what was found and what is accepted.
 */
export function metadataNode(config: MetadataConfig): Boot {
  const settings = parseMetadataConfig(config);
  // Unknown algorithms and options are refused here, not when the first map is made.
  createPlacement(settings.placement.name, settings.placement.options, [
    { id: '-', weight: 1, zone: '-', rack: '-', host: '-' },
  ]);
  createRebalancer(settings.rebalancer.name, settings.rebalancer.options);
  return (host) => {
    new MetadataNode(host, settings).start();
  };
}

class MetadataNode implements LogObserver<Command, CommandResult> {
  readonly #host: Host;
  readonly #settings: MetadataSettings;
  readonly #machine: RenewedMachine;
  readonly #log: ReplicatedLog<Command, CommandResult> & { start(): void };
  /** The door that members of a replicated log share with requests; without one, whoever is up leads. */
  readonly #door: MemberService | undefined;
  #announcer: Announcer | undefined;
  #planner: Planner | undefined;

  constructor(host: Host, settings: MetadataSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#machine = new RenewedMachine(settings);
    const { members, raft, snapshotBytes } = settings;
    if (members.length === 1) {
      this.#log = new SingleNodeLog(host, this.#machine, this, snapshotBytes);
      return;
    }
    const log = new RaftLog(host, this.#machine, this, {
      ...defaultRaftLogConfig,
      ...raft,
      founders: members,
      snapshotBytes,
    });
    this.#log = log;
    this.#door = new MemberService(log);
  }

  start(): void {
    if (this.#door !== undefined) this.#host.network.serve(this.#door);
    this.#log.start();
  }

  onLeadership(leads: boolean, term: number): void {
    this.#planner?.stop();
    this.#planner = undefined;
    this.#announcer = undefined;
    if (this.#door !== undefined) this.#door.leading = undefined;
    if (!leads) return;
    const { state } = this.#machine;
    const leader = new Leader(this.#host, this.#settings, state, this.#log, term);
    this.#announcer = new Announcer(this.#host, state);
    this.#planner = new Planner(leader);
    const service = new MetadataService(leader, new NodeIntake(leader, this.#planner), this.#announcer);
    if (this.#door === undefined) this.#host.network.serve(service);
    else this.#door.leading = service;
    this.#planner.start();
    this.#emit({ kind: 'election', term, leader: this.#host.id });
  }

  onCommitted(_revision: number, command: Command, result: CommandResult): void {
    this.#announcer?.onCommitted(command, result);
  }

  #emit(event: StoreEvent): void {
    this.#host.trace.emit(event);
  }
}
