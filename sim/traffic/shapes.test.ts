import { describe, expect, it } from 'vitest';
import { GeneratedPlan } from './generated.ts';
import { Mix } from './mix.ts';
import type { TrafficRequest } from './request.ts';
import { generatedSchema } from './schema.ts';
import { shapeNames, shapes } from './shapes.ts';
import { drain, testStream, testStreams } from './testing.ts';

const everything = {
  ...{ get: 1, put: 1, head: 1, delete: 1, list: 1, copy: 1, getRange: 1, putIfAbsent: 1, putIfMatch: 1 },
  ...{ deleteIfMatch: 1, copyIfAbsent: 1, listFolders: 1 },
};

function planOf(mix: object, sizes: object = { kind: 'lognormal', medianBytes: 1_000, sigma: 2 }): GeneratedPlan {
  return new GeneratedPlan(generatedSchema.parse({ rate: 1_000, keys: { count: 300 }, mix, sizes }), 4_000, 7);
}

const play = (mix: object): TrafficRequest[] => drain(planOf(mix).source(testStreams('a')));
const strip = ({ atMs, op, key, sizeBytes, client }: TrafficRequest) => ({ atMs, op, key, sizeBytes, client });

describe('the shapes of requests', () => {
  it('are all named, the plain ones first: a mix of these draws what it always did', () => {
    expect([...shapeNames].sort()).toEqual(Object.keys(shapes).sort());
    expect(shapeNames.slice(0, 5)).toEqual(['get', 'put', 'head', 'delete', 'list']);
    const mix = new Mix({ list: 1, get: 3, delete: 1 });
    const draw = testStream('x');
    const expected = testStream('x');
    for (let i = 0; i < 200; i++) {
      const at = expected.next() * 5;
      expect(mix.draw(draw).op).toBe(at < 3 ? 'get' : at < 4 ? 'delete' : 'list');
    }
  });

  it('ask for no stream of their own where all are plain, so that no fingerprint moves', () => {
    const asked: string[] = [];
    const streams = testStreams('a');
    planOf({ get: 1, put: 1, head: 1, delete: 1, list: 1 }).source((purpose) => {
      asked.push(purpose);
      return streams(purpose);
    });
    expect(asked.sort()).toEqual(['arrivals', 'clients', 'hot-keys', 'keys', 'mix'].map((name) => `traffic:${name}`));
  });

  it('move no other draw: with them, the plain requests are those of a mix with plain ones in their place', () => {
    const shaped = play({ get: 2, put: 1, getRange: 3, putIfAbsent: 1 });
    const plain = play({ get: 2, put: 1, head: 3, list: 1 });
    expect(shaped).toHaveLength(plain.length);
    shaped.forEach((request, i) => {
      const other = plain[i];
      if (other === undefined) throw new Error('too short');
      expect([request.atMs, request.client]).toEqual([other.atMs, other.client]);
      if (request.detail === undefined) expect(strip(request)).toEqual(strip(other));
    });
  });

  it('give requests that can be carried out', () => {
    const plan = planOf(everything);
    const sizes = new Map([...plan.keySpace].map(({ key, sizeBytes }) => [key, sizeBytes]));
    const met = new Set<string>();
    for (const request of drain(plan.source(testStreams('a')))) {
      const { op, key, sizeBytes, detail } = request;
      met.add(`${op} ${detail?.condition ?? ''} ${detail?.range ? 'range' : ''} ${detail?.delimiter ?? ''}`);
      if (op === 'list') expect([...sizes.keys()].some((name) => name.startsWith(key))).toBe(true);
      else expect(sizes.has(key)).toBe(true);
      if (detail?.range !== undefined) {
        const { startBytes, lengthBytes } = detail.range;
        expect(startBytes).toBeGreaterThanOrEqual(0);
        expect(lengthBytes).toBeGreaterThanOrEqual(1);
        expect(startBytes + lengthBytes).toBeLessThanOrEqual(sizeBytes);
      }
      if (op === 'copy') expect(sizes.get(detail?.from ?? '')).toBe(sizeBytes);
    }
    expect(met.size).toBe(shapeNames.length);
  });

  it('ask for whole objects where there are no bytes to choose from', () => {
    const empty = planOf({ getRange: 1 }, { kind: 'fixed', bytes: 0 });
    for (const { detail } of drain(empty.source(testStreams('a')))) expect(detail?.range).toBeUndefined();
  });

  it('are told in one line', () => {
    expect(planOf({ get: 3, listFolders: 1 }).describe()).toMatch(/get 75 %, listFolders 25 %/);
  });
});
