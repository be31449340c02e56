import type { NodeId } from '../../../host.ts';
import type { ObjectVersion } from '../../model.ts';
import type { CommandResult, Move } from './commands.ts';
import type { NodeRecord } from './node-table.ts';
import type { Tombstone } from './object-table.ts';
import type { Garbage } from './partition.ts';
import type { MetadataState } from './state.ts';

/**
 * The state as JSON texts. Every collection is written in the order in which it is visited, so that a member
 * that starts from a snapshot takes the same course as one that has applied every command. What follows from the rest
 * (blocks by partition, the map) is derived again.
 */
type SnapshotRecord =
  | {
      readonly kind: 'head';
      readonly format: 1;
      readonly revision: number;
      readonly timeMs: number;
      readonly membershipChangedMs: number;
      readonly epoch: number;
    }
  | { readonly kind: 'node'; readonly node: NodeRecord }
  | { readonly kind: 'objects'; readonly versions: readonly ObjectVersion[] }
  | { readonly kind: 'tombstones'; readonly tombstones: readonly Tombstone[] }
  | { readonly kind: 'tokens'; readonly tokens: readonly (readonly [string, number, CommandResult])[] }
  | { readonly kind: 'moves'; readonly moves: readonly Move[] }
  | {
      readonly kind: 'partition';
      readonly partition: number;
      readonly replicas: readonly NodeId[];
      readonly joining: readonly NodeId[];
      readonly movedMs?: number | undefined;
      readonly former: readonly (readonly [NodeId, number])[];
      readonly dropping: readonly NodeId[];
      readonly missing: readonly (readonly [NodeId, readonly (readonly [string, number])[]])[];
      readonly lost: readonly string[];
      readonly garbage: readonly Garbage[];
    };

/** Objects and tokens in one record, so that no text grows with the cluster. */
const batch = 256;

export function* snapshotTexts(state: MetadataState): Generator<string, void> {
  for (const record of records(state)) yield JSON.stringify(record);
}

/** Fills an empty state. @throws Error for a format of another version. */
export function restoreRecords(state: MetadataState, texts: Iterable<string>): void {
  let epoch = 0;
  for (const text of texts) {
    const record: SnapshotRecord = JSON.parse(text);
    if (record.kind === 'head') {
      if (record.format !== 1)
        throw new Error(`metadata snapshot: format: found ${String(record.format)}, accepted: 1`);
      ({
        epoch,
        revision: state.revision,
        timeMs: state.timeMs,
        membershipChangedMs: state.membershipChangedMs,
      } = record);
    } else {
      restore(state, record);
    }
  }
  state.restoreMap(epoch);
}

function* records(state: MetadataState): Generator<SnapshotRecord, void> {
  const { revision, timeMs, membershipChangedMs } = state;
  yield { kind: 'head', format: 1, revision, timeMs, membershipChangedMs, epoch: state.map.epoch };
  for (const node of state.nodes.all()) yield { kind: 'node', node };
  for (const versions of inBatches(state.objects.versions())) yield { kind: 'objects', versions };
  for (const tombstones of inBatches(state.objects.tombstones.values())) yield { kind: 'tombstones', tombstones };
  for (const tokens of inBatches(state.tokens.entries(revision))) yield { kind: 'tokens', tokens };
  yield { kind: 'moves', moves: [...state.moves.values()] };
  for (const partition of state.partitions) {
    yield {
      kind: 'partition',
      partition: partition.number,
      replicas: partition.replicas,
      joining: partition.joining,
      movedMs: partition.movedMs,
      former: [...partition.former],
      dropping: [...partition.dropping],
      missing: [...partition.missing].map(([node, ids]) => [node, [...ids]] as const),
      lost: [...partition.lost],
      garbage: [...partition.garbage.values()],
    };
  }
}

function restore(state: MetadataState, record: Exclude<SnapshotRecord, { kind: 'head' }>): void {
  switch (record.kind) {
    case 'node':
      state.nodes.put(record.node);
      break;
    case 'objects':
      for (const version of record.versions) {
        state.objects.set(version);
        for (const block of version.blocks) state.partition(block.partition)?.add(block, [], 0);
      }
      break;
    case 'tombstones':
      for (const tombstone of record.tombstones) state.objects.delete(tombstone);
      break;
    case 'tokens':
      for (const [token, revision, result] of record.tokens) state.tokens.remember(token, revision, result);
      break;
    case 'moves':
      for (const move of record.moves) state.moves.set(move.transferId, move);
      break;
    case 'partition': {
      const partition = state.partition(record.partition);
      if (partition === undefined)
        throw new Error(
          `metadata snapshot: partition: found ${record.partition}, accepted: below ${state.partitions.length}`,
        );
      partition.replicas = record.replicas;
      partition.joining = record.joining;
      partition.movedMs = record.movedMs;
      for (const [node, sinceMs] of record.former) partition.former.set(node, sinceMs);
      for (const node of record.dropping) partition.dropping.add(node);
      for (const [node, ids] of record.missing) partition.missing.set(node, new Map(ids));
      for (const id of record.lost) partition.lost.add(id);
      for (const garbage of record.garbage) partition.garbage.set(garbage.id, garbage);
      partition.suspectLoss = record.missing.length > 0;
      break;
    }
  }
}

function* inBatches<T>(items: Iterable<T>): Generator<T[], void> {
  let gathered: T[] = [];
  for (const item of items) {
    gathered.push(item);
    if (gathered.length < batch) continue;
    yield gathered;
    gathered = [];
  }
  if (gathered.length > 0) yield gathered;
}
