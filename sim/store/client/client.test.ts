import { describe, expect, it } from 'vitest';
import type { Body } from '../../host.ts';
import { bytesOf, Heard, Rig } from '../testdata/rig.ts';
import type { StoreClient } from './client.ts';
import { InvalidRequest } from './validate.ts';

const heard = new Heard();
const some: Body = { sizeBytes: 3, bytes: new Uint8Array(3) };
const put = (key: string, body: Body) => (client: StoreClient) => client.put(key, body, heard, 0);
const range = (startBytes: number, lengthBytes: number) => (client: StoreClient) =>
  client.get('k', { startBytes, lengthBytes }, heard, 0);

describe('a client refuses before anything is sent', () => {
  const rig = new Rig();

  it.each<[string, (client: StoreClient) => void, string]>([
    ['an empty key', put('', some), 'key: found an empty text, accepted: 1 to 1024 bytes of UTF-8'],
    ['a key that is too long', put('x'.repeat(1_025), some), 'key: found 1025 bytes or more, accepted'],
    ['a key that is too long in UTF-8', put('ä'.repeat(513), some), 'key: found 1026 bytes or more'],
    ['a key with half a surrogate pair', put('k\ud800', some), 'key: found half a surrogate pair, accepted'],
    [
      'a body larger than declared',
      put('k', { ...some, sizeBytes: 2 }),
      'body.sizeBytes: found 2, accepted: a whole number from 3',
    ],
    ['half a byte', put('k', { ...some, sizeBytes: 3.5 }), 'body.sizeBytes: found 3.5'],
    ['a size that is no number', put('k', { ...some, sizeBytes: Number.NaN }), 'body.sizeBytes: found NaN'],
    [
      'an object beyond 5 TiB',
      put('k', { ...some, sizeBytes: 8_796_093_022_208 }),
      'body.sizeBytes: found 8796093022208',
    ],
    ['a negative start', range(-1, 5), 'range.startBytes: found -1, accepted: a whole number from 0'],
    ['an empty range', range(0, 0), 'range.lengthBytes: found 0, accepted: a whole number from 1'],
    ['half a range', range(0, 0.5), 'range.lengthBytes: found 0.5'],
    [
      'a generation that cannot be',
      (client) => client.delete('k', heard, 0, { kind: 'if-generation', generation: -1 }),
      'condition.generation: found -1',
    ],
    [
      'such a generation of a put',
      (client) => client.put('k', some, heard, 0, { kind: 'if-generation', generation: 1.5 }),
      'condition.generation: found 1.5',
    ],
    [
      'a limit of 0',
      (client) => client.list({ limit: 0 }, heard, 0),
      'limit: found 0, accepted: a whole number from 1 to 1000',
    ],
    ['a limit of 1001', (client) => client.list({ limit: 1_001 }, heard, 0), 'limit: found 1001'],
    [
      'a prefix that no key has',
      (client) => client.list({ prefix: 'x'.repeat(1_025) }, heard, 0),
      'prefix: found 1025 bytes',
    ],
    ['an empty key of a head', (client) => client.head('', heard, 0), 'key: found an empty text'],
  ])('%s', (_what, call, message) => {
    expect(() => call(rig.client)).toThrow(InvalidRequest);
    expect(() => call(rig.client)).toThrow(message);
    expect(rig.client.open).toBe(0);
  });

  it('and accepts the longest key', () => {
    const long = new Rig();
    expect(long.perform((client, handler) => client.put('ä'.repeat(512), some, handler, 0)).status).toBe('ok');
    expect(heard.outcomes).toEqual([]);
    expect(rig.metadata.heard).toEqual([]);
  });
});

describe('a client', () => {
  it('heads, deletes and lists', () => {
    const rig = new Rig();
    const body = { sizeBytes: 9, bytes: bytesOf('body', 9) };
    for (const key of ['a/1', 'a/2', 'b']) rig.perform((client, handler) => client.put(key, body, handler, 0));
    expect(rig.perform((client, handler) => client.head('b', handler, 0))).toMatchObject({
      result: { kind: 'version', generation: 3, sizeBytes: 9 },
    });
    expect(rig.perform((client, handler) => client.list({ prefix: 'a/' }, handler, 0))).toMatchObject({
      result: { kind: 'page', entries: [{ key: 'a/1' }, { key: 'a/2' }] },
    });
    rig.events.length = 0;
    const stale = { kind: 'if-generation', generation: 1 } as const;
    expect(rig.perform((client, handler) => client.delete('b', handler, 0, stale))).toMatchObject({
      result: { kind: 'precondition-failed', generation: 3 },
    });
    expect(rig.eventsOf('operation')).toMatchObject([{ op: 'delete', status: 'ok', generation: 0 }]);
    expect(rig.perform((client, handler) => client.delete('b', handler, 0))).toMatchObject({
      result: { kind: 'deleted', generation: 4, existed: true },
    });
    expect(rig.perform((client, handler) => client.head('b', handler, 0))).toMatchObject({
      result: { kind: 'missing' },
    });
  });

  it('leaves a delete unknown whose answer was lost; a read it has failed', () => {
    const rig = new Rig({ client: { deadlineMs: 200 } });
    rig.metadata.script = () => 'silent';
    expect(rig.perform((client, handler) => client.delete('k', handler, 0))).toMatchObject({ status: 'unknown' });
    expect(rig.perform((client, handler) => client.head('k', handler, 0))).toMatchObject({ status: 'failed' });
    rig.world.crash('metadata-1', { mode: 'process' });
    expect(rig.perform((client, handler) => client.delete('k', handler, 0))).toMatchObject({
      status: 'failed',
      error: 'metadata-unavailable',
    });
  });

  it('never makes more retries than its budget allows', () => {
    const rig = new Rig({ fakeGateways: true, client: { retryBudget: { ratio: 0.1, burst: 5 }, deadlineMs: 60_000 } });
    const [fake] = rig.fakeGateways;
    if (fake === undefined) throw new Error('no gateway');
    fake.script = () => ({ kind: 'gateway.error', error: 'bad-gateway', attempts: 1, epoch: 1 });
    for (let i = 0; i < 100; i++) rig.perform((client, handler) => client.put('k', some, handler, 0));
    expect(fake.heard.length).toBeGreaterThan(105);
    expect(fake.heard.length).toBeLessThanOrEqual(115);
  });

  it('goes on by the gateways that are there when one has crashed', () => {
    const rig = new Rig({ gateways: 3 });
    rig.perform((client, handler) => client.put('k', some, handler, 0));
    rig.world.crash('gateway-2', { mode: 'process' });
    rig.events.length = 0;
    for (let i = 0; i < 60; i++) rig.perform((client, handler) => client.get('k', undefined, handler, 0));
    const operations = rig.eventsOf('operation');
    expect(operations.every(({ status }) => status === 'ok')).toBe(true);
    expect(operations.filter(({ attempts }) => attempts > 1)).toHaveLength(1);
  });

  it('answers requests, which it does not serve, as malformed', () => {
    const rig = new Rig();
    const answer = rig.send(
      { kind: 'gateway.get', key: 'k', block: { id: 'b', partition: 0, sizeBytes: 1, checksum: 0 }, epoch: 1 },
      100,
      'client-1',
    );
    rig.run(10);
    expect(answer.reply).toMatchObject({ error: 'bad-request' });
  });

  it('makes ids that are unique over its incarnations', () => {
    const rig = new Rig();
    const first = rig.client.nextId();
    rig.world.crash('client-1', { mode: 'process' });
    rig.world.restart('client-1');
    expect(first).toBe('client-1.1.1');
    expect(rig.client.nextId()).toBe('client-1.2.1');
  });
});
