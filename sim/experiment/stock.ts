import type { StoreClient } from '../store/client/client.ts';
import type { Outcome } from '../store/client/outcome.ts';
import type { StoredObject } from '../traffic/request.ts';
import { modelBody } from './body.ts';
import { BulkRun } from './bulk.ts';
import { UserError } from './user-error.ts';

/** Operations open at once per client. */
const WINDOW_PER_CLIENT = 16;

/** Puts everything that must be stored before a run, through the clients like any other write. */
export function fillStore(clients: readonly StoreClient[], objects: Iterable<StoredObject>): BulkRun<StoredObject> {
  let stamp = 0;
  return new BulkRun(
    clients,
    objects,
    WINDOW_PER_CLIENT * clients.length,
    (client, { key, sizeBytes }, handler, tag) => {
      stamp -= 1;
      client.put(key, modelBody(sizeBytes, stamp), handler, tag);
    },
    ({ key }, outcome) => {
      if (outcome.status !== 'ok')
        throw new UserError(`filling the store: '${key}' could not be stored (${outcome.error})`);
    },
  );
}

/** What reading a key back gave: generation 0 where there is no such key; undefined where it could not be read. */
export interface ReadBack {
  readonly key: string;
  readonly found: { readonly generation: number; readonly checksum: number } | undefined;
  /** What the reader was told where it could not be read: a silence is no loss. */
  readonly error: string;
}

/** Reads keys back after a run: none if there is no client left. `found` is complete once the run is done. */
export function readBack(
  clients: readonly StoreClient[],
  keys: Iterable<string>,
): { readonly run: BulkRun<string>; readonly found: ReadBack[] } {
  const found: ReadBack[] = [];
  const run = new BulkRun<string>(
    clients,
    clients.length === 0 ? [] : keys,
    WINDOW_PER_CLIENT * clients.length,
    (client, key, handler, tag) => client.get(key, undefined, handler, tag),
    (key, outcome) =>
      found.push({ key, found: versionOf(outcome), error: outcome.status === 'ok' ? '' : outcome.error }),
  );
  return { run, found };
}

/** Ends a read-back that takes too long: what is still to be read counts as not answered. */
export function abandonReadBack({ run, found }: ReturnType<typeof readBack>): ReadBack[] {
  return [...found, ...run.abandon().map((key) => ({ key, found: undefined, error: 'timeout' }))];
}

function versionOf(outcome: Outcome): ReadBack['found'] {
  if (outcome.status !== 'ok') return undefined;
  if (outcome.result.kind === 'object')
    return { generation: outcome.result.generation, checksum: outcome.result.checksum };
  return { generation: 0, checksum: 0 };
}
