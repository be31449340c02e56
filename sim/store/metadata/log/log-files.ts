/** Names of the metadata log's files. Padded, so that their order by name is their order by revision. */

const logPrefix = 'metadata-log.';
const snapshotPrefix = 'metadata-snapshot.';
const digits = 16;

/** The log that holds the entries after `revision`. */
export function logFile(revision: number): string {
  return logPrefix + String(revision).padStart(digits, '0');
}

/** The state as of `revision`. */
export function snapshotFile(revision: number): string {
  return snapshotPrefix + String(revision).padStart(digits, '0');
}

/** What a file is, undefined if it is not the log's. */
export function parseFile(name: string): { readonly kind: 'log' | 'snapshot'; readonly revision: number } | undefined {
  for (const kind of ['log', 'snapshot'] as const) {
    const prefix = kind === 'log' ? logPrefix : snapshotPrefix;
    const rest = name.slice(prefix.length);
    if (name.startsWith(prefix) && rest.length === digits && /^\d+$/.test(rest))
      return { kind, revision: Number(rest) };
  }
  return undefined;
}
