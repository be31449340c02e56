const digits = 16;

/** What a file of a log is. */
export interface LogFileName {
  readonly kind: 'log' | 'snapshot';
  /** Of a log: it holds what comes after it. Of a snapshot: the state as of it. */
  readonly revision: number;
}

/** Names of one log's files. Padded, so that their order by name is their order by revision. */
export class LogFileNames {
  readonly #log: string;
  readonly #snapshot: string;

  constructor(owner: string) {
    this.#log = `${owner}-log.`;
    this.#snapshot = `${owner}-snapshot.`;
  }

  /** The log that holds the entries after `revision`. */
  log(revision: number): string {
    return this.#log + String(revision).padStart(digits, '0');
  }

  /** The state as of `revision`. */
  snapshot(revision: number): string {
    return this.#snapshot + String(revision).padStart(digits, '0');
  }

  /** What a file is, undefined if it is not this log's. */
  parse(name: string): LogFileName | undefined {
    for (const kind of ['log', 'snapshot'] as const) {
      const prefix = kind === 'log' ? this.#log : this.#snapshot;
      const rest = name.slice(prefix.length);
      if (name.startsWith(prefix) && rest.length === digits && /^\d+$/.test(rest))
        return { kind, revision: Number(rest) };
    }
    return undefined;
  }
}

/** Of a service of one member. */
export const singleFiles = new LogFileNames('metadata');
/** Of a member of several. */
export const raftFiles = new LogFileNames('raft');
