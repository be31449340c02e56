import { describe, expect, it } from 'vitest';
import type { Condition } from '../model.ts';
import { bytesOf, Rig } from '../testdata/rig.ts';

function stocked(options: ConstructorParameters<typeof Rig>[0] = {}): Rig {
  const rig = new Rig(options);
  for (const key of ['a', 'b']) {
    const body = { sizeBytes: 30, bytes: bytesOf(key, 30) };
    rig.perform((client, handler) => client.put(key, body, handler, 0));
  }
  rig.events.length = 0;
  return rig;
}

const copy = (rig: Rig, from: string, to: string, condition?: Condition) =>
  rig.perform((client, handler) => client.copy(from, to, handler, 0, condition));
const read = (rig: Rig, key: string) => rig.perform((client, handler) => client.get(key, undefined, handler, 0));

describe('a copy', () => {
  it('gives a key the content of another, without moving a byte, and is kept when the other goes', () => {
    const rig = stocked();
    for (const node of rig.data) node.heard.length = 0;
    expect(copy(rig, 'a', 'c')).toEqual({ status: 'ok', result: { kind: 'copied', generation: 3 }, attempts: 1 });
    expect(rig.data.flatMap(({ heard }) => heard)).toEqual([]);
    rig.perform((client, handler) => client.delete('a', handler, 0));
    expect(read(rig, 'c')).toMatchObject({ result: { generation: 3, body: { bytes: bytesOf('a', 30) } } });
    expect(rig.eventsOf('operation')[0]).toMatchObject({
      ...{ op: 'copy', key: 'c', from: 'a', status: 'ok', missing: false, generation: 3, condition: undefined },
    });
  });

  it('of what is not there is ok and missing, and changes nothing', () => {
    const rig = stocked();
    expect(copy(rig, 'x', 'a')).toMatchObject({ status: 'ok', result: { kind: 'missing' } });
    expect(rig.eventsOf('operation')).toMatchObject([{ op: 'copy', missing: true, generation: 0 }]);
    expect(read(rig, 'a')).toMatchObject({ result: { generation: 1 } });
  });

  it('holds its condition on the key that it writes', () => {
    const rig = stocked();
    expect(copy(rig, 'a', 'b', { kind: 'if-absent' })).toMatchObject({
      result: { kind: 'precondition-failed', generation: 2 },
    });
    const condition = { kind: 'if-generation', generation: 2 } as const;
    expect(copy(rig, 'a', 'b', condition)).toMatchObject({ result: { kind: 'copied', generation: 3 } });
    expect(rig.eventsOf('operation')).toMatchObject([
      { status: 'ok', generation: 0, condition: { kind: 'if-absent' } },
      { status: 'ok', generation: 3, condition },
    ]);
  });

  it('is made once, however often it is sent, and unknown if no answer comes', () => {
    const rig = stocked({ client: { metadataTimeoutMs: 50, deadlineMs: 500 } });
    let lost = 1;
    rig.metadata.script = (request) => {
      if (request.kind !== 'object.copy' || lost === 0) return undefined;
      lost -= 1;
      rig.metadata.serve(request);
      return 'silent';
    };
    expect(copy(rig, 'a', 'c')).toMatchObject({ status: 'ok', result: { generation: 3 }, attempts: 2 });
    lost = 1_000;
    expect(copy(rig, 'a', 'c')).toMatchObject({ status: 'unknown', error: 'unanswered' });
  });

  it('has failed when it reached nobody', () => {
    const rig = stocked({ client: { deadlineMs: 200 } });
    rig.world.crash('metadata-1', { mode: 'process' });
    expect(copy(rig, 'a', 'c')).toMatchObject({ status: 'failed', error: 'metadata-unavailable' });
  });
});
