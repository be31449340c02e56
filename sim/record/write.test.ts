import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecord } from './read.ts';
import { Recorder } from './recorder.ts';
import type { RunRecord } from './schema.ts';
import { recordFileName, writeRecord } from './write.ts';

function emptyRecord(): RunRecord {
  const scenario = {
    ...{ name: 'tiny', question: '', hypothesis: '', digest: '', traffic: '' },
    ...{ durationMs: 1_000, warmupMs: 0, replication: 1, partitions: 1, slo: [] },
    hotspot: { factor: 2, forMs: 100 },
  };
  const gauges = {
    read: () => {
      throw new Error('no nodes');
    },
    storedBytes: () => 0,
  };
  const input = {
    scenario,
    variant: { name: 'p2c', settings: {} },
    seed: 7,
    command: '',
    nodes: [],
    faultsPlanned: [],
  };
  const unanswered = { clientEnded: 0, stillOpen: 0, byOp: {} };
  const end = { faults: [], checks: [], fingerprint: 'abc', events: 1, notes: [], leastBytes: null, unanswered };
  return new Recorder(input, gauges).finish(end);
}

describe('writeRecord and readRecord', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evenkeel-record-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives back what was written, and leaves nothing else behind', async () => {
    const record = emptyRecord();
    const inner = join(folder, 'a', 'b');
    const name = await writeRecord(inner, record);
    expect(name).toBe('p2c-seed-7.json');
    expect(await readRecord(join(inner, name))).toEqual(record);
    expect(await readdir(inner)).toEqual([name]);
  });

  it('writes equal records as equal bytes, whatever the order of their fields', async () => {
    const record = emptyRecord();
    const first = { notes: record.notes, seed: record.seed };
    const turned: RunRecord = { ...first, ...record };
    const bytes = async (one: RunRecord) => readFile(join(folder, await writeRecord(folder, one)), 'utf8');
    expect(await bytes(turned)).toBe(await bytes(record));
  });

  it('never writes a record that breaks its schema', async () => {
    const broken = { ...emptyRecord(), variant: { name: 'broken', settings: {} }, events: -1 };
    await expect(writeRecord(folder, broken)).rejects.toThrow('broken-seed-7.json: events: found -1; accepted: ');
    expect(await readdir(folder)).not.toContain('broken-seed-7.json');
  });

  it('names file, place, what was found and what is accepted', async () => {
    const file = join(folder, 'bad.json');
    const attempt = async (text: string) => {
      await writeFile(file, text);
      return readRecord(file).then(
        () => 'read',
        (error: Error) => error.message.replaceAll(file, 'FILE'),
      );
    };
    const record = emptyRecord();
    const withPhase = { ...record, phases: [{ ...record.phases[0], ok: 'many' }] };
    expect(await attempt(JSON.stringify(withPhase))).toBe('FILE: phases[0].ok: found "many"; accepted: number');
    expect(await attempt(JSON.stringify({ ...record, extra: 1 }))).toBe(
      'FILE: extra: found 1; accepted: no such field',
    );
    expect(await attempt(JSON.stringify({ ...record, version: 9 }))).toContain(
      'FILE: version: found 9, accepted 1. The record was written by another version',
    );
    expect(await attempt('{"version": 1,')).toContain('FILE: no JSON (');
    await expect(readRecord(join(folder, 'none.json'))).rejects.toThrow("none.json: can't be read (ENOENT");
  });

  it('makes file names that any file system takes', () => {
    expect(recordFileName('p2c / slow start: 30s', 3)).toBe('p2c-slow-start-30s-seed-3.json');
  });
});
