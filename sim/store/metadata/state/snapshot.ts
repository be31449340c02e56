import type { NodeId } from '../../../host.ts';
import type { BlockRef, ObjectVersion } from '../../model.ts';
import type { CommandResult, Move } from './commands.ts';
import type { PastVersion } from './key-history.ts';
import type { NodeRecord } from './node-table.ts';
import type { Tombstone } from './object-table.ts';
import type { Garbage, Partition } from './partition.ts';
import type { Serial } from './serial.ts';
import type { MetadataState } from './state.ts';

/**
 * The state as JSON texts. Every collection is written in the order in which it is visited, so that a member
 * that starts from a snapshot takes the same course as one that has applied every command. What follows from the rest
 * (blocks by partition, the map) is derived again.
 */
type SnapshotRecord =
  | {
      readonly kind: 'head';
      readonly format: typeof format;
      readonly revision: number;
      readonly timeMs: number;
      readonly membershipChangedMs: number;
      readonly epoch: number;
      readonly oldestRevision: number;
      readonly paused: { readonly rebalance: boolean; readonly repair: boolean };
    }
  | { readonly kind: 'node'; readonly node: NodeRecord }
  | { readonly kind: 'objects'; readonly versions: readonly ObjectVersion[] }
  | {
      readonly kind: 'past';
      readonly past: readonly (readonly [
        key: string,
        generation: number,
        sizeBytes: number,
        until: number,
        ms: number,
      ])[];
    }
  | { readonly kind: 'tombstones'; readonly tombstones: readonly Tombstone[] }
  | { readonly kind: 'tokens'; readonly tokens: readonly (readonly [string, number, CommandResult])[] }
  | { readonly kind: 'token-floors'; readonly floors: readonly Serial[] }
  | { readonly kind: 'condemned'; readonly blocks: readonly (readonly [string, number])[] }
  | { readonly kind: 'condemned-floors'; readonly floors: readonly Serial[] }
  | { readonly kind: 'moves'; readonly moves: readonly Move[] }
  | {
      readonly kind: 'partition';
      readonly partition: number;
      readonly replicas: readonly NodeId[];
      readonly joining: readonly NodeId[];
      readonly movedMs?: number | undefined;
      readonly balancedFrom?: NodeId | undefined;
      readonly former: readonly (readonly [NodeId, number])[];
      readonly dropping: readonly NodeId[];
      readonly missing: readonly (readonly [NodeId, readonly (readonly [string, number])[]])[];
      readonly lost: readonly string[];
      readonly garbage: readonly Garbage[];
    };

/** Raised whenever what is written changes: a snapshot of another form is refused, never guessed at. */
const format = 2;

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
      if (record.format !== format)
        throw new Error(`metadata snapshot: format: found ${String(record.format)}, accepted: ${format}`);
      ({
        epoch,
        revision: state.revision,
        timeMs: state.timeMs,
        membershipChangedMs: state.membershipChangedMs,
        paused: state.paused,
      } = record);
      state.objects.history.restoreOldest(record.oldestRevision);
    } else {
      restore(state, record);
    }
  }
  state.restoreMap(epoch);
}

function* records(state: MetadataState): Generator<SnapshotRecord, void> {
  const { revision, timeMs, membershipChangedMs, paused } = state;
  const { epoch } = state.map;
  const { oldestRevision } = state.objects.history;
  yield { kind: 'head', format, revision, timeMs, membershipChangedMs, epoch, oldestRevision, paused };
  for (const node of state.nodes.all()) yield { kind: 'node', node };
  for (const versions of inBatches(state.objects.versions())) yield { kind: 'objects', versions };
  for (const past of inBatches(state.objects.history.all())) yield { kind: 'past', past: past.map(rowOf) };
  for (const tombstones of inBatches(state.objects.tombstones.values())) yield { kind: 'tombstones', tombstones };
  for (const tokens of inBatches(state.tokens.entries())) yield { kind: 'tokens', tokens };
  for (const floors of inBatches(state.tokens.floors())) yield { kind: 'token-floors', floors };
  for (const blocks of inBatches(state.condemned.entries())) yield { kind: 'condemned', blocks };
  for (const floors of inBatches(state.condemned.floors())) yield { kind: 'condemned-floors', floors };
  yield { kind: 'moves', moves: [...state.moves.values()] };
  for (const partition of state.partitions) {
    yield {
      kind: 'partition',
      partition: partition.number,
      replicas: partition.replicas,
      joining: partition.joining,
      movedMs: partition.movedMs,
      balancedFrom: partition.balancedFrom,
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
        state.objects.set(version, 0);
        for (const block of version.blocks) refer(state.partition(block.partition), block);
      }
      break;
    case 'past':
      for (const row of record.past) state.objects.restorePast(...row);
      break;
    case 'tombstones':
      for (const tombstone of record.tombstones) state.objects.delete(tombstone);
      break;
    case 'tokens':
      for (const [token, revision, result] of record.tokens) state.tokens.remember(token, revision, result);
      break;
    case 'token-floors':
      for (const floor of record.floors) state.tokens.restoreFloor(floor);
      break;
    case 'condemned':
      for (const [id, sinceMs] of record.blocks) state.condemned.add(id, sinceMs);
      break;
    case 'condemned-floors':
      for (const floor of record.floors) state.condemned.restoreFloor(floor);
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
      partition.balancedFrom = record.balancedFrom;
      for (const [node, sinceMs] of record.former) partition.former.set(node, sinceMs);
      for (const node of record.dropping) partition.dropping.add(node);
      for (const [node, ids] of record.missing) partition.restoreMissing(node, ids);
      for (const id of record.lost) partition.lost.add(id);
      for (const garbage of record.garbage) partition.restoreGarbage(garbage);
      partition.suspectLoss = record.missing.length > 0;
      break;
    }
  }
}

function rowOf({ slot, generation, sizeBytes, untilRevision, untilMs }: PastVersion) {
  return [slot.key, generation, sizeBytes, untilRevision, untilMs] as const;
}

/** The first version that names a block brings it, the others share it. */
function refer(partition: Partition | undefined, block: BlockRef): void {
  if (partition?.blocks.has(block.id)) partition.share(block.id);
  else partition?.add(block, [], 0);
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
