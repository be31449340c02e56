import type { StateMachine } from '../log/replicated-log.ts';
import { applyCondemn, applyGarbageCollected } from './apply-garbage.ts';
import {
  applyCondition,
  applyLiveness,
  applyMembership,
  applyRegister,
  applyReplace,
  applyWeight,
} from './apply-nodes.ts';
import { applyCommit, applyCopy, applyDelete } from './apply-objects.ts';
import { applyConfirm, applyCreateMap, applyLost, applyMoves, applyReport } from './apply-partitions.ts';
import { applyPause } from './apply-planning.ts';
import type { Command, CommandResult } from './commands.ts';
import { restoreRecords, snapshotTexts } from './snapshot.ts';
import { MetadataState, type StateOptions } from './state.ts';

/** The metadata as the state machine of the replicated log. */
export class MetadataMachine implements StateMachine<Command, CommandResult> {
  readonly state: MetadataState;

  constructor(options: StateOptions) {
    this.state = new MetadataState(options);
  }

  apply(revision: number, command: Command): CommandResult {
    this.state.revision = revision;
    this.state.timeMs = Math.max(this.state.timeMs, command.atMs);
    this.state.tokens.advance(revision);
    this.state.condemned.forget(this.state.timeMs - this.state.options.orphans.condemnedMs);
    const result = this.#apply(command);
    this.state.objects.compact(this.state.timeMs);
    this.state.installMap();
    return result;
  }

  snapshot(): Iterable<string> {
    return snapshotTexts(this.state);
  }

  /** Into the empty state that a new machine has. */
  restore(records: Iterable<string>): void {
    restoreRecords(this.state, records);
  }

  #apply(command: Command): CommandResult {
    switch (command.kind) {
      case 'object.commit':
        return applyCommit(this.state, command);
      case 'object.copy':
        return applyCopy(this.state, command);
      case 'object.delete':
        return applyDelete(this.state, command);
      case 'blocks.confirm':
        return applyConfirm(this.state, command);
      case 'node.report':
        return applyReport(this.state, command);
      case 'blocks.lost':
        return applyLost(this.state, command);
      case 'garbage.collected':
        return applyGarbageCollected(this.state, command);
      case 'orphans.condemn':
        return applyCondemn(this.state, command);
      case 'planning.pause':
        return applyPause(this.state, command);
      case 'node.register':
        return applyRegister(this.state, command);
      case 'nodes.liveness':
        return applyLiveness(this.state, command);
      case 'nodes.condition':
        return applyCondition(this.state, command);
      case 'node.membership':
        return applyMembership(this.state, command);
      case 'node.weight':
        return applyWeight(this.state, command);
      case 'node.replace':
        return applyReplace(this.state, command);
      case 'map.create':
        return applyCreateMap(this.state, command);
      case 'moves.change':
        return applyMoves(this.state, command);
    }
  }
}
