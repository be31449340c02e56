import type { RaftMessage } from './messages.ts';

/** What a member does now. */
export type RoleName = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** A role's behaviour, and with it whatever only that role has to remember: made anew at each change of role. */
export interface Role {
  readonly name: RoleName;
  /** Called once, when the member has taken the role. */
  start(): void;
  /** One tick of the clock went by. */
  onTick(): void;
  /** A message of the current term, or one that no term keeps away. */
  onMessage(message: RaftMessage): void;
}
