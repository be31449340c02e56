import type { CommandOf, CommandResult } from './commands.ts';
import type { MetadataState } from './state.ts';

/** An operator stops or resumes what the leader begins by itself. */
export function applyPause(state: MetadataState, command: CommandOf<'planning.pause'>): CommandResult {
  const { what, paused, epoch } = command;
  if (epoch !== 'any' && epoch !== state.map.epoch)
    return { kind: 'refused', detail: `epoch: found ${epoch}, accepted: ${state.map.epoch}, or 'any'` };
  state.paused = {
    rebalance: what === 'repair' ? state.paused.rebalance : paused,
    repair: what === 'rebalance' ? state.paused.repair : paused,
  };
  return { kind: 'done' };
}
