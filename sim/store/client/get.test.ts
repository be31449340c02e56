import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../hash.ts';
import type { ByteRange } from '../messages/block.ts';
import type { GatewayReply } from '../messages/gateway.ts';
import { bytesOf, Heard, Rig } from '../testdata/rig.ts';

const whole = (rig: Rig, key = 'k') => rig.perform((client, handler) => client.get(key, undefined, handler, 0));
const ranged = (rig: Rig, range: ByteRange) => rig.perform((client, handler) => client.get('k', range, handler, 0));

function stored(lengthBytes: number, options: ConstructorParameters<typeof Rig>[0] = {}): Rig {
  const rig = new Rig(options);
  overwrite(rig, lengthBytes);
  rig.events.length = 0;
  return rig;
}

function overwrite(rig: Rig, lengthBytes: number, name = 'body'): void {
  const body = { sizeBytes: lengthBytes, bytes: bytesOf(name, lengthBytes) };
  expect(rig.perform((client, handler) => client.put('k', body, handler, 0)).status).toBe('ok');
}

describe('a get', () => {
  it('of a key that is not there is ok and missing', () => {
    const rig = new Rig();
    expect(whole(rig)).toEqual({ status: 'ok', result: { kind: 'missing' }, attempts: 1 });
    expect(rig.eventsOf('operation')).toMatchObject([{ op: 'get', status: 'ok', missing: true, generation: 0 }]);
  });

  it('of any range is that slice of the object, cut at its end, over however many blocks', () => {
    const cases = fc.record({
      blockBytes: fc.integer({ min: 1, max: 60 }),
      startBytes: fc.integer({ min: 0, max: 99 }),
      lengthBytes: fc.integer({ min: 1, max: 150 }),
    });
    fc.assert(
      fc.property(cases, ({ blockBytes, ...range }) => {
        const rig = stored(100, { client: { blockBytes } });
        const bytes = bytesOf('body', 100).subarray(range.startBytes, range.startBytes + range.lengthBytes);
        expect(ranged(rig, range)).toMatchObject({
          result: { kind: 'object', body: { sizeBytes: bytes.length, bytes } },
        });
      }),
      { seed: 1, numRuns: 80 },
    );
  });

  it('of a range asks only for what the range touches', () => {
    const rig = stored(100, { client: { blockBytes: 10 } });
    for (const node of rig.data) node.heard.length = 0;
    ranged(rig, { startBytes: 25, lengthBytes: 20 });
    const asked = rig.data.flatMap(({ heard }) => heard.map((read) => (read.kind === 'block.read' ? read.range : 0)));
    expect(asked).toHaveLength(3);
    expect(asked).toContainEqual({ startBytes: 5, lengthBytes: 5 });
    expect(asked).toContainEqual(undefined);
    expect(asked).toContainEqual({ startBytes: 0, lengthBytes: 5 });
  });

  it.each([0, 30])('of a range beyond the end of an object of %i bytes fails and says so', (size) => {
    expect(ranged(stored(size), { startBytes: size, lengthBytes: 5 })).toMatchObject({
      status: 'failed',
      error: `range.startBytes: found ${size}, accepted: less than ${size}, the object's size`,
    });
  });

  it('tells the recorder the checksum of whole objects only', () => {
    const rig = stored(30);
    whole(rig);
    ranged(rig, { startBytes: 1, lengthBytes: 5 });
    const [all, part] = rig.eventsOf('operation');
    expect(all?.checksum).not.toBe(0);
    expect(part).toMatchObject({ checksum: 0, sizeBytes: 5, generation: 1 });
  });

  it('looks again when an overwrite has collected the blocks of the version it was told of', () => {
    const rig = stored(30);
    const old = rig.metadata.objects.get('k');
    overwrite(rig, 40, 'newer');
    const newer = rig.metadata.objects.get('k');
    if (old === undefined || newer === undefined) throw new Error('nothing was stored');
    for (const node of rig.data) for (const { id } of old.blocks) node.blocks.delete(id);
    let lookups = 0;
    rig.metadata.script = ({ kind }) => {
      if (kind !== 'object.lookup') return undefined;
      lookups += 1;
      return { kind: 'object.found', version: lookups === 1 ? old : newer };
    };
    expect(whole(rig)).toMatchObject({
      status: 'ok',
      result: { generation: 2, body: { bytes: bytesOf('newer', 40) } },
    });
  });

  it('fails when no replica has a block and the version is still the newest', () => {
    const rig = stored(30);
    for (const node of rig.data) node.blocks.clear();
    rig.metadata.heard.length = 0;
    expect(whole(rig)).toMatchObject({ status: 'failed', error: 'absent' });
    expect(rig.metadata.heardKinds()).toEqual(['object.lookup', 'object.lookup']);
  });

  it.each([
    ['corrupt', (bytes: Uint8Array) => ({ sizeBytes: bytes.length, bytes: bytes.map((byte) => byte ^ 1) })],
    ['wrong-size', (bytes: Uint8Array) => ({ sizeBytes: 7, bytes: bytes.subarray(0, 7) })],
  ])('never returns a %s body, and asks again', (fault, damage) => {
    const rig = new Rig({ fakeGateways: true });
    const bytes = bytesOf('body', 30);
    let corrupt = 1;
    const [fake] = rig.fakeGateways;
    if (fake === undefined) throw new Error('no gateway');
    const block = { id: 'b', partition: 0, sizeBytes: 30, checksum: 0 };
    fake.script = (request): GatewayReply => {
      if (request.kind === 'gateway.put') {
        block.checksum = request.block.checksum;
        return { kind: 'gateway.stored', acked: ['data-1', 'data-2'], epoch: 1, attempts: 3 };
      }
      corrupt -= 1;
      const body = corrupt >= 0 ? damage(bytes) : { sizeBytes: 30, bytes };
      return { kind: 'gateway.data', body, checksum: block.checksum, served: 'data-1', attempts: 1, epoch: 1 };
    };
    overwrite(rig, 30);
    expect(whole(rig)).toMatchObject({ status: 'ok', attempts: 2, result: { body: { bytes } } });
    corrupt = 10;
    expect(whole(rig)).toMatchObject({ status: 'failed', error: fault, attempts: 3 });
  });

  it('trusts the checksum that metadata knows, not the one that comes with the body', () => {
    const rig = stored(30);
    const other = bytesOf('other', 30);
    const checksum = crc32c(other);
    const lie = { kind: 'block.data', body: { sizeBytes: 30, bytes: other }, checksum, generation: 1 } as const;
    for (const node of rig.data) node.script = () => lie;
    expect(whole(rig)).toMatchObject({ status: 'failed', error: 'corrupt' });
  });

  it('ends by its deadline, whatever it is told to wait for', () => {
    const rig = new Rig({ fakeGateways: true, client: { deadlineMs: 200, backoffMs: 1 } });
    const [fake] = rig.fakeGateways;
    if (fake === undefined) throw new Error('no gateway');
    fake.script = () => ({ kind: 'gateway.stored', acked: ['data-1', 'data-2'], epoch: 1, attempts: 3 });
    overwrite(rig, 30);
    fake.script = () => ({ kind: 'gateway.error', error: 'overloaded', retryAfterMs: 150, attempts: 0, epoch: 1 });
    const startedMs = rig.nowMs;
    expect(whole(rig)).toMatchObject({ status: 'failed', error: 'overloaded', attempts: 2 });
    expect(rig.nowMs - startedMs).toBeLessThan(200);
    fake.script = () => 'silent';
    const silentMs = rig.nowMs;
    expect(whole(rig)).toMatchObject({ status: 'failed', error: 'timeout' });
    expect(rig.nowMs - silentMs).toBe(200);
  });

  it('hands its deadline down to gateway and data node', () => {
    const rig = stored(30, { client: { deadlineMs: 70 } });
    for (const node of rig.data) node.deadlinesMs.length = 0;
    const startedMs = rig.nowMs;
    whole(rig);
    expect(rig.data.flatMap(({ deadlinesMs }) => deadlinesMs)).toEqual([startedMs + 70]);
  });

  it('is told of its end once, and never before its call has returned', () => {
    const rig = new Rig({ gateways: 2 });
    for (let i = 0; i < 40; i++) {
      const heard = new Heard();
      rig.client.get('k', undefined, heard, 0);
      expect(heard.outcomes).toEqual([]);
      if (i === 20) rig.world.crash('metadata-1', { mode: 'process' });
      if (i === 30) rig.world.restart('metadata-1');
      rig.run(300);
    }
    rig.run(10_000);
    expect(rig.eventsOf('operation')).toHaveLength(40);
    expect(rig.client.open).toBe(0);
  });
});
