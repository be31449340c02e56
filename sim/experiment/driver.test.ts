import { describe, expect, it } from 'vitest';
import { Rig } from '../store/testdata/rig.ts';
import type { TrafficRequest } from '../traffic/request.ts';
import { TrafficDriver } from './driver.ts';

/** Plays requests, 100 ms apart, on one client among scripted metadata and data nodes. */
function play(rig: Rig, requests: readonly Omit<TrafficRequest, 'atMs' | 'client' | 'sizeBytes'>[]): TrafficDriver {
  const rest = requests.map((request, i) => ({ ...request, atMs: i * 100, client: i, sizeBytes: 40 }));
  const driver = new TrafficDriver(rig.kernel, [rig.client], { next: () => rest.shift() }, rig.nowMs);
  driver.start();
  rig.run(requests.length * 100 + 50);
  return driver;
}

const operations = (rig: Rig) =>
  rig
    .eventsOf('operation')
    .map(({ op, key, status, generation, sizeBytes }) => ({ op, key, status, generation, sizeBytes }));

describe('the driver of traffic', () => {
  it('asks for ranges and copies, and has heard of all that it sent', () => {
    const rig = new Rig();
    const driver = play(rig, [
      { op: 'put', key: 'a' },
      { op: 'get', key: 'a', detail: { range: { startBytes: 3, lengthBytes: 5 } } },
      { op: 'copy', key: 'b', detail: { from: 'a' } },
      { op: 'get', key: 'b' },
    ]);
    expect(operations(rig)).toMatchObject([
      { op: 'put', key: 'a', status: 'ok', generation: 1 },
      { op: 'get', key: 'a', status: 'ok', generation: 1, sizeBytes: 5 },
      { op: 'copy', key: 'b', status: 'ok', generation: 2 },
      { op: 'get', key: 'b', status: 'ok', generation: 2, sizeBytes: 40 },
    ]);
    expect([driver.sent, driver.answered, [...driver.openWrites]]).toEqual([4, 4, []]);
  });

  it('writes over the version that it knows: one that a write or a refusal has told', () => {
    const rig = new Rig();
    const match = { condition: 'if-match' } as const;
    play(rig, [
      { op: 'put', key: 'a' },
      // Nothing is known yet: refused, which tells the generation.
      { op: 'put', key: 'a', detail: match },
      { op: 'put', key: 'a', detail: match },
      { op: 'delete', key: 'a', detail: match },
      // Deleted, so known to be absent.
      { op: 'put', key: 'a', detail: match },
      { op: 'put', key: 'a', detail: { condition: 'if-absent' } },
    ]);
    expect(rig.eventsOf('operation').map(({ generation, condition }) => [generation, condition])).toEqual([
      [1, undefined],
      [0, { kind: 'if-absent' }],
      [2, { kind: 'if-generation', generation: 1 }],
      [3, { kind: 'if-generation', generation: 2 }],
      [4, { kind: 'if-absent' }],
      [0, { kind: 'if-absent' }],
    ]);
  });

  it('lists folders to the end, each page a request that was sent and answered', () => {
    const rig = new Rig();
    for (let i = 0; i < 250; i++) {
      const body = { sizeBytes: 0, bytes: new Uint8Array(0) };
      rig.perform((client, handler) => client.put(`o/${String(i).padStart(3, '0')}/x`, body, handler, 0));
    }
    rig.events.length = 0;
    const driver = play(rig, [
      { op: 'list', key: 'o/', detail: { delimiter: '/' } },
      { op: 'list', key: 'o/' },
    ]);
    const listings = rig.eventsOf('operation').map(({ listing }) => listing);
    expect(listings.map((one) => [one?.prefixes.length, one?.entries.length, one?.more])).toEqual([
      [100, 0, true],
      [100, 0, true],
      [50, 0, false],
      [0, 100, true],
    ]);
    expect([driver.sent, driver.answered]).toEqual([4, 4]);
  });

  it('keeps what a write was to be until it is answered', () => {
    const rig = new Rig();
    rig.metadata.script = () => 'silent';
    const driver = play(rig, [
      { op: 'copy', key: 'b', detail: { from: 'a', condition: 'if-absent' } },
      { op: 'delete', key: 'c' },
    ]);
    expect([...driver.openWrites]).toMatchObject([
      { op: 'copy', key: 'b', from: 'a', condition: { kind: 'if-absent' } },
      { op: 'delete', key: 'c', condition: undefined },
    ]);
  });
});
