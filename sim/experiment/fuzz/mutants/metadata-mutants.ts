import type { Mutant } from './mutant.ts';

const STATE = 'sim/store/metadata/state';
const LEADER = 'sim/store/metadata/leader';

/** Defects of the metadata: what objects there are, and who keeps what. */
export const METADATA_MUTANTS: readonly Mutant[] = [
  {
    id: 'metadata-forgets-tokens',
    description: 'a repeated write is carried out again',
    edits: [{ file: `${STATE}/token-table.ts`, find: 'if (answer !== undefined) return answer;', replace: '' }],
    expects: ['I2', 'I2-linearizable', 'I3'],
    because: 'a late repetition undoes what others have written since',
    focus: 'elections',
  },
  {
    id: 'metadata-ignores-conditions',
    description: 'a conditional write is carried out whatever the key holds',
    edits: [
      {
        file: `${STATE}/apply-objects.ts`,
        find: "(condition.kind === 'if-absent' ? generation === 0 : condition.generation === generation)",
        replace: 'generation >= 0',
      },
    ],
    expects: ['I2', 'I2-linearizable'],
    because: 'no order of the operations explains a condition that held and could not',
  },
  {
    id: 'metadata-copies-without-counting',
    description: 'a copy does not count as a reference to its blocks, which are collected with the original',
    edits: [
      {
        file: `${STATE}/apply-objects.ts`,
        find: 'for (const block of blocks) state.partition(block.partition)?.share(block.id);',
        replace: '',
      },
    ],
    expects: ['I1', 'I11', 'exception'],
    because: 'the copy can be read no more once its original was replaced and the grace is over',
  },
  {
    id: 'metadata-lists-the-newest',
    description: 'each page of a listing shows the newest state under the revision that was asked for',
    edits: [
      {
        file: `${STATE}/listing.ts`,
        find: 'state.objects.list({ prefix, delimiter, after, limit, revision })',
        replace: 'state.objects.list({ prefix, delimiter, after, limit, revision: state.revision })',
      },
    ],
    expects: ['I3'],
    because: 'pages of one listing show different revisions',
    focus: 'listings',
  },
  {
    id: 'metadata-revives-deleted-keys',
    description:
      'after a start from a snapshot deleted keys are there again: their tombstones are not taken for what they are',
    edits: [
      {
        file: `${STATE}/snapshot.ts`,
        find: 'for (const tombstone of record.tombstones) state.objects.delete(tombstone);',
        replace:
          'for (const { key, generation } of record.tombstones)\n        state.objects.set({ key, generation: generation - 1, sizeBytes: 0, blocks: [] }, 0);',
      },
    ],
    expects: ['I16'],
    because: 'clients see what was deleted before',
    focus: 'snapshots',
  },
  {
    id: 'metadata-snapshot-lacks-tokens',
    description: 'a snapshot does not hold the answers to writes that may be repeated',
    edits: [
      {
        file: `${STATE}/snapshot.ts`,
        find: "for (const tokens of inBatches(state.tokens.entries())) yield { kind: 'tokens', tokens };",
        replace: '',
      },
    ],
    expects: ['I2', 'I2-linearizable', 'I3'],
    because: 'members that start from one carry out a repetition that others do not',
    focus: 'snapshots',
  },
  {
    id: 'metadata-hands-over-too-early',
    description: 'a node that is to take over a replica counts as complete before anything was copied',
    edits: [
      {
        file: `${STATE}/partition.ts`,
        find: 'if (!this.former.delete(to)) this.#missAll(to, nowMs);',
        replace: 'this.former.delete(to);',
      },
    ],
    expects: ['I1', 'I2-linearizable', 'I8', 'I8-answers'],
    because: 'the old copy is dropped when the grace is over',
    focus: 'moves',
  },
  {
    id: 'metadata-collects-orphans-at-once',
    description: 'blocks that no object refers to are deleted however young they are: uploads among them',
    edits: [
      {
        file: `${LEADER}/inventories.ts`,
        find: 'else if (ageMs > settings.orphans.graceMs) old.push({ id, partition: number });',
        replace: 'else condemned.push({ id, partition: number });',
      },
    ],
    expects: ['I1', 'I2-linearizable', 'I8-answers'],
    because: 'a commit may follow whose blocks are gone',
    focus: 'orphans',
  },
  {
    id: 'metadata-revokes-leases-early',
    description: 'a node is given up before its lease has run out',
    edits: [
      {
        file: `${LEADER}/failure-detector.ts`,
        find: '> this.#settings.downAfterMs && mayFall',
        replace: '> this.#settings.suspectAfterMs && mayFall',
      },
    ],
    expects: ['I13'],
    because: 'the node still takes itself to be the holder',
    focus: 'cut-off',
  },
  {
    id: 'metadata-overfills-disks',
    description: 'what open transfers are still going to put on a node is not counted',
    edits: [{ file: `${LEADER}/reservations.ts`, find: 'return this.#byNode.get(node) ?? 0;', replace: 'return 0;' }],
    expects: ['I10'],
    because: 'several transfers are promised the same room',
    focus: 'small-disks',
  },
  {
    id: 'metadata-moves-back-and-forth',
    description: 'a partition does not know when it last moved, so nothing keeps it from going back',
    edits: [{ file: `${STATE}/partition.ts`, find: 'this.movedMs = nowMs;', replace: '' }],
    expects: ['I12'],
    because: 'a replica goes from A to B and back within the hysteresis',
    focus: 'operations',
  },

  {
    id: 'metadata-moves-needlessly',
    description: 'with each node that joins or leaves placement gives every partition to others',
    edits: [
      {
        file: `${LEADER}/placement-targets.ts`,
        find: 'const set = algorithm.replicas(partition, replication);',
        replace: 'const set = algorithm.replicas((partition + nodes.length) % partitions, replication);',
      },
    ],
    expects: ['I9'],
    because: 'far more bytes move than the change of membership demands',
    focus: 'joins',
  },
  {
    id: 'metadata-ignores-zones',
    description: 'placement is not told of zones',
    edits: [
      {
        file: `${LEADER}/placement-targets.ts`,
        find: 'return { id, weight, zone, rack, host };',
        replace: 'return { id, weight, zone: id, rack, host: zone };',
      },
    ],
    expects: ['I8-zones'],
    because: 'replicas stand together, and nothing ever sets that right',
    focus: 'leftovers',
  },
  {
    id: 'metadata-serves-an-old-map',
    description: 'whoever has a map is told that it is the newest',
    edits: [
      {
        file: 'sim/store/metadata/member/read-desk.ts',
        find: 'if (request.knownEpoch >= state.map.epoch)',
        replace: 'if (request.knownEpoch > 0)',
      },
    ],
    expects: ['I14', 'I15', 'I8-answers', 'I1'],
    because: 'processes go by a map of long ago',
    focus: 'operations',
  },
];
