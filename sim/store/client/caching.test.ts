import { describe, expect, it } from 'vitest';
import type { ByteRange } from '../messages/block.ts';
import { bytesOf, Rig } from '../testdata/rig.ts';
import type { ReadOptions } from './client.ts';

const MIB = 1024 * 1024;

function rigWith(client: Readonly<Record<string, unknown>>): Rig {
  const rig = new Rig({ client });
  put(rig, 'k', 'first');
  return rig;
}

const put = (rig: Rig, key: string, content: string, lengthBytes = 40) =>
  rig.perform((client, handler) =>
    client.put(key, { sizeBytes: lengthBytes, bytes: bytesOf(content, lengthBytes) }, handler, 0),
  );
const get = (rig: Rig, range?: ByteRange, options?: ReadOptions) =>
  rig.perform((client, handler) => client.get('k', range, handler, 0, options));
const head = (rig: Rig, options?: ReadOptions) =>
  rig.perform((client, handler) => client.head('k', handler, 0, options));
const content = (name: string) => ({ status: 'ok', result: { kind: 'object', body: { bytes: bytesOf(name, 40) } } });

/** Another client makes `k` what `from` is. */
const elsewhere = (rig: Rig, from: string) =>
  rig.metadata.serve({ kind: 'object.copy', key: 'k', from, condition: { kind: 'none' }, token: `other.${rig.nowMs}` });

function asked(rig: Rig, act: () => void): { lookups: number; reads: number } {
  rig.metadata.heard.length = 0;
  for (const node of rig.data) node.heard.length = 0;
  act();
  return { lookups: rig.metadata.heard.length, reads: rig.data.flatMap((node) => node.heard).length };
}

describe('a client that keeps bodies', () => {
  it('fetches no body again whose generation metadata confirms, not even one that it has put', () => {
    const rig = rigWith({ cacheBytes: MIB });
    expect(asked(rig, () => expect(get(rig)).toMatchObject(content('first')))).toEqual({ lookups: 1, reads: 0 });
    put(rig, 'other', 'second');
    elsewhere(rig, 'other');
    expect(asked(rig, () => expect(get(rig)).toMatchObject(content('second')))).toEqual({ lookups: 1, reads: 1 });
    expect(asked(rig, () => expect(get(rig)).toMatchObject(content('second')))).toEqual({ lookups: 1, reads: 0 });
  });

  it('never gives what has been overwritten or deleted elsewhere: each read asks for the generation', () => {
    const rig = rigWith({ cacheBytes: MIB });
    put(rig, 'other', 'second');
    for (let i = 0; i < 5; i++) {
      get(rig);
      elsewhere(rig, 'other');
      expect(get(rig)).toMatchObject(content('second'));
    }
    rig.metadata.serve({ kind: 'object.delete', key: 'k', condition: { kind: 'none' }, token: 'other' });
    expect(get(rig)).toMatchObject({ result: { kind: 'missing' } });
  });

  it('cuts ranges out of them as a data node would, of scale models too', () => {
    const plain = new Rig();
    const caching = new Rig({ client: { cacheBytes: MIB } });
    const model = { sizeBytes: 4_000, bytes: bytesOf('model', 32) };
    for (const rig of [plain, caching]) rig.perform((client, handler) => client.put('k', model, handler, 0));
    for (const [startBytes, lengthBytes] of [
      [0, 4_000],
      [100, 900],
      [3_999, 50],
      [1, 1],
    ] as const) {
      const range = { startBytes, lengthBytes };
      const { reads } = asked(caching, () => expect(get(caching, range)).toEqual(get(plain, range)));
      expect(reads).toBe(0);
    }
    expect(get(caching, { startBytes: 4_000, lengthBytes: 1 })).toMatchObject({ status: 'failed' });
  });

  it('tells the recorder the same as without, but for the attempts that it spared', () => {
    const [plain, caching] = [rigWith({}), rigWith({ cacheBytes: MIB })];
    const told = [plain, caching].map((rig) => {
      rig.events.length = 0;
      get(rig);
      get(rig, { startBytes: 3, lengthBytes: 4 });
      return rig.eventsOf('operation').map(({ startedMs: _, latencyMs: __, attempts: ___, ...rest }) => rest);
    });
    expect(told[0]).toHaveLength(2);
    expect(told[1]).toEqual(told[0]);
  });

  it('keeps nothing unless it is told how much', () => {
    const rig = rigWith({});
    expect(asked(rig, () => get(rig))).toEqual({ lookups: 1, reads: 1 });
    expect(asked(rig, () => get(rig))).toEqual({ lookups: 1, reads: 1 });
  });
});

describe('a read that may be old', () => {
  const old = { staleWithinMs: 500 };

  it('asks nobody while what is known is young enough, and not a moment longer', () => {
    const rig = rigWith({ cacheBytes: MIB });
    rig.run(600);
    expect(asked(rig, () => expect(get(rig, undefined, old)).toMatchObject(content('first')))).toEqual({
      lookups: 1,
      reads: 0,
    });
    put(rig, 'other', 'second');
    elsewhere(rig, 'other');
    expect(asked(rig, () => expect(get(rig, undefined, old)).toMatchObject(content('first')))).toEqual({
      lookups: 0,
      reads: 0,
    });
    expect(head(rig, old)).toMatchObject({ result: { generation: 1 } });
    expect(get(rig)).toMatchObject(content('second'));
    elsewhere(rig, 'k');
    rig.run(500);
    expect(head(rig, old)).toMatchObject({ result: { generation: 4 } });
  });

  it('sees what this client itself has written or deleted', () => {
    const rig = rigWith({ cacheBytes: MIB, staleWithinMs: 10_000 });
    put(rig, 'k', 'second');
    expect(get(rig)).toMatchObject(content('second'));
    put(rig, 'other', 'third');
    rig.perform((client, handler) => client.copy('other', 'k', handler, 0));
    expect(get(rig)).toMatchObject(content('third'));
    rig.perform((client, handler) => client.delete('k', handler, 0));
    expect(get(rig)).toMatchObject({ result: { kind: 'missing' } });
    expect(head(rig)).toMatchObject({ result: { kind: 'missing' } });
  });

  it('looks again, in earnest, when the blocks of what it remembers are gone', () => {
    const rig = rigWith({ cacheBytes: MIB, cachedBodyBytes: 0, staleWithinMs: 10_000 });
    const before = rig.metadata.objects.get('k');
    put(rig, 'other', 'second');
    elsewhere(rig, 'other');
    for (const node of rig.data) node.blocks.delete(before?.blocks[0]?.id ?? '');
    expect(get(rig)).toMatchObject(content('second'));
  });

  it('asks again without its bound when what an old answer names is gone', () => {
    const rig = rigWith({});
    for (const node of rig.data) node.blocks.clear();
    expect(get(rig, undefined, old)).toMatchObject({ status: 'failed', error: 'absent' });
    expect(rig.metadata.heard.slice(-2)).toEqual([
      { kind: 'object.lookup', key: 'k', staleWithinMs: 500 },
      { kind: 'object.lookup', key: 'k' },
    ]);
  });

  it('is told after its call has returned, though all is at hand', () => {
    const rig = rigWith({ cacheBytes: MIB, staleWithinMs: 10_000 });
    get(rig);
    let returned = false;
    const outcome = rig.perform((client, handler) => {
      client.get(
        'k',
        undefined,
        {
          onOutcome: (tag, told) => {
            expect(returned).toBe(true);
            handler.onOutcome(tag, told);
          },
        },
        0,
      );
      returned = true;
    });
    expect(outcome).toMatchObject(content('first'));
  });

  it('hands its bound to metadata where nothing is remembered here', () => {
    const rig = rigWith({});
    asked(rig, () => get(rig, undefined, old));
    expect(rig.metadata.heard).toEqual([{ kind: 'object.lookup', key: 'k', staleWithinMs: 500 }]);
    asked(rig, () => get(rig));
    expect(rig.metadata.heard).toEqual([{ kind: 'object.lookup', key: 'k' }]);
  });
});
