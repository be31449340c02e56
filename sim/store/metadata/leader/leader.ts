import type { Host, NodeId } from '../../../host.ts';
import type { StoreEvent } from '../../events.ts';
import type { MetadataSettings } from '../config.ts';
import type { ProposalHandler, ReplicatedLog } from '../log/replicated-log.ts';
import type { Command, CommandResult } from '../state/commands.ts';
import type { MetadataState } from '../state/state.ts';
import { ClusterClock } from './cluster-clock.ts';
import { FailureDetector } from './failure-detector.ts';
import { IdSource } from './id-source.ts';
import { NodeUsage } from './node-usage.ts';
import { Outbox } from './outbox.ts';
import { TransferTable } from './transfers.ts';

/** What a leader keeps in memory, made anew at each election: judgements, orders and tokens. All else is in the log. */
export class Leader {
  readonly host: Host;
  readonly settings: MetadataSettings;
  readonly state: MetadataState;
  readonly log: ReplicatedLog<Command, CommandResult>;
  readonly clock: ClusterClock;
  readonly ids: IdSource;
  readonly detector: FailureDetector;
  readonly usage: NodeUsage;
  readonly outbox = new Outbox();
  readonly transfers = new TransferTable();
  readonly #said = new Map<string, string>();

  constructor(
    host: Host,
    settings: MetadataSettings,
    state: MetadataState,
    log: ReplicatedLog<Command, CommandResult>,
    term: number,
  ) {
    this.host = host;
    this.settings = settings;
    this.state = state;
    this.log = log;
    this.clock = new ClusterClock(host.clock, state.timeMs);
    this.ids = new IdSource(term);
    this.detector = new FailureDetector(settings, state.nodes.all(), host.clock.nowMs());
    this.usage = new NodeUsage(settings.capacity);
  }

  /** Proposes something whose result nobody waits for: if it is lost, a later round finds that it is still to do. */
  propose(command: Command, handler: ProposalHandler<CommandResult> = nobody): void {
    this.log.propose(command, handler, 0);
  }

  emit(event: StoreEvent): void {
    this.host.trace.emit(event);
  }

  /** Leaves a decision in the trace. */
  decide(decision: Omit<Extract<StoreEvent, { kind: 'decision' }>, 'kind'>): void {
    this.emit({ kind: 'decision', ...decision });
  }

  /** The same for what is found again in each round: told only when it differs from the last time. */
  decideOnce(decision: Omit<Extract<StoreEvent, { kind: 'decision' }>, 'kind'>): void {
    const subject = `${decision.by}|${decision.subject}`;
    const said = `${decision.chose}|${decision.why}`;
    if (this.#said.get(subject) === said) return;
    this.#said.set(subject, said);
    this.decide(decision);
  }

  /** A node may be given replicas: it is up, belongs, and was not given up. */
  mayFill(node: NodeId): boolean {
    const record = this.state.nodes.get(node);
    if (record === undefined || record.liveness !== 'up' || record.replaced) return false;
    return record.membership === 'joining' || record.membership === 'active';
  }
}

const nobody: ProposalHandler<CommandResult> = { onApplied: () => {}, onProposalFailed: () => {} };
