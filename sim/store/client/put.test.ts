import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Body } from '../../host.ts';
import type { GatewayReply } from '../messages/gateway.ts';
import type { MetadataReply } from '../messages/metadata.ts';
import type { Condition } from '../model.ts';
import { bytesOf, Heard, HOP_MS, Rig } from '../testdata/rig.ts';

const body = (lengthBytes = 20, sizeBytes = lengthBytes): Body => ({ sizeBytes, bytes: bytesOf('body', lengthBytes) });
const put = (rig: Rig, content = body(), condition?: Condition) =>
  rig.perform((client, handler) => client.put('k', content, handler, 0, condition));
const read = (rig: Rig) => rig.perform((client, handler) => client.get('k', undefined, handler, 0));

describe('a put', () => {
  it('is stored, committed, and read back', () => {
    const rig = new Rig();
    const outcome = put(rig);
    expect(outcome).toMatchObject({ status: 'ok', result: { kind: 'stored', generation: 1 }, attempts: 1 });
    expect(read(rig)).toMatchObject({ status: 'ok', result: { kind: 'object', generation: 1, body: body() } });
  });

  it('needs no block for an empty body', () => {
    const rig = new Rig();
    expect(put(rig, body(0))).toMatchObject({ status: 'ok', result: { kind: 'stored' } });
    expect(rig.data.every(({ heard }) => heard.length === 0)).toBe(true);
    expect(read(rig)).toMatchObject({ status: 'ok', result: { kind: 'object', body: { sizeBytes: 0 } } });
  });

  it('cuts any body into blocks that give it back bit for bit, if its bytes are as many as declared', () => {
    const sizes = fc.record({
      lengthBytes: fc.integer({ min: 1, max: 300 }),
      blockBytes: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(sizes, ({ lengthBytes, blockBytes }) => {
        const rig = new Rig({ client: { blockBytes } });
        expect(put(rig, body(lengthBytes))).toMatchObject({ status: 'ok' });
        expect(rig.node(1).blocks.size).toBe(Math.ceil(lengthBytes / blockBytes));
        for (const { ref, bytes } of rig.node(1).blocks.values()) expect(bytes.length).toBe(ref.sizeBytes);
        expect(read(rig)).toMatchObject({ result: { body: body(lengthBytes) } });
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('cuts a scale model in proportion', () => {
    const rig = new Rig({ client: { blockBytes: 1_000 } });
    put(rig, body(10, 4_000));
    const blocks = [...rig.node(1).blocks.values()];
    expect(blocks.map(({ ref }) => ref.sizeBytes)).toEqual([1_000, 1_000, 1_000, 1_000]);
    expect(blocks.map(({ bytes }) => bytes.length)).toEqual([2, 3, 2, 3]);
    expect(read(rig)).toMatchObject({ result: { body: body(10, 4_000) } });
  });

  it('stores a bounded number of blocks at once', () => {
    const rig = new Rig({ client: { blockBytes: 10, parallelBlocks: 3 } });
    for (const node of rig.data) node.delayMs = 10;
    const heard = new Heard();
    rig.client.put('k', body(100), heard, 0);
    rig.run(5);
    expect(rig.node(1).heard).toHaveLength(3);
    rig.run(200);
    expect(heard.outcomes).toMatchObject([{ status: 'ok' }]);
  });

  it('has failed when its blocks could not be stored: nothing can be seen of it', () => {
    const rig = new Rig({ gateway: { writeTimeoutMs: 50 }, client: { deadlineMs: 400 } });
    for (const node of rig.data) node.script = () => 'silent';
    expect(put(rig)).toMatchObject({ status: 'failed', error: 'timeout' });
    expect(rig.metadata.heardKinds()).toEqual([]);
  });

  it.each(['no-space', 'bad-request'] as const)('does not repeat what ends in %s', (refusal) => {
    const rig = new Rig();
    for (const node of rig.data) node.script = () => node.refusal(refusal);
    expect(put(rig)).toMatchObject({ status: 'failed', error: refusal, attempts: 1 });
  });

  it('is repeated, with the same block, at another gateway when one fails', () => {
    const rig = new Rig({ gateways: 2, fakeGateways: true });
    const stored: GatewayReply = { kind: 'gateway.stored', acked: ['data-1', 'data-2'], epoch: 1, attempts: 3 };
    const down: GatewayReply = { kind: 'gateway.error', error: 'unavailable', retryAfterMs: 40, attempts: 0, epoch: 1 };
    const startedMs = rig.nowMs;
    const heard: string[] = [];
    rig.fakeGateways.forEach((fake, position) => {
      fake.script = (request) => {
        heard.push(`${position} ${request.block.id}`);
        return heard.length === 1 ? down : stored;
      };
    });
    expect(put(rig)).toMatchObject({ status: 'ok', attempts: 2 });
    const [first = '', second = ''] = heard;
    expect(second.slice(2)).toBe(first.slice(2));
    expect(second[0]).not.toBe(first[0]);
    expect(rig.nowMs - startedMs).toBeGreaterThanOrEqual(40 + 6 * HOP_MS);
  });

  it('is repeated at another gateway also when others have taken their turn meanwhile', () => {
    const rig = new Rig({ gateways: 2, fakeGateways: true, client: { backoffMs: 1 } });
    const stored: GatewayReply = { kind: 'gateway.stored', acked: ['data-1', 'data-2'], epoch: 1, attempts: 3 };
    const shed: GatewayReply = { kind: 'gateway.error', error: 'overloaded', retryAfterMs: 20, attempts: 0, epoch: 1 };
    const asked: number[] = [];
    rig.fakeGateways.forEach((fake, position) => {
      fake.script = ({ key }) => {
        if (key !== 'k') return stored;
        asked.push(position);
        return asked.length === 1 ? shed : stored;
      };
    });
    const heard = new Heard();
    rig.client.put('k', body(), heard, 0);
    rig.run(10);
    rig.client.put('other', body(), heard, 0);
    rig.run(100);
    expect(heard.outcomes).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
    expect(new Set(asked).size).toBe(2);
  });

  it('is unknown when the answer to its commit was lost, and visible if it was carried out', () => {
    const rig = new Rig({ client: { deadlineMs: 500, metadataTimeoutMs: 100 } });
    rig.metadata.script = (request) => {
      if (request.kind !== 'object.commit') return undefined;
      rig.metadata.serve(request);
      return 'silent';
    };
    expect(put(rig)).toMatchObject({ status: 'unknown', error: 'commit-unanswered' });
    expect(rig.eventsOf('operation')).toMatchObject([{ status: 'unknown', generation: 0 }]);
    expect(rig.eventsOf('operation')[0]?.checksum).not.toBe(0);
    expect(read(rig)).toMatchObject({ status: 'ok', result: { kind: 'object', generation: 1 } });
  });

  it('is made once though its commit is sent several times', () => {
    const rig = new Rig({ client: { metadataTimeoutMs: 50 } });
    let lost = 2;
    rig.metadata.script = (request) => {
      if (request.kind !== 'object.commit' || lost === 0) return undefined;
      lost -= 1;
      rig.metadata.serve(request);
      return 'silent';
    };
    expect(put(rig)).toMatchObject({ status: 'ok', result: { generation: 1 }, attempts: 3 });
    expect(put(rig)).toMatchObject({ status: 'ok', result: { generation: 2 } });
  });

  it('has failed when its commit reached nobody', () => {
    const rig = new Rig({ client: { deadlineMs: 300 } });
    const heard = new Heard();
    for (const node of rig.data) node.delayMs = 50;
    rig.client.put('k', body(), heard, 0);
    rig.run(20);
    rig.world.crash('metadata-1', { mode: 'process' });
    rig.run(400);
    expect(heard.outcomes).toMatchObject([{ status: 'failed', error: 'metadata-unavailable' }]);
  });

  it('has failed when metadata took it from nobody all the time', () => {
    const rig = new Rig({ client: { deadlineMs: 300 } });
    const refused: MetadataReply = { kind: 'metadata.unavailable', detail: 'the log takes no entries now' };
    rig.metadata.script = ({ kind }) => (kind === 'object.commit' ? refused : undefined);
    expect(put(rig)).toMatchObject({ status: 'failed', error: 'metadata-unavailable' });
  });

  it('is unknown when a commit is refused after an earlier one that has no answer', () => {
    const rig = new Rig({ client: { metadataTimeoutMs: 50 } });
    const refused: MetadataReply = { kind: 'metadata.bad-request', detail: 'acked: no holders' };
    let commits = 0;
    rig.metadata.script = ({ kind }) => {
      if (kind !== 'object.commit') return undefined;
      commits += 1;
      return commits === 1 ? 'silent' : refused;
    };
    expect(put(rig)).toMatchObject({ status: 'unknown', error: 'acked: no holders' });
  });

  it('stores its blocks once more when the replicas have changed hands before its commit', () => {
    const rig = new Rig();
    const refused: MetadataReply = { kind: 'metadata.bad-request', detail: 'acked: no holders' };
    let commits = 0;
    rig.metadata.script = ({ kind }) => {
      if (kind !== 'object.commit') return undefined;
      commits += 1;
      return commits === 1 ? refused : undefined;
    };
    expect(put(rig)).toMatchObject({ status: 'ok', result: { kind: 'stored' } });
    expect(rig.node(1).heard).toHaveLength(2);
    expect(rig.node(1).blocks.size).toBe(1);
    commits = -9;
    rig.metadata.script = ({ kind }) => (kind === 'object.commit' ? refused : undefined);
    expect(put(rig)).toMatchObject({ status: 'failed', error: 'acked: no holders' });
  });

  it('holds its condition, and says what it found', () => {
    const rig = new Rig();
    expect(put(rig, body(), { kind: 'if-absent' })).toMatchObject({ result: { kind: 'stored', generation: 1 } });
    rig.events.length = 0;
    expect(put(rig, body(), { kind: 'if-absent' })).toMatchObject({
      result: { kind: 'precondition-failed', generation: 1 },
    });
    expect(rig.eventsOf('operation')).toMatchObject([
      { status: 'ok', generation: 0, checksum: 0, sizeBytes: 0, condition: { kind: 'if-absent' } },
    ]);
    const condition: Condition = { kind: 'if-generation', generation: 1 };
    expect(put(rig, body(), condition)).toMatchObject({ result: { kind: 'stored', generation: 2 } });
    expect(put(rig, body(), condition)).toMatchObject({ result: { kind: 'precondition-failed', generation: 2 } });
  });

  it('waits for the first map, though not beyond its deadline', () => {
    const rig = new Rig({ client: { deadlineMs: 500 } });
    rig.metadata.script = () => 'silent';
    rig.world.crash('client-1', { mode: 'process' });
    rig.world.restart('client-1');
    const heard = new Heard();
    rig.client.put('late', body(0), heard, 0);
    rig.run(400);
    expect(heard.outcomes).toEqual([]);
    rig.run(200);
    expect(heard.outcomes).toMatchObject([{ status: 'failed', error: 'no-map' }]);
    rig.client.put('k', body(), heard, 0);
    rig.metadata.script = () => undefined;
    rig.run(10_000);
    expect(heard.outcomes).toHaveLength(2);
    expect([rig.client.open, rig.metadata.objects.has('late')]).toEqual([0, false]);
  });
});
