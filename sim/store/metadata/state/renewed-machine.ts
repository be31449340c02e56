import type { StateMachine } from '../log/replicated-log.ts';
import { MetadataMachine } from './apply.ts';
import type { Command, CommandResult } from './commands.ts';
import type { MetadataState, StateOptions } from './state.ts';

/** The metadata's state machine for a log that may restore snapshots over a state: each into a machine of its own. */
export class RenewedMachine implements StateMachine<Command, CommandResult> {
  readonly #options: StateOptions;
  #machine: MetadataMachine;

  constructor(options: StateOptions) {
    this.#options = options;
    this.#machine = new MetadataMachine(options);
  }

  /** The state as of now: another object after a `restore`. */
  get state(): MetadataState {
    return this.#machine.state;
  }

  apply(revision: number, command: Command): CommandResult {
    return this.#machine.apply(revision, command);
  }

  snapshot(): Iterable<string> {
    return this.#machine.snapshot();
  }

  restore(records: Iterable<string>): void {
    this.#machine = new MetadataMachine(this.#options);
    this.#machine.restore(records);
  }
}
