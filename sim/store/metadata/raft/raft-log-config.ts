import type { NodeId } from '../../../host.ts';
import { defaultRaftSettings, type RaftSettings } from './settings.ts';

/** Settings of a `RaftLog`. */
export interface RaftLogConfig extends RaftSettings {
  /** The members that founded the group, the same on every member for ever; changes of membership come after them. */
  readonly founders: readonly NodeId[];
  /** Length of a tick. */
  readonly tickMs: number;
  /** Least length of the log before it is cut by a snapshot. */
  readonly snapshotBytes: number;
  /** Entries that are kept in memory behind a snapshot, for members that lag a little. */
  readonly trailingEntries: number;
  /** Most of a snapshot that travels in one message, in characters. */
  readonly partBytes: number;
}

/** Defaults: elections after 1 to 2 s without a leader, heartbeats each 100 ms. */
export const defaultRaftLogConfig: Omit<RaftLogConfig, 'founders'> = {
  ...defaultRaftSettings,
  tickMs: 100,
  snapshotBytes: 8 * 1024 * 1024,
  trailingEntries: 256,
  partBytes: 256 * 1024,
};
