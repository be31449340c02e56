import type { Host } from '../../../host.ts';
import type { StoreEvent } from '../../events.ts';
import type { LogObserver, StateMachine } from '../log/replicated-log.ts';
import type { RaftCore } from './core.ts';
import type { Entry, Snapshot } from './entry.ts';
import { PendingProposals } from './pending.ts';

/** Carries out what is committed, in order: on the machine, for the record, and for those who wait. */
export class Applier<Command, Result> {
  readonly proposals = new PendingProposals<Result>();
  readonly changes = new PendingProposals<undefined>();
  readonly #host: Host;
  readonly #machine: StateMachine<Command, Result>;
  readonly #observer: LogObserver<Command, Result>;
  #revision = 0;
  #replayedTo = 0;

  constructor(host: Host, machine: StateMachine<Command, Result>, observer: LogObserver<Command, Result>) {
    this.#host = host;
    this.#machine = machine;
    this.#observer = observer;
  }

  /** The last index applied. */
  get revision(): number {
    return this.#revision;
  }

  /** @param replayedTo - Applied before the last start, as far as is known: nobody is told again. */
  begin(snapshot: Snapshot | undefined, replayedTo: number): void {
    this.#replayedTo = replayedTo;
    if (snapshot !== undefined) this.restore(snapshot);
  }

  restore({ index, term, records }: Snapshot): void {
    this.#machine.restore(records);
    this.#revision = index;
    this.#emit({ kind: 'raft-snapshot', index, term });
  }

  /** @param digest - Of the entry, the same on all members. */
  apply({ index, term, payload }: Entry, digest: number, core: RaftCore): void {
    this.#revision = index;
    this.#emit({ kind: 'raft-applied', index, term, digest });
    if (payload.kind === 'command') {
      const command: Command = JSON.parse(payload.text);
      const result = this.#machine.apply(index, command);
      core.appliedTo(index);
      if (index > this.#replayedTo) this.#observer.onCommitted(index, command, result);
      const proposal = this.proposals.take(index);
      proposal?.handler.onApplied(proposal.tag, result);
    } else {
      core.appliedTo(index);
      if (payload.kind === 'membership') {
        const { role, term: current } = core.leadership;
        const leads = role === 'leader' ? current : 0;
        this.#emit({ kind: 'raft-members', index, lastIndex: core.lastIndex, term: leads });
        core.applyMembership(payload.change);
      }
      const change = this.changes.take(index);
      change?.handler.onApplied(change.tag, undefined);
    }
  }

  /** This member leads no more: whether what was proposed will be committed, another decides. */
  abandon(): void {
    this.proposals.abandon();
    this.changes.abandon();
  }

  tellFailures(): void {
    if (this.proposals.hasFailures) this.proposals.tellFailures();
    if (this.changes.hasFailures) this.changes.tellFailures();
  }

  #emit(event: StoreEvent): void {
    this.#host.trace.emit(event);
  }
}
