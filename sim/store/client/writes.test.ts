import { describe, expect, it } from 'vitest';
import type { MetadataReply } from '../messages/metadata.ts';
import { bytesOf, Rig, type RigOptions } from '../testdata/rig.ts';
import type { StoreClient } from './client.ts';
import type { OutcomeHandler } from './outcome.ts';

/** What the three kinds of writes have in common. */

const body = { sizeBytes: 20, bytes: bytesOf('body', 20) };

type Begin = (client: StoreClient, handler: OutcomeHandler) => void;

const writes: readonly [string, string, Begin][] = [
  ['put', 'object.commit', (client, handler) => client.put('k', body, handler, 0)],
  ['delete', 'object.delete', (client, handler) => client.delete('k', handler, 0)],
  ['copy', 'object.copy', (client, handler) => client.copy('k', 'to', handler, 0)],
];

function stocked(options: RigOptions = {}): Rig {
  const rig = new Rig(options);
  rig.perform((client, handler) => client.put('k', body, handler, 0));
  return rig;
}

/** Answers the writes of one kind with `replies` in turn, and then as usual; `carriedOut`: it was done all the same. */
function script(rig: Rig, kind: string, replies: readonly (MetadataReply | 'silent')[], carriedOut = false): void {
  let count = 0;
  rig.metadata.script = (request) => {
    if (request.kind !== kind || count >= replies.length) return undefined;
    if (carriedOut) rig.metadata.serve(request);
    return replies[count++];
  };
}

const tokensOf = (rig: Rig, kind: string) =>
  rig.metadata.heard.flatMap((request) => (request.kind === kind && 'token' in request ? [request.token] : []));

describe.each(writes)('a %s', (_name, kind, begin) => {
  const conflict: MetadataReply = { kind: 'object.conflict', detail: 'upload took longer than the grace' };
  const unknown: MetadataReply = { kind: 'metadata.unknown', detail: 'lost sight of' };

  it('is asked for again with the same token when metadata lost sight of it', () => {
    const rig = stocked();
    script(rig, kind, [unknown], true);
    const before = rig.metadata.objects.get('k')?.generation ?? 0;
    expect(rig.perform(begin)).toMatchObject({ status: 'ok', result: { generation: before + 1 }, attempts: 2 });
    const tokens = tokensOf(rig, kind);
    expect(new Set(tokens.slice(-2)).size).toBe(1);
  });

  it('has a token of its own, unlike that of any other write', () => {
    const rig = stocked();
    for (let i = 0; i < 5; i++) rig.perform(begin);
    const tokens = tokensOf(rig, kind);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(tokens.every((token) => token.startsWith('client-1.1.'))).toBe(true);
  });

  it('is unknown if metadata never says what became of it', () => {
    const rig = stocked({ client: { deadlineMs: 300 } });
    script(
      rig,
      kind,
      Array.from({ length: 1_000 }, () => unknown),
    );
    expect(rig.perform(begin)).toMatchObject({ status: 'unknown' });
  });

  it('is unknown if an attempt before the refusal has no answer', () => {
    const rig = stocked({ client: { metadataTimeoutMs: 50 } });
    script(rig, kind, ['silent', conflict]);
    expect(rig.perform(begin)).toMatchObject({ status: 'unknown', error: 'upload took longer than the grace' });
  });

  it('ends by its deadline, and hands on what is left of it', () => {
    const rig = stocked({ client: { deadlineMs: 400, metadataTimeoutMs: 150 } });
    script(
      rig,
      kind,
      Array.from({ length: 1_000 }, () => 'silent'),
    );
    const startedMs = rig.nowMs;
    rig.metadata.deadlinesMs.length = 0;
    expect(rig.perform(begin)).toMatchObject({ status: 'unknown' });
    expect(rig.nowMs - startedMs).toBe(400);
    expect(rig.metadata.deadlinesMs.length).toBeGreaterThan(2);
    expect(Math.max(...rig.metadata.deadlinesMs)).toBeLessThanOrEqual(startedMs + 400);
  });

  it('tells its condition only if it has one', () => {
    const rig = stocked();
    rig.events.length = 0;
    rig.perform(begin);
    expect(rig.eventsOf('operation').map(({ condition }) => condition)).toEqual([undefined]);
  });
});
