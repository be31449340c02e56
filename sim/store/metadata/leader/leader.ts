import type { Host } from '../../../host.ts';
import type { StoreEvent } from '../../events.ts';
import type { MetadataSettings } from '../config.ts';
import type { ProposalHandler, ReplicatedLog } from '../log/replicated-log.ts';
import type { Command, CommandResult } from '../state/commands.ts';
import type { MetadataState } from '../state/state.ts';
import { ClusterClock } from './cluster-clock.ts';
import { FailureDetector } from './failure-detector.ts';
import { Holdups } from './holdups.ts';
import { IdSource } from './id-source.ts';
import { NodeUsage } from './node-usage.ts';
import { Outbox } from './outbox.ts';
import { Outliers } from './outliers.ts';
import { PeerReports } from './peer-reports.ts';
import { SafeMode } from './safe-mode.ts';
import { TransferPace } from './transfer-pace.ts';
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
  readonly peers: PeerReports;
  readonly outliers: Outliers;
  readonly safeMode: SafeMode;
  readonly pace: TransferPace;
  readonly holdups = new Holdups();
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
    const nodes = state.nodes.all();
    const nowMs = host.clock.nowMs();
    this.peers = new PeerReports(settings);
    this.detector = new FailureDetector(settings, this.peers, nodes, nowMs);
    this.outliers = new Outliers(settings);
    this.safeMode = new SafeMode(settings, nodes, nowMs);
    this.pace = new TransferPace(settings);
    this.usage = new NodeUsage(settings.capacity);
  }

  /** Proposes something whose result nobody waits for: if it is lost, a later round finds that it is still to do. */
  propose(command: Command, handler: ProposalHandler<CommandResult> = nobody, tag = 0): void {
    this.log.propose(command, handler, tag);
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
}

const nobody: ProposalHandler<CommandResult> = { onApplied: () => {}, onProposalFailed: () => {} };
