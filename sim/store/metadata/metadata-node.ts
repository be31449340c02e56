import type { Boot, Host } from '../../host.ts';
import type { StoreEvent } from '../events.ts';
import { createPlacement } from '../placement/registry.ts';
import { createRebalancer } from '../rebalance/registry.ts';
import { Announcer } from './announcer.ts';
import { MetadataMachine } from './apply.ts';
import type { Command, CommandResult } from './commands.ts';
import { type MetadataConfig, type MetadataSettings, parseMetadataConfig } from './config.ts';
import { Leader } from './leader.ts';
import { NodeIntake } from './node-intake.ts';
import { Planner } from './planner.ts';
import type { LogObserver } from './replicated-log.ts';
import { MetadataService } from './service.ts';
import { SingleNodeLog } from './single-node-log.ts';

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
  readonly #machine: MetadataMachine;
  readonly #log: SingleNodeLog<Command, CommandResult>;
  #announcer: Announcer | undefined;
  #planner: Planner | undefined;

  constructor(host: Host, settings: MetadataSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#machine = new MetadataMachine(settings);
    this.#log = new SingleNodeLog(host, this.#machine, this, settings.snapshotBytes);
  }

  start(): void {
    this.#log.start();
  }

  onLeadership(leads: boolean, term: number): void {
    this.#planner?.stop();
    this.#planner = undefined;
    this.#announcer = undefined;
    if (!leads) return;
    const { state } = this.#machine;
    const leader = new Leader(this.#host, this.#settings, state, this.#log, term);
    this.#announcer = new Announcer(this.#host, state);
    this.#planner = new Planner(leader);
    this.#host.network.serve(new MetadataService(leader, new NodeIntake(leader, this.#planner), this.#announcer));
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
