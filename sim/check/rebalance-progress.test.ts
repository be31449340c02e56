import { describe, expect, it } from 'vitest';
import type { MoveCause } from '../store/model.ts';
import { PartitionBytes } from './partition-bytes.ts';
import { RebalanceProgressCheck } from './rebalance-progress.ts';
import { mapOf, operation, said } from './testdata/events.ts';

/** Four partitions of 100 bytes, one replica each; three of them on a. */
function stage() {
  const stored = new PartitionBytes((key) => Number(key));
  for (const key of ['0', '1', '2', '3']) stored.onWrite(operation({ op: 'put', key, sizeBytes: 100, generation: 1 }));
  const check = new RebalanceProgressCheck(stored, 10_000, 5_000);
  let transfers = 0;
  const move = (
    startMs: number,
    partition: number,
    from: string,
    to: string,
    cause: MoveCause = 'load',
    outcome: 'done' | 'failed' = 'done',
  ) => {
    const transferId = ++transfers;
    check.onStarted(
      { kind: 'move-started', transferId, cause, partition, from, to, blocks: 1, why: '' },
      'metadata-1',
      startMs,
    );
    check.onEnded({ kind: 'move-ended', transferId, outcome, bytes: 100, blocks: 1, why: '' }, startMs + 100);
  };
  const map = (nowMs: number, epoch: number, owners: string) => {
    check.setMap(
      mapOf(
        epoch,
        [...owners].map((id) => [id]),
      ),
      nowMs,
    );
  };
  const verdict = () => {
    check.close();
    return said(check);
  };
  map(0, 1, 'aaab');
  return { check, stored, move, map, verdict };
}

describe('I12 rebalance progress', () => {
  it('holds where moves even the load out', () => {
    const { move, map, verdict } = stage();
    move(1_000, 0, 'a', 'c');
    map(1_100, 2, 'caab');
    move(1_200, 1, 'a', 'd');
    map(1_300, 3, 'cdab');
    expect(verdict()).toBe('held: 3 moves and rounds of moves');
  });

  it('judges the end of a round, not the way there', () => {
    const { move, map, verdict } = stage();
    move(1_000, 3, 'b', 'a');
    map(1_100, 2, 'aaaa');
    move(1_200, 0, 'a', 'c');
    map(1_300, 3, 'caaa');
    expect(verdict()).toContain('held');
  });

  it('catches moves that leave the fullest node fuller', () => {
    const { move, map, verdict } = stage();
    move(1_000, 3, 'b', 'a');
    map(1_100, 2, 'aaaa');
    expect(verdict()).toBe(
      'violated: 1.1 s: moves for balance since 1 s raised the fullest node from 3.000 to 4.000 of its share',
    );
  });

  it('does not judge by sizes that were others when the moves were planned', () => {
    const run = (writtenMs: number, key: string) => {
      const { stored, move, map, verdict } = stage();
      stored.onWrite(operation({ op: 'put', key, sizeBytes: 100, generation: 2 }), writtenMs);
      move(9_000, 3, 'b', 'a');
      map(9_100, 2, 'aaaa');
      return verdict();
    };
    expect(run(3_000, '0')).toContain('violated');
    expect(run(5_000, '0')).not.toContain('violated');
    expect(run(8_000, '4')).toContain('violated');
    expect(run(9_050, '4')).not.toContain('violated');
  });

  it('does not blame balance for what other causes, failures and changes of membership do', () => {
    for (const spoil of ['drain', 'failed', 'election'] as const) {
      const { check, move, map, verdict } = stage();
      if (spoil === 'failed') move(900, 1, 'a', 'b', 'load', 'failed');
      move(1_000, 3, 'b', 'a', spoil === 'drain' ? 'drain' : 'load');
      if (spoil === 'election') check.onElection();
      map(1_100, 2, 'aaaa');
      expect(verdict()).not.toContain('violated');
    }
  });

  it('catches a replica that goes there and back within the hysteresis', () => {
    const run = (pauseMs: number, cause: MoveCause) => {
      const { move, map, verdict } = stage();
      move(1_000, 0, 'a', 'c');
      map(1_100, 2, 'caab');
      move(1_100 + pauseMs, 0, 'c', 'a', cause);
      map(1_300 + pauseMs, 3, 'aaab');
      return verdict();
    };
    expect(run(9_000, 'load')).toContain(
      '10.1 s: partition 0 goes from c back to a, which it left at 1.1 s; 10 s must lie between',
    );
    expect(run(9_000, 'drain')).not.toContain('back to');
    expect(run(11_000, 'load')).not.toContain('back to');
  });
});
