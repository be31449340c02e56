import { describe, expect, it } from 'vitest';
import type { MetadataReply } from '../messages/metadata.ts';
import { bytesOf, Rig, type RigOptions } from '../testdata/rig.ts';
import type { StoreClient } from './client.ts';
import type { OutcomeHandler } from './outcome.ts';

/** What every operation does with every kind of answer that is not the one it hopes for. */

const body = { sizeBytes: 20, bytes: bytesOf('body', 20) };

type Begin = (client: StoreClient, handler: OutcomeHandler) => void;

const reads: readonly [name: string, question: string, Begin][] = [
  ['get', 'object.lookup', (client, handler) => client.get('k', undefined, handler, 0)],
  ['head', 'object.lookup', (client, handler) => client.head('k', handler, 0)],
  ['list', 'object.list', (client, handler) => client.list({ prefix: '' }, handler, 0)],
];
const writes: readonly [name: string, question: string, Begin][] = [
  ['put', 'object.commit', (client, handler) => client.put('k', body, handler, 0)],
  ['delete', 'object.delete', (client, handler) => client.delete('k', handler, 0)],
  ['copy', 'object.copy', (client, handler) => client.copy('k', 'to', handler, 0)],
];

const unknown: MetadataReply = { kind: 'metadata.unknown', detail: 'lost sight of' };
const unavailable: MetadataReply = { kind: 'metadata.unavailable', detail: 'no entries now' };
const conflict: MetadataReply = { kind: 'object.conflict', detail: 'upload took longer than the grace' };
/** An answer, to something else. */
const stray: MetadataReply = { kind: 'map.unchanged', epoch: 1 };
const compacted: MetadataReply = { kind: 'object.list-compacted', oldestRevision: 7 };

/** Answers one kind of question with `replies` in turn, and then as usual. Counts the questions. */
function scripted(question: string, replies: readonly MetadataReply[], options: RigOptions = {}) {
  const rig = new Rig(options);
  rig.perform((client, handler) => client.put('k', body, handler, 0));
  rig.events.length = 0;
  const asked = { count: 0 };
  rig.metadata.script = ({ kind }) => (kind === question ? replies[asked.count++] : undefined);
  return { rig, asked };
}

describe.each([...reads, ...writes])('a %s', (_name, question, begin) => {
  it.each([
    ['cannot serve it now', unavailable],
    ['lost sight of it', unknown],
  ])('is asked again when metadata %s', (_what, reply) => {
    const { rig, asked } = scripted(question, [reply, reply]);
    expect(rig.perform(begin)).toMatchObject({ status: 'ok', attempts: 3 });
    expect(asked.count).toBe(3);
    expect(rig.eventsOf('operation')).toMatchObject([{ metadataAttempts: 3 }]);
  });

  it('ends at once when metadata refuses it for good', () => {
    const { rig, asked } = scripted(question, [conflict, conflict]);
    const startedMs = rig.nowMs;
    expect(rig.perform(begin)).toMatchObject({ status: 'failed', error: conflict.detail });
    expect([asked.count, rig.nowMs - startedMs < 20]).toEqual([1, true]);
  });
});

describe.each(reads)('a %s', (name, question, begin) => {
  it.each(name === 'list' ? [stray] : [stray, compacted])('has failed when the answer is $kind', (reply) => {
    const { rig } = scripted(question, [reply]);
    expect(rig.perform(begin)).toMatchObject({ status: 'failed', error: `metadata answered ${reply.kind}` });
  });
});

describe.each(writes)('a %s', (_name, question, begin) => {
  it('is unknown when it is refused for good after an attempt that metadata lost sight of', () => {
    const { rig, asked } = scripted(question, [unknown, conflict]);
    expect(rig.perform(begin)).toMatchObject({ status: 'unknown', error: conflict.detail });
    expect(asked.count).toBe(2);
  });

  it('has failed when all that came before the refusal were told that it was not accepted', () => {
    const { rig } = scripted(question, [unavailable, unavailable, conflict]);
    expect(rig.perform(begin)).toMatchObject({ status: 'failed', error: conflict.detail });
  });

  it.each([stray, compacted])('is unknown when the answer is $kind, which says nothing of it', (reply) => {
    const { rig } = scripted(question, [reply]);
    expect(rig.perform(begin)).toMatchObject({ status: 'unknown', error: `metadata answered ${reply.kind}` });
  });
});

describe('the attempts of an operation', () => {
  it('are told apart: those at gateways, and those at metadata', () => {
    const { rig } = scripted('object.lookup', [unavailable, unavailable], { gateways: 2 });
    rig.world.crash('gateway-1', { mode: 'process' });
    for (let i = 0; i < 2; i++) rig.perform((client, handler) => client.get('k', undefined, handler, 0));
    rig.perform((client, handler) => client.head('k', handler, 0));
    const told = rig.eventsOf('operation').map(({ attempts, metadataAttempts }) => [attempts, metadataAttempts]);
    expect(told.at(-1)).toEqual([0, 1]);
    expect(
      told
        .slice(0, 2)
        .map(([attempts]) => attempts)
        .sort(),
    ).toEqual([1, 2]);
    expect(told.slice(0, 2).map(([, metadata]) => metadata)).toEqual([3, 1]);
  });
});
