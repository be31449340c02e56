import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseTranscript, withoutLogLines } from './format.ts';
import { Stage } from './stage.ts';

const folder = '../shared/external/etcd-raft/testdata';
const reason = existsSync(folder) ? '' : ` (skipped: ${folder} is not there)`;

/** With every line of output but the logger's: what is written, sent, committed and applied, in order. */
const transcripts = [
  'campaign',
  'checkquorum',
  'confchange_v1_add_single',
  'confchange_v1_remove_leader',
  'lagging_commit',
  'prevote',
  'probe_and_replicate',
  'replicate_pause',
  'single_node',
  'slow_follower_after_compaction',
  'snapshot_succeed_via_app_resp',
];

describe.skipIf(reason !== '')(`the core does what etcd's raft does${reason}`, () => {
  for (const name of transcripts) {
    it(name, () => {
      const blocks = parseTranscript(readFileSync(`${folder}/${name}.txt`, 'utf8'));
      expect(blocks.length).toBeGreaterThan(2);
      const stage = new Stage();
      for (const [position, block] of blocks.entries()) {
        const where = `block ${position + 1} of ${blocks.length}: ${block.command} ${block.words.join(' ')}`;
        expect(withoutLogLines(stage.play(block)), where).toEqual(withoutLogLines(block.expected));
      }
    });
  }
});
